//! The Lambda binary of the deliveries queues.

fn main() -> std::process::ExitCode {
    runtime::run(deliver::serve())
}
