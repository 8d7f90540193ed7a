//! The Lambda binary of the voice events' queue.

fn main() -> std::process::ExitCode {
    runtime::run(ingest::serve())
}
