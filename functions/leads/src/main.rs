//! The Lambda binary of `/v1/leads`.

fn main() -> std::process::ExitCode {
    api::serve(&domain::catalogue::LEADS, leads::routes())
}
