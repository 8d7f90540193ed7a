//! The pre-check of a gateway's event, and its conversion into a request by `lambda_http`.
//!
//! `lambda_http` 1.3 panics on events that a client can bring about: a `Host` or a path that is no URI, a URI that is too
//! long, a query of an HTTP API with characters that no URI has, a parameter without a value, a body that is not the base64
//! it is said to be. It overlooks all but the last of a header's values where an event has them twice, as lists and as
//! single values, and resolves `.` and `..` in paths. Such events are refused here or mended, before they are converted
//! (docs/decisions/0084).

use std::{collections::HashMap, mem::take};

use axum::http::{HeaderMap, Uri};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use lambda_http::{
    Request, RequestExt as _,
    aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayV2httpRequest},
    request::{LambdaRequest, RequestOrigin},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use crate::ApiError;

/// The longest URI that the crate `http` takes, in bytes.
const MAX_URI_BYTES: usize = 65_534;

/// An event as a request.
pub(crate) struct Checked {
    /// The kind of API that sent the event: REST (v1) or HTTP (v2).
    pub(crate) origin: RequestOrigin,
    /// The request. Of one that is refused it has what could be read.
    pub(crate) request: Request,
    /// Why the request is not carried out.
    pub(crate) refusal: Option<ApiError>,
}

/// The maps of an event as gateways send them: names with one value each, and names with all their values.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Maps {
    headers: Option<HashMap<String, IgnoredAny>>,
    multi_value_headers: Option<HashMap<String, Vec<IgnoredAny>>>,
    #[serde(rename = "queryStringParameters")]
    _query_string_parameters: Option<HashMap<String, String>>,
    multi_value_query_string_parameters: Option<HashMap<String, Vec<String>>>,
}

/// What is read of an event that cannot be converted.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Unreadable {
    /// Only HTTP APIs send it.
    raw_path: Option<IgnoredAny>,
    request_context: Option<UnreadableContext>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UnreadableContext {
    request_id: Option<String>,
}

/// Checks an event and converts it.
pub(crate) fn check(event: &RawValue) -> Checked {
    let mut headers = HeaderMap::new();
    let readable = readable(event, &mut headers);
    let is_readable = readable.is_some();
    let event = readable.unwrap_or_else(|| with_id_alone(event));
    let origin = event.request_origin();
    let mut request = Request::from(event);
    *request.headers_mut() = headers;
    let refusal = if !is_readable {
        Some(ApiError::Unreadable)
    } else if request.uri().path() != request.raw_http_path() {
        // Routes are matched to paths as they were sent.
        Some(ApiError::NoSuchPath)
    } else {
        None
    };
    Checked { origin, request, refusal }
}

/// The event, mended, if it can be converted. Its headers are taken out: `lambda_http` would parse a URI of `Host`, and
/// merge single values into lists. So are stage and domain, which would become a part of the URI.
fn readable(event: &RawValue, headers: &mut HeaderMap) -> Option<LambdaRequest> {
    let mut request: LambdaRequest = serde_json::from_str(event.get()).ok()?;
    let maps: Maps = serde_json::from_str(event.get()).ok()?;
    let (path, query, is_base64, body) = match &mut request {
        LambdaRequest::ApiGatewayV1(event) => {
            let single = take(&mut event.headers);
            let multi = take(&mut event.multi_value_headers);
            *headers = if multi.is_empty() { single } else { multi };
            event.request_context.stage = None;
            event.request_context.domain_name = None;
            let parameters = match event.multi_value_query_string_parameters.is_empty() {
                true => &event.query_string_parameters,
                false => &event.multi_value_query_string_parameters,
            };
            (&event.path, parameters.to_query_string(), event.is_base64_encoded, &event.body)
        }
        LambdaRequest::ApiGatewayV2(event) => {
            *headers = take(&mut event.headers);
            event.request_context.stage = None;
            event.request_context.domain_name = None;
            // An HTTP API hands on what was sent, which may be more than a URI's query takes.
            let query = encoded(event.raw_query_string.as_deref().unwrap_or_default());
            event.raw_query_string = Some(query.clone());
            (&event.raw_path, query, event.is_base64_encoded, &event.body)
        }
        _ => return None,
    };
    let is_body = !is_base64 || STANDARD.decode(body.as_deref().unwrap_or_default()).is_ok();
    let is_uri = is_path(path.as_deref().unwrap_or_default(), query.len());
    (is_body && is_uri && maps.are_whole(headers)).then_some(request)
}

impl Maps {
    /// Whether no value is hidden by another one whose name differs by case, and no parameter is without a value.
    fn are_whole(&self, headers: &HeaderMap) -> bool {
        let is_multi = self.multi_value_headers.as_ref().is_some_and(|multi| !multi.is_empty());
        let single = self.headers.as_ref().map_or(0, HashMap::len);
        let mut lists = self.multi_value_query_string_parameters.iter().flat_map(HashMap::values);
        (is_multi || single == headers.keys_len()) && lists.all(|values| !values.is_empty())
    }
}

/// Whether a URI can have this path, with a query of so many bytes. `lambda_http` writes up to three bytes for one of a path.
fn is_path(path: &str, query_bytes: usize) -> bool {
    path.starts_with('/')
        // `Uri` would take what follows for the query or the fragment.
        && path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#'))
        && path.len() * 3 + query_bytes < MAX_URI_BYTES
        && path.parse::<Uri>().is_ok()
}

fn encoded(query: &str) -> String {
    let parameters = form_urlencoded::parse(query.as_bytes());
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// An event of the same kind that has nothing but the gateway's id of the request.
fn with_id_alone(event: &RawValue) -> LambdaRequest {
    let unreadable: Unreadable = serde_json::from_str(event.get()).unwrap_or_default();
    let request_id = unreadable.request_context.and_then(|context| context.request_id);
    match unreadable.raw_path {
        None => {
            let mut event = ApiGatewayProxyRequest::default();
            event.request_context.request_id = request_id;
            LambdaRequest::ApiGatewayV1(event)
        }
        Some(_) => {
            let mut event = ApiGatewayV2httpRequest::default();
            event.request_context.request_id = request_id;
            LambdaRequest::ApiGatewayV2(event)
        }
    }
}
