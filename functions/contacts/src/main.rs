//! The Lambda binary of `/v1/contacts`.

fn main() -> std::process::ExitCode {
    api::serve(Some(&domain::catalogue::CONTACTS), contacts::routes())
}
