//! The `inboundflow` command.

use std::process::ExitCode;

use clap::Parser as _;
use inboundflow::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match inboundflow::run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
