//! The local gateway, which turns HTTP requests into REST proxy events for the functions, and their responses into HTTP. Its
//! routes, functions, authorizer, usage plans and gateway responses are those of `template.yaml`.
#![expect(clippy::disallowed_types, reason = "it stands before the functions, where requests are whole")]

mod encoding;
mod event;
mod response;
mod usage_plan;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{RawPathParams, Request, rejection::RawPathParamsRejection},
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
    response::IntoResponse as _,
    routing::any,
};
use domain::Timestamp;
use futures_util::StreamExt as _;
use lambda_runtime::{Context as LambdaContext, LambdaEvent};
use serde_json::{Value, value::to_raw_value};
use store::Store;
use uuid::Uuid;

use crate::{
    functions::{self, Authorizer},
    stack::{GatewayResponse, Stack},
};
use encoding::{Unread, inflated};
use event::Routed;
use usage_plan::Plans;

/// What API Gateway takes.
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;
/// What Lambda takes: the event that the body is in.
const MAX_EVENT_BYTES: usize = 6 * 1024 * 1024;
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

struct Gateway {
    /// The functions by name, each with its timeout.
    functions: BTreeMap<String, (Arc<api::Function>, Duration)>,
    authorizer: Authorizer,
    plans: Plans,
    responses: HashMap<String, GatewayResponse>,
    show: Option<ShowRequest>,
}

/// What shows a line about a request that was answered.
pub type ShowRequest = fn(&str);

/// The type of a gateway response to a request that goes no further: one of [`RESPONSE_TYPES`].
type ResponseType = &'static str;
const NO_SUCH_PATH: ResponseType = "MISSING_AUTHENTICATION_TOKEN";
const AUTHORIZER_FAILED: ResponseType = "AUTHORIZER_FAILURE";
const THROTTLED: ResponseType = "THROTTLED";
const TOO_LARGE: ResponseType = "REQUEST_TOO_LARGE";
const UNREADABLE_CODING: ResponseType = "UNSUPPORTED_MEDIA_TYPE";
const FUNCTION_FAILED: ResponseType = "DEFAULT_5XX";
const RESPONSE_TYPES: [ResponseType; 6] =
    [NO_SUCH_PATH, AUTHORIZER_FAILED, THROTTLED, TOO_LARGE, UNREADABLE_CODING, FUNCTION_FAILED];

/// The stack's routes, over the DynamoDB of `store`. Each request is shown by `show`, if that is given.
///
/// # Errors
/// When the stack has a function that is not built into this command, or one whose environment lacks
/// something.
pub fn router(stack: &Stack, store: &Store, show: Option<ShowRequest>) -> Result<Router> {
    let gateway = Arc::new(Gateway {
        functions: functions::answering(stack, store)?,
        authorizer: Authorizer::new(stack)?,
        plans: Plans::new(stack),
        responses: stack.responses.clone(),
        show,
    });
    for kind in RESPONSE_TYPES {
        ensure!(gateway.responses.contains_key(kind), "the template has no gateway response {kind}");
    }
    let mut router = Router::new();
    for route in stack.routes.clone() {
        let gateway = gateway.clone();
        let path = route.path.replace("{proxy+}", "{*proxy}");
        // Parts of a path that are no UTF-8 are the function's to refuse.
        let handler = move |parameters: Result<RawPathParams, RawPathParamsRejection>, request: Request| async move {
            let parameters = parameters.iter().flatten().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
            gateway.serve(Some((&route.path, &route.function)), parameters, request).await
        };
        router = router.route(&path, any(handler));
    }
    Ok(router.fallback(move |request: Request| async move { gateway.serve(None, Vec::new(), request).await }))
}

impl Gateway {
    async fn serve(
        &self,
        route: Option<(&str, &str)>,
        path_parameters: Vec<(String, String)>,
        request: Request,
    ) -> Response<Body> {
        let started = Instant::now();
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let (resource, function) = route.unzip();
        let routed = Routed {
            resource: resource.unwrap_or_default(),
            path_parameters,
            request_id: Uuid::new_v4(),
            at: Timestamp::now(),
        };
        let mut response = self.answer(function, &routed, request).await;
        sort(response.headers_mut());
        if let Some(show) = self.show {
            let status = response.status().as_u16();
            let ms = started.elapsed().as_secs_f64() * 1000.0;
            let id = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or("-");
            show(&format!("{method:<6} {path}  {status}  {ms:.1} ms  {id}"));
        }
        response
    }

    async fn answer(&self, function: Option<&str>, routed: &Routed<'_>, request: Request) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        let mut body = read_body(body).await.ok();
        if body.as_ref().is_some_and(|body| body.len() > MAX_BODY_BYTES) {
            return too_large();
        }
        let coding = body.as_mut().map_or(Ok(()), |body| inflated(&mut parts.headers, body, MAX_BODY_BYTES));
        if matches!(coding, Err(Unread::TooLarge)) {
            return too_large();
        }
        let mut event = event::from_http(&parts, body.as_deref(), routed);
        let answered = match function.and_then(|name| self.functions.get(name)) {
            None => Err(NO_SUCH_PATH),
            Some((function, timeout)) => match self.authorize(&mut event) {
                Err(kind) => Err(kind),
                Ok(()) if coding.is_err() => Err(UNREADABLE_CODING),
                Ok(()) => invoke(function, *timeout, &event).await,
            },
        };
        answered.unwrap_or_else(|kind| self.refuse(kind, &event["requestContext"]))
    }

    /// Asks the authorizer who calls, and the usage plan whether the caller's bucket has a token.
    fn authorize(&self, event: &mut Value) -> Result<(), ResponseType> {
        let identified = self.authorizer.answer(event::for_authorizer(event)).map_err(|error| {
            tracing::error!(error = format!("{error:#}"), "authorizer_failed");
            AUTHORIZER_FAILED
        })?;
        let key = identified["usageIdentifierKey"].as_str().unwrap_or_default();
        event["requestContext"]["authorizer"] = identified["context"].clone();
        event["requestContext"]["authorizer"]["principalId"] = identified["principalId"].clone();
        event["requestContext"]["identity"]["apiKey"] = key.into();
        if self.plans.admit(key, Instant::now()) { Ok(()) } else { Err(THROTTLED) }
    }

    fn refuse(&self, kind: ResponseType, context: &Value) -> Response<Body> {
        response::render(&self.responses[kind], context)
    }
}

async fn invoke(
    function: &api::Function,
    timeout: Duration,
    event: &Value,
) -> Result<Response<Body>, ResponseType> {
    let failed = |error: anyhow::Error| {
        tracing::error!(error = format!("{error:#}"), "function_failed");
        FUNCTION_FAILED
    };
    let event = to_raw_value(event).map_err(|error| failed(error.into()))?;
    if event.get().len() > MAX_EVENT_BYTES {
        return Err(TOO_LARGE);
    }
    let invoked = function.invoke(LambdaEvent::new(event, LambdaContext::default()));
    let Ok(answer) = tokio::time::timeout(timeout, invoked).await.map_err(|late| failed(late.into()))?;
    let answer = serde_json::to_string(&answer).map_err(|error| failed(error.into()))?;
    event::into_http(&answer).context("its answer is no gateway answer").map_err(failed)
}

/// Puts headers in the order of their names. Functions and the template have them in none, and who reads two responses would
/// see the headers change places.
fn sort(headers: &mut HeaderMap) {
    let mut sorted: Vec<(HeaderName, HeaderValue)> =
        headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    sorted.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
    headers.clear();
    sorted.into_iter().for_each(|(name, value)| {
        headers.append(name, value);
    });
}

/// The response of API Gateway to a body that is too large, for which no template is asked.
fn too_large() -> Response<Body> {
    let text = [(header::CONTENT_TYPE, "text/plain")];
    (StatusCode::PAYLOAD_TOO_LARGE, text, "Request Entity Too Large").into_response()
}

/// Reads at most one byte more than the gateway takes.
async fn read_body(body: Body) -> Result<Bytes, axum::Error> {
    let mut read = Vec::new();
    let mut stream = body.into_data_stream();
    while let Some(piece) = stream.next().await {
        read.extend_from_slice(&piece?);
        if read.len() > MAX_BODY_BYTES {
            break;
        }
    }
    Ok(read.into())
}
