//! The command line of InboundFlow: runs the API on a laptop, asks a deployment of it, and looks after its data.

mod check;
pub mod cli;
mod consumer;
mod dead_letters;
mod demo;
mod deployment;
mod dev;
mod document;
mod documentation;
mod explain;
pub mod import;
pub mod ingest;
mod interrupt;
mod keys;
mod lines;
mod orgs;
mod output;
mod plan;
mod print;
mod records;
mod webhooks;

pub use deployment::Deployment;

use clap::CommandFactory as _;
use tracing::Level;
use tracing_subscriber::filter::Targets;

/// Carries out what the command line asks.
///
/// # Errors
/// What went wrong, in one sentence with the way out.
pub async fn run(cli: cli::Cli) -> anyhow::Result<()> {
    let deployment = Deployment { endpoint_url: cli.endpoint_url, table_prefix: cli.table_prefix };
    if !matches!(cli.command, cli::Command::Dev(_)) {
        output::start_logging(Targets::new().with_target("store", Level::ERROR));
    }
    match cli.command {
        cli::Command::Dev(options) => dev::run(options, deployment).await,
        cli::Command::Consumer(command) => consumer::run(command).await,
        cli::Command::Orgs { command } => orgs::run(command, &deployment.open().await).await,
        cli::Command::Keys { command } => keys::run(command, &deployment).await,
        cli::Command::Webhooks { command } => webhooks::run(command, &deployment).await,
        cli::Command::DeadLetters { command } => dead_letters::run(command, &deployment.table_prefix).await,
        cli::Command::Records { command } => records::run(command, &deployment.open().await).await,
        cli::Command::Import(options) => import::run(options, deployment.open().await).await,
        cli::Command::Ingest(options) => ingest::run(options, &deployment).await,
        cli::Command::Check(options) => check::run(options).await,
        cli::Command::Openapi(options) => document::run(&options),
        cli::Command::Docs { command } => documentation::run(&command),
        cli::Command::Demo(options) => demo::print(&options),
        cli::Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut cli::Cli::command(), "inboundflow", &mut script);
            output::line(String::from_utf8(script)?.trim_end())
        }
    }
}

/// Prints an error on stderr.
pub fn complain(error: &anyhow::Error) {
    output::note(&format!("error: {error:#}"));
}
