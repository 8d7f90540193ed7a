//! A function's whole life: logs, runtime, client, then events until Lambda ends it.

use std::process::ExitCode;

use axum::Router;
use domain::{Resource, chain};
use lambda_http::{LambdaEvent, lambda_runtime, service_fn};
use serde_json::value::RawValue;
use store::Store;
use tracing::Level;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::{App, Function, log};

/// Serves routes to Lambda: those of a resource, or none that needs what is stored.
#[must_use]
pub fn serve(resource: Option<&'static Resource>, routes: Router<App>) -> ExitCode {
    log::json_lines(std::io::stdout, log_level()).init();
    log::quiet_panics();
    // A function answers one request at a time: more threads would only cost start-up time.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return stop(&error),
    };
    match runtime.block_on(run(resource, routes)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => stop(&error),
    }
}

/// What Lambda was told as the function's `ApplicationLogLevel`.
fn log_level() -> Level {
    std::env::var("AWS_LAMBDA_LOG_LEVEL").ok().and_then(|level| level.parse().ok()).unwrap_or(Level::INFO)
}

async fn run(resource: Option<&'static Resource>, routes: Router<App>) -> Result<(), lambda_runtime::Error> {
    let store = Store::from_environment().await;
    if let Some(resource) = resource
        && let Err(error) = store.warm_up(resource.table).await
    {
        // The first request will say so again; until then DynamoDB may be back.
        let error = chain(&error);
        tracing::warn!(error, "could not warm up");
    }
    let function = Function::new(store, routes);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| function.invoke(event))).await
}

fn stop(error: &dyn std::fmt::Display) -> ExitCode {
    tracing::error!(error = %error, "stopped");
    ExitCode::FAILURE
}
