//! The Lambda binary of `/v1/calls`.

fn main() -> std::process::ExitCode {
    api::serve(Some(&domain::catalogue::CALLS), calls::routes())
}
