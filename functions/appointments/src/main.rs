//! The Lambda binary of `/v1/appointments`.

fn main() -> std::process::ExitCode {
    api::serve(Some(&domain::catalogue::APPOINTMENTS), appointments::routes())
}
