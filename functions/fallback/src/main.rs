//! The Lambda binary of every path that no resource owns.

fn main() -> std::process::ExitCode {
    api::serve(None, fallback::routes())
}
