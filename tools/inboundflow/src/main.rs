//! The `inboundflow` command.

use std::process::ExitCode;

use inboundflow::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match inboundflow::run(Cli::read()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            inboundflow::complain(&error);
            ExitCode::FAILURE
        }
    }
}
