//! The Lambda binary of the tables' streams.

fn main() -> std::process::ExitCode {
    runtime::run(fanout::serve())
}
