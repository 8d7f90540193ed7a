//! The Lambda binary of the tables' streams and of the sweep.

fn main() -> std::process::ExitCode {
    runtime::run(fanout::serve())
}
