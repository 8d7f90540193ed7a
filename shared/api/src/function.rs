//! One Lambda function: gateway events in, gateway answers out. Everything that every answer has is
//! added here: the envelope's `meta`, the headers, the log line.

use std::{convert::Infallible, panic::AssertUnwindSafe, sync::Arc, time::Instant};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header as http_header},
    response::Response,
};
use domain::{Error, Rate};
use futures_util::FutureExt as _;
use lambda_runtime::LambdaEvent;
use serde::Serialize;
use serde_json::value::RawValue;
use store::{KeyRing, Store};
use tower::ServiceExt as _;
use tracing::Instrument as _;

use crate::{
    Failure,
    event::{self, Incoming, Outgoing},
    exchange::Exchange,
    header,
    language::Headers,
    log,
    response::{Draft, Whole},
};

/// What every handler of a function shares.
#[derive(Clone)]
pub struct App {
    pub(crate) store: Store,
    pub(crate) keys: Arc<KeyRing>,
}

/// The routes of a function and what they work on. Cheap to clone.
#[derive(Clone)]
pub struct Function {
    router: Router,
    keys: Arc<KeyRing>,
}

enum Outcome {
    /// Without its `meta`.
    Answered {
        status: StatusCode,
        headers: HeaderMap,
        draft: String,
    },
    /// Without an envelope.
    Public {
        status: StatusCode,
        headers: HeaderMap,
        text: String,
    },
    Failed(Failure),
}

#[derive(Serialize)]
struct Meta<'a> {
    request_id: &'a str,
    timestamp: String,
}

impl Function {
    /// A function that answers `routes` from `store`.
    #[must_use]
    pub fn new(store: Store, routes: Router<App>) -> Self {
        let keys = Arc::new(KeyRing::new(store.clone()));
        Self { router: routes.with_state(App { store, keys: keys.clone() }), keys }
    }

    /// Answers one event of a REST API (v1) or an HTTP API (v2), in the form that it came in; what is
    /// neither is refused in the form of the first.
    ///
    /// # Errors
    /// Never: whatever goes wrong is an answer too.
    pub async fn invoke(
        &self,
        event: LambdaEvent<Box<RawValue>>,
    ) -> Result<impl Serialize + use<>, Infallible> {
        let Incoming { form, request_id, method, request, headers } = event::read(&event.payload);
        let started = Instant::now();
        let exchange = Arc::new(Exchange::new(request_id.as_deref(), &event.context));
        let is_https = request.as_ref().is_some_and(|request| {
            request.headers().get(header::FORWARDED_PROTO).is_some_and(|scheme| scheme == "https")
        });
        // Of the highest level, so that it is on the lines of every level.
        let span = tracing::error_span!("request", request_id = exchange.request_id);
        async {
            let outcome = match request {
                Some(request) => self.route(request, &exchange).await,
                None => Outcome::Failed(Failure::Unreadable),
            };
            // A 400 found by a handler yields to a 401 found by the count that ran beside it.
            let outcome = match exchange.settle().await {
                Ok(()) => outcome,
                Err(error) => Outcome::Failed(error.into()),
            };
            let mut response = self.render(outcome, &exchange, headers);
            if is_https {
                header::set_transport(response.headers_mut());
            }
            log::answered(&exchange, method.as_ref(), response.status(), started.elapsed());
            Ok(Outgoing::new(form, response))
        }
        .instrument(span)
        .await
    }

    /// A panic costs this request its answer, nothing else.
    async fn route(&self, mut request: Request<Body>, exchange: &Arc<Exchange>) -> Outcome {
        request.extensions_mut().insert(exchange.clone());
        match AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind().await {
            Ok(Ok(response)) => Outcome::from(response),
            Ok(Err(never)) => match never {},
            Err(_) => Outcome::Failed(Error::internal("a handler panicked").into()),
        }
    }

    fn render(
        &self,
        outcome: Outcome,
        exchange: &Exchange,
        asked: Headers<'_>,
    ) -> axum::http::Response<String> {
        let now = self.keys.now();
        let rate = exchange.rate().copied().unwrap_or_else(|| Rate::unrecognised(now));
        let (status, mut headers, draft) = match outcome {
            Outcome::Answered { status, headers, draft } => (status, headers, draft),
            Outcome::Public { status, mut headers, text } => {
                header::set_common(&mut headers, &exchange.request_id, &rate);
                return response(status, headers, text);
            }
            Outcome::Failed(failure) => {
                log::failed(&failure);
                let language = asked.language();
                let mut headers = HeaderMap::new();
                header::set_language(&mut headers, language);
                failure.set_headers(&mut headers);
                if let Some(seconds) = failure.retry_after(&rate) {
                    header::set_retry_after(&mut headers, seconds);
                }
                (failure.status(), headers, without_brace(&failure.body(language)))
            }
        };
        header::set_common(&mut headers, &exchange.request_id, &rate);
        let meta = Meta { request_id: &exchange.request_id, timestamp: now.fixed_width() };
        let body = format!("{draft},\"meta\":{}}}", with_brace(&meta));
        response(status, headers, body)
    }
}

fn response(status: StatusCode, headers: HeaderMap, body: String) -> axum::http::Response<String> {
    let mut response = axum::http::Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

impl From<Response> for Outcome {
    fn from(response: Response) -> Self {
        let (mut parts, _) = response.into_parts();
        if let Some(failure) = parts.extensions.remove::<Failure>() {
            return Self::Failed(failure);
        }
        if let Some(Whole(text)) = parts.extensions.remove::<Whole>() {
            parts.headers.remove(http_header::CONTENT_LENGTH);
            return Self::Public { status: parts.status, headers: parts.headers, text };
        }
        if let Some(Draft(draft)) = parts.extensions.remove::<Draft>() {
            // axum counted the empty body that stood in for the draft.
            parts.headers.remove(http_header::CONTENT_LENGTH);
            return Self::Answered { status: parts.status, headers: parts.headers, draft };
        }
        // What axum itself answers has neither.
        Self::Failed(match parts.status {
            StatusCode::NOT_FOUND => Failure::NoSuchPath,
            StatusCode::METHOD_NOT_ALLOWED => {
                let allow = parts.headers.get(http_header::ALLOW).and_then(|allow| allow.to_str().ok());
                Failure::MethodNotAllowed { allow: allow.unwrap_or_default().replace(',', ", ") }
            }
            status => Error::internal(format!("the router answered {status} by itself")).into(),
        })
    }
}

// Both are structs of strings and numbers, which always have a JSON form.
fn with_brace(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn without_brace(value: &impl Serialize) -> String {
    let mut json = with_brace(value);
    json.pop();
    json
}
