//! The Lambda binary of `/v1/events`.

fn main() -> std::process::ExitCode {
    api::serve(Some(&domain::catalogue::EVENTS), events::routes())
}
