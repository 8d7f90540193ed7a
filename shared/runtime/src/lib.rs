//! A function's process: its log, its panics, and the one thread that it runs on.

mod log;

pub use log::{json_lines, quiet_panics};

use std::process::ExitCode;

use tracing::Level;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Runs a function until Lambda ends it.
#[must_use]
pub fn run<E: std::fmt::Display>(function: impl Future<Output = Result<(), E>>) -> ExitCode {
    json_lines(std::io::stdout, log_level()).init();
    quiet_panics();
    // A function answers one event at a time: more threads would only cost start-up time.
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => match runtime.block_on(function) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => stop(&error),
        },
        Err(error) => stop(&error),
    }
}

/// The log level that Lambda sets from the function's `ApplicationLogLevel`.
fn log_level() -> Level {
    std::env::var("AWS_LAMBDA_LOG_LEVEL").ok().and_then(|level| level.parse().ok()).unwrap_or(Level::INFO)
}

fn stop(error: &dyn std::fmt::Display) -> ExitCode {
    tracing::error!(error = %error, "function_stopped");
    ExitCode::FAILURE
}
