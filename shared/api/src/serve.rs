//! A function's whole life: logs, runtime, client, then events until Lambda ends it.

use std::process::ExitCode;

use axum::Router;
use domain::Resource;
use lambda_http::{LambdaEvent, lambda_runtime, service_fn};
use serde_json::value::RawValue;
use store::Store;
use tracing_subscriber::{
    Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{
    App, Function,
    log::{chain, quiet_panics},
};

/// Serves the routes of `resource` to Lambda.
#[must_use]
pub fn serve(resource: &'static Resource, routes: Router<App>) -> ExitCode {
    start_logging();
    quiet_panics();
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

async fn run(resource: &'static Resource, routes: Router<App>) -> Result<(), lambda_runtime::Error> {
    let store = Store::from_environment().await;
    if let Err(error) = store.warm_up(resource.table).await {
        // The first request will say so again; until then DynamoDB may be back.
        tracing::warn!(error = chain(&error), "could not warm up");
    }
    let function = Function::new(store, routes);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| function.invoke(event))).await
}

fn start_logging() {
    let ours = Targets::new()
        .with_default(tracing::Level::WARN)
        .with_targets(["api", "store"].map(|target| (target, tracing::Level::INFO)));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false);
    tracing_subscriber::registry().with(lines.with_filter(ours)).init();
}

fn stop(error: &dyn std::fmt::Display) -> ExitCode {
    tracing::error!(error = %error, "stopped");
    ExitCode::FAILURE
}
