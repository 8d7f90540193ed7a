//! The Lambda binary of `/v1/contacts`.

fn main() -> std::process::ExitCode {
    api::serve(&domain::catalogue::CONTACTS, contacts::routes())
}
