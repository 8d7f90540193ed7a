//! The process of a resource's function: it makes the client, then handles events until Lambda ends it.

use std::{panic::resume_unwind, process::ExitCode};

use axum::Router;
use domain::{Resource, chain};
use lambda_http::{LambdaEvent, lambda_runtime, service_fn};
use serde_json::value::RawValue;
use store::Store;
use tokio::task::JoinError;

use crate::{App, Function};

/// Serves routes to Lambda. Those of a resource have the connection to its table warmed up.
#[must_use]
pub fn serve(resource: Option<&'static Resource>, routes: Router<App>) -> ExitCode {
    runtime::run(run(resource, routes))
}

async fn run(resource: Option<&'static Resource>, routes: Router<App>) -> Result<(), lambda_runtime::Error> {
    let store = Store::from_environment().await?;
    if let Some(resource) = resource
        && let Err(error) = store.warm_up(resource.table).await
    {
        // The first request asks again; until then DynamoDB may be back.
        let error = chain(&error);
        tracing::warn!(error, "warm_up_failed");
    }
    let function = Function::new(store, routes);
    let serving = lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let function = function.clone();
        async move { function.invoke(event).await }
    }));
    // `block_on` polls the sockets before it resumes its future; a task is resumed at once.
    match tokio::spawn(serving).await.map_err(JoinError::try_into_panic) {
        Ok(ended) => ended,
        Err(Ok(panic)) => resume_unwind(panic),
        Err(Err(stopped)) => Err(stopped.into()),
    }
}
