//! The local gateway: HTTP in, REST proxy events to the functions, their answers back.
#![expect(clippy::disallowed_types, reason = "it stands before the functions, where requests are whole")]

use std::{
    io::{Write as _, stderr},
    sync::Arc,
    time::Instant,
};

use anyhow::Context as _;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{MatchedPath, RawPathParams, Request, rejection::RawPathParamsRejection},
    http::{HeaderName, Response, StatusCode},
    routing::any,
};
use domain::catalogue;
use futures_util::StreamExt as _;
use lambda_http::{Context, LambdaEvent};
use serde_json::value::to_raw_value;
use store::Store;
use uuid::Uuid;

use super::{
    event::{self, Routed},
    functions,
};

/// What API Gateway takes. More is cut here, which every function refuses as too large.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The gateway's routes, from the catalogue; what no resource owns goes to a function without any.
pub fn router(store: &Store, show_requests: bool) -> Router {
    let mut router = Router::new();
    for resource in catalogue::ALL {
        let function = Arc::new(api::Function::new(store.clone(), functions::routes(resource)));
        for route in resource.routes {
            let function = function.clone();
            // Parts of a path that are no UTF-8 are the function's to refuse.
            let handler = move |path: MatchedPath,
                                parameters: Result<RawPathParams, RawPathParamsRejection>,
                                request: Request| async move {
                let parameters =
                    parameters.iter().flatten().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
                answer(&function, path.as_str(), parameters, request, show_requests).await
            };
            router = router.route(route.path, any(handler));
        }
    }
    let fallback = Arc::new(api::Function::new(store.clone(), Router::new()));
    router.fallback(move |request: Request| async move {
        answer(&fallback, "/{proxy+}", Vec::new(), request, show_requests).await
    })
}

async fn answer(
    function: &api::Function,
    resource: &str,
    path_parameters: Vec<(String, String)>,
    request: Request,
    show: bool,
) -> Response<Body> {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = invoke(function, resource, path_parameters, request).await.unwrap_or_else(|error| {
        tracing::error!(error = format!("{error:#}"), "the local gateway failed");
        let mut response = Response::new(Body::from("the local gateway failed: see its output\n"));
        *response.status_mut() = StatusCode::BAD_GATEWAY;
        response
    });
    if show {
        let status = response.status().as_u16();
        let ms = started.elapsed().as_secs_f64() * 1000.0;
        let id = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or("-");
        // Whoever read this may have gone; that is no reason to stop.
        let _ = writeln!(stderr(), "{method:<6} {path}  {status}  {ms:.1} ms  {id}");
    }
    response
}

async fn invoke(
    function: &api::Function,
    resource: &str,
    path_parameters: Vec<(String, String)>,
    request: Request,
) -> anyhow::Result<Response<Body>> {
    let (parts, body) = request.into_parts();
    let body = read_body(body).await.ok();
    let routed = Routed { resource, path_parameters, request_id: Uuid::new_v4() };
    let event = to_raw_value(&event::from_http(&parts, body.as_deref(), &routed))?;
    let Ok(answer) = function.invoke(LambdaEvent::new(event, Context::default())).await;
    event::into_http(&serde_json::to_string(&answer)?).context("the function's answer is no gateway answer")
}

async fn read_body(body: Body) -> Result<Bytes, axum::Error> {
    let mut read = Vec::new();
    let mut stream = body.into_data_stream();
    while let Some(piece) = stream.next().await {
        read.extend_from_slice(&piece?);
        if read.len() > MAX_BODY_BYTES {
            read.truncate(MAX_BODY_BYTES);
            break;
        }
    }
    Ok(read.into())
}
