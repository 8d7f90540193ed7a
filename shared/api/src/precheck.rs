//! The pre-check of a gateway's event, and its conversion into a request by `lambda_http`.
//!
//! `lambda_http` 1.3 panics on events that a client can bring about: a `Host` or a path that is no URI, a URI that is too
//! long, a query of an HTTP API with characters that no URI has, a parameter without a value, a body that is not the base64
//! it is said to be. It overlooks all but the last of a header's values where an event has them twice, as lists and as
//! single values, and resolves `.` and `..` in paths. Such events are refused here or mended, before they are converted
//! (docs/decisions/0084).

use std::{collections::HashMap, mem::take};

use axum::http::{HeaderMap, HeaderName, Uri};
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

/// The parts that are read of an event that cannot be converted, each by itself.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Unreadable<'a> {
    /// The path of an HTTP API's event; other APIs do not send it.
    raw_path: Option<IgnoredAny>,
    #[serde(borrow)]
    request_context: Option<&'a RawValue>,
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
    #[serde(borrow)]
    multi_value_headers: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UnreadableContext {
    request_id: Option<String>,
}

/// Checks an event and converts it.
pub(crate) fn check(event: &RawValue) -> Checked {
    let readable = readable(event);
    let is_readable = readable.is_some();
    let (event, headers) = readable.unwrap_or_else(|| unreadable(event));
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

/// The event, mended, with its headers apart, if it can be converted. `lambda_http` would parse a URI of the header `Host`,
/// and merge single values into lists. Stage and domain, which would become a part of the URI, are taken out.
fn readable(event: &RawValue) -> Option<(LambdaRequest, HeaderMap)> {
    let mut request: LambdaRequest = serde_json::from_str(event.get()).ok()?;
    let maps: Maps = serde_json::from_str(event.get()).ok()?;
    if maps.has_parameter_without_value() {
        return None;
    }
    let (headers, path, query, is_base64, body) = match &mut request {
        LambdaRequest::ApiGatewayV1(event) => {
            let single = take(&mut event.headers);
            let multi = take(&mut event.multi_value_headers);
            event.request_context.stage = None;
            event.request_context.domain_name = None;
            begin_with_slash(&mut event.path);
            let parameters = match event.multi_value_query_string_parameters.is_empty() {
                true => &event.query_string_parameters,
                false => &event.multi_value_query_string_parameters,
            };
            let headers = if multi.is_empty() { single } else { multi };
            (headers, &event.path, parameters.to_query_string(), event.is_base64_encoded, &event.body)
        }
        LambdaRequest::ApiGatewayV2(event) => {
            event.request_context.stage = None;
            event.request_context.domain_name = None;
            begin_with_slash(&mut event.raw_path);
            // An HTTP API hands on what was sent, which may be more than a URI's query takes.
            let query = encoded(event.raw_query_string.as_deref().unwrap_or_default());
            event.raw_query_string = Some(query.clone());
            (take(&mut event.headers), &event.raw_path, query, event.is_base64_encoded, &event.body)
        }
        _ => return None,
    };
    let is_body = !is_base64 || STANDARD.decode(body.as_deref().unwrap_or_default()).is_ok();
    let is_uri = is_path(path.as_deref().unwrap_or_default(), query.len());
    (is_body && is_uri && !maps.hides_a_header(&headers)).then_some((request, headers))
}

impl Maps {
    fn has_parameter_without_value(&self) -> bool {
        let mut lists = self.multi_value_query_string_parameters.iter().flat_map(HashMap::values);
        lists.any(Vec::is_empty)
    }

    /// Whether a single value hides another one whose name differs from its own by case alone.
    fn hides_a_header(&self, headers: &HeaderMap) -> bool {
        let is_multi = self.multi_value_headers.as_ref().is_some_and(|multi| !multi.is_empty());
        !is_multi && self.headers.as_ref().map_or(0, HashMap::len) > headers.keys_len()
    }
}

/// Whether a URI can have this path, with a query of so many bytes. `lambda_http` writes up to three bytes for one of a path.
fn is_path(path: &str, query_bytes: usize) -> bool {
    // `Uri` would take what follows for the query or the fragment.
    path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#'))
        && path.len() * 3 + query_bytes < MAX_URI_BYTES
        && path.parse::<Uri>().is_ok()
}

fn begin_with_slash(path: &mut Option<String>) {
    let path = path.get_or_insert_default();
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
}

fn encoded(query: &str) -> String {
    let parameters = form_urlencoded::parse(query.as_bytes());
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// An event of the same kind that has nothing but the gateway's id of the request, and the headers that can be read: they
/// say in which language the refusal is given, and whether it goes over HTTPS.
fn unreadable(event: &RawValue) -> (LambdaRequest, HeaderMap) {
    let unreadable: Unreadable<'_> = serde_json::from_str(event.get()).unwrap_or_default();
    let request_id = parsed::<UnreadableContext>(unreadable.request_context).request_id;
    let event = match unreadable.raw_path {
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
    };
    let single: HashMap<String, &RawValue> = parsed(unreadable.headers);
    let multi: HashMap<String, Vec<&RawValue>> = parsed(unreadable.multi_value_headers);
    let single = single.into_iter().map(|(name, value)| (name, vec![value]));
    let headers: Vec<_> = if multi.is_empty() { single.collect() } else { multi.into_iter().collect() };
    (event, legal(headers))
}

/// The headers of an event that HTTP has.
fn legal(headers: Vec<(String, Vec<&RawValue>)>) -> HeaderMap {
    let mut legal = HeaderMap::new();
    for (name, values) in headers {
        let Ok(name) = name.parse::<HeaderName>() else { continue };
        let values = values.into_iter().filter_map(|value| parsed::<String>(Some(value)).parse().ok());
        for value in values {
            legal.append(&name, value);
        }
    }
    legal
}

/// A part of an event, or nothing where it has another form.
fn parsed<'a, T: Default + Deserialize<'a>>(part: Option<&'a RawValue>) -> T {
    part.and_then(|part| serde_json::from_str(part.get()).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, value::to_raw_value};

    use super::*;

    fn checked(event: &Value) -> Checked {
        check(&to_raw_value(event).expect("JSON"))
    }

    fn rest(field: &str, value: Value) -> Value {
        let mut event = json!({
            "path": "/v1/calls", "httpMethod": "GET", "headers": {}, "multiValueHeaders": {},
            "requestContext": {"httpMethod": "GET", "stage": "live", "domainName": "no domain", "requestId": "1"},
        });
        event[field] = value;
        event
    }

    fn http(field: &str, value: Value) -> Value {
        let mut event = json!({
            "rawPath": "/v1/calls", "rawQueryString": "", "headers": {},
            "requestContext": {"http": {"method": "GET"}, "stage": "live", "domainName": "no domain", "requestId": "1"},
        });
        event[field] = value;
        event
    }

    #[test]
    fn what_lambda_http_would_panic_on_or_take_for_another_path_is_refused() {
        let long = format!("/{}", "a".repeat(MAX_URI_BYTES / 3));
        for event in [
            rest("path", json!("/v1/calls?limit=1")),
            rest("path", json!("/v1/ca lls")),
            rest("path", json!(long)),
            rest("body", json!("x")),
            rest("multiValueQueryStringParameters", json!({"limit": []})),
            rest("multiValueQueryStringParameters", json!({"cursor": ["a".repeat(MAX_URI_BYTES)]})),
            rest("queryStringParameters", json!({"limit": []})),
            rest("multiValueHeaders", json!({"X-Odd": ["\u{0}"]})),
            rest("headers", json!({"Authorization": "a", "authorization": "b"})),
            http("headers", json!({"Authorization": "a", "authorization": "b"})),
            http("rawPath", json!("/v1/calls#")),
            http("body", json!("x")),
        ] {
            let mut event = event;
            event["isBase64Encoded"] = json!(event["body"].is_string());
            let checked = checked(&event);
            assert!(matches!(checked.refusal, Some(ApiError::Unreadable)), "{event}");
            let (of_http, is_http) =
                (event.get("rawPath"), matches!(checked.origin, RequestOrigin::ApiGatewayV2));
            assert_eq!(of_http.is_some(), is_http);
        }
        for path in ["/v1/./calls", "/v1/calls/../me", "/v1/calls/%2e%2e", "/v1\\calls", "/v1/calls/{id}"] {
            for event in [rest("path", json!(path)), http("rawPath", json!(path))] {
                assert!(matches!(checked(&event).refusal, Some(ApiError::NoSuchPath)), "{event}");
            }
        }
    }

    #[test]
    fn what_is_mended_says_what_was_sent() {
        let mut both = rest("headers", json!({"Authorization": "b", "Host": "no host"}));
        both["multiValueHeaders"] = json!({"Authorization": ["a", "b"], "Host": ["no host"]});
        let request = checked(&both).request;
        let values: Vec<_> = request.headers().get_all("authorization").iter().collect();
        assert_eq!(values, ["a", "b"]);
        assert_eq!(request.uri(), "/v1/calls");
        assert_eq!(checked(&rest("path", json!("v1/calls"))).request.uri(), "/v1/calls");
        let odd = http("rawQueryString", json!("a=<b>&a=+1&c"));
        assert_eq!(checked(&odd).request.uri(), "/v1/calls?a=%3Cb%3E&a=+1&c=");
    }
}
