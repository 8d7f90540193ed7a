//! The `inboundflow` command.

use std::{io::Write as _, process::ExitCode};

use inboundflow::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match inboundflow::run(Cli::read()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
