//! The Lambda binary of the documentation.

fn main() -> std::process::ExitCode {
    api::serve(None, docs::routes())
}
