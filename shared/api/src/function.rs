//! A Lambda function of the API: a gateway's event in, the gateway's response out. What every response has is added here:
//! the envelope's `meta`, the common headers, the line in the log.

use std::{convert::Infallible, future::ready, panic::AssertUnwindSafe, sync::Arc, time::Instant};

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header as http_header, response::Parts},
    response::{IntoResponse as _, Response},
};
use domain::{Error, Language, Rate};
use futures_util::FutureExt as _;
use lambda_http::{
    Context, LambdaEvent, Request, RequestExt as _, TransformResponse,
    request::RequestContext::{ApiGatewayV1, ApiGatewayV2},
};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{KeyRing, Store};
use tower::ServiceExt as _;
use tracing::Instrument as _;

use crate::{
    ApiError, App,
    envelope::{self, Meta},
    exchange::Exchange,
    header, log,
    precheck::{self, Checked},
    response::Content,
};

/// `lambda_http`'s response.
type LambdaResponse = lambda_http::Response<lambda_http::Body>;

/// The routes of a function and what they work on. Cheap to clone.
#[derive(Clone)]
pub struct Function {
    router: Router,
    keys: Arc<KeyRing>,
}

impl Function {
    /// A function that answers `routes` from `store`.
    #[must_use]
    pub fn new(store: Store, routes: Router<App>) -> Self {
        let keys = Arc::new(KeyRing::new(store.clone()));
        Self { router: routes.with_state(App { store, keys: keys.clone() }), keys }
    }

    /// Answers one event of a REST API (v1) or an HTTP API (v2), in the form that it came in. What is
    /// neither is refused in the form of a REST API.
    ///
    /// # Errors
    /// Never: whatever goes wrong is a response too.
    pub async fn invoke(
        &self,
        event: LambdaEvent<Box<RawValue>>,
    ) -> Result<impl Serialize + use<>, Infallible> {
        let Checked { origin, request, refusal } = precheck::check(&event.payload);
        let exchange = Arc::new(Exchange::new(request_id(&request, &event.context)));
        // Of the highest level, so that it is on the lines of every level.
        let span = tracing::error_span!("request", request_id = exchange.request_id);
        let response = self.respond(request, refusal, &exchange).instrument(span).await;
        // All bodies are text: `lambda_http` would encode some of them by their type. It does so to responses of type
        // `Response`, and links tables of every character set for that: `String` stands in for them, and is never made.
        TransformResponse::<String, _>::Response(origin, Box::pin(ready(response))).await
    }

    async fn respond(
        &self,
        request: Request,
        refusal: Option<ApiError>,
        exchange: &Arc<Exchange>,
    ) -> LambdaResponse {
        let started = Instant::now();
        let method = refusal.is_none().then(|| request.method().clone());
        let languages: Vec<HeaderValue> =
            request.headers().get_all(http_header::ACCEPT_LANGUAGE).iter().cloned().collect();
        let is_https = request.headers().get(header::FORWARDED_PROTO).is_some_and(|scheme| scheme == "https");
        let response = match refusal {
            Some(error) => error.into_response(),
            None => self.route(request, exchange).await,
        };
        // A 400 found by a handler yields to a 401 found by the count that ran beside it.
        let response = match exchange.settle().await {
            Ok(()) => response,
            Err(error) => ApiError::from(error).into_response(),
        };
        let mut response = self.render(response, exchange, &languages);
        if is_https {
            header::set_transport(response.headers_mut());
        }
        log::finished(exchange, method.as_ref(), response.status(), started.elapsed());
        response
    }

    /// Routes the request. A panic of its handler becomes a 500.
    async fn route(&self, mut request: Request, exchange: &Arc<Exchange>) -> Response {
        request.extensions_mut().insert(exchange.clone());
        match AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_) => ApiError::from(Error::internal("a handler panicked")).into_response(),
        }
    }

    fn render(&self, response: Response, exchange: &Exchange, languages: &[HeaderValue]) -> LambdaResponse {
        let (mut parts, _) = response.into_parts();
        let now = self.keys.now();
        let rate = exchange.rate().copied().unwrap_or_else(|| Rate::unrecognised(now));
        let meta = Meta::new(&exchange.request_id, now);
        // axum counted the empty body that stood in for the content.
        parts.headers.remove(http_header::CONTENT_LENGTH);
        let body = match parts.extensions.remove().unwrap_or_else(|| Content::Error(of_router(&parts))) {
            Content::Data(object) => envelope::data(&object, &meta),
            Content::Text(text) => text,
            Content::Error(error) => {
                log::failed(&error);
                let languages = languages.iter().filter_map(|value| value.to_str().ok());
                let language = Language::accepted(languages);
                (parts.status, parts.headers) = (error.status(), error.headers(&rate));
                header::set_language(&mut parts.headers, language);
                envelope::error(&error, language, &meta)
            }
        };
        header::set_common(&mut parts.headers, &exchange.request_id, &rate);
        LambdaResponse::from_parts(parts, body.into())
    }
}

/// The id of a request: made of the gateway's, or of Lambda's where the event has none.
fn request_id(request: &Request, lambda: &Context) -> String {
    let of_gateway = match request.request_context_ref() {
        Some(ApiGatewayV1(context)) => context.request_id.as_deref(),
        Some(ApiGatewayV2(context)) => context.request_id.as_deref(),
        _ => None,
    };
    domain::request_id(of_gateway.filter(|id| !id.is_empty()).unwrap_or(&lambda.request_id))
}

/// The error that axum's router answered by itself.
fn of_router(parts: &Parts) -> ApiError {
    match parts.status {
        StatusCode::NOT_FOUND => ApiError::NoSuchPath,
        StatusCode::METHOD_NOT_ALLOWED => ApiError::MethodNotAllowed { allow: allowed(&parts.headers) },
        status => Error::internal(format!("the router answered {status} by itself")).into(),
    }
}

fn allowed(headers: &HeaderMap) -> String {
    let allow = headers.get(http_header::ALLOW).and_then(|allow| allow.to_str().ok());
    allow.unwrap_or_default().replace(',', ", ")
}
