//! The Lambda binary of `/v1/leads`.

fn main() -> std::process::ExitCode {
    api::serve(Some(&domain::catalogue::LEADS), leads::routes())
}
