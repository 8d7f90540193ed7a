//! Gateway events before `lambda_http` reads them.
//!
//! `lambda_http` 1.3 panics, or refuses the whole event, on some requests that a client can send: a
//! `Host` that is no host, a path or query that `http::Uri` does not take, a header value outside
//! ASCII, a body that is not the base64 it says. It also prefers the single-valued headers, so that a
//! second `Authorization` goes unseen. An event is made harmless here; what no HTTP request could be
//! is answered 400.

use axum::http::{HeaderValue, Uri};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use lambda_http::request::LambdaRequest;
use serde_json::{Value, value::RawValue};

/// Reads an event, and says whether a request could be made of it. Where not, what is left has the
/// event's shape and request id, so that the refusal fits it.
pub(crate) fn read(event: &RawValue) -> (LambdaRequest, bool) {
    let request = serde_json::from_str(event.get()).ok().or_else(|| {
        let mut event: Value = serde_json::from_str(event.get()).ok()?;
        empty_odd_headers(&mut event);
        serde_json::from_value(event).ok()
    });
    let mut request = request.unwrap_or_else(|| LambdaRequest::ApiGatewayV1(Default::default()));
    let readable = tame(&mut request).is_some();
    if !readable {
        strip(&mut request);
    }
    (request, readable)
}

fn tame(request: &mut LambdaRequest) -> Option<()> {
    match request {
        LambdaRequest::ApiGatewayV1(event) => {
            // The multi-valued headers hold the others; without them the others are all there is.
            if event.multi_value_headers.is_empty() {
                std::mem::swap(&mut event.multi_value_headers, &mut event.headers);
            }
            event.headers.clear();
            event.request_context.domain_name = None;
            // The stage is no part of the path here, whatever AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH says.
            event.request_context.stage = None;
            decodes(event.is_base64_encoded, event.body.as_deref())?;
            tame_path(&mut event.path)?;
            let parameters = if event.multi_value_query_string_parameters.is_empty() {
                &event.query_string_parameters
            } else {
                &event.multi_value_query_string_parameters
            };
            fits(event.path.as_deref(), &parameters.to_query_string())?;
        }
        LambdaRequest::ApiGatewayV2(event) => {
            event.headers.remove(axum::http::header::HOST);
            event.request_context.domain_name = None;
            event.request_context.stage = None;
            decodes(event.is_base64_encoded, event.body.as_deref())?;
            tame_path(&mut event.raw_path)?;
            let query = event.raw_query_string.take().unwrap_or_default();
            let pairs = form_urlencoded::parse(query.as_bytes());
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            fits(event.raw_path.as_deref(), &query)?;
            event.raw_query_string = Some(query);
        }
        _ => return None,
    }
    Some(())
}

/// Leaves nothing that a request could fail at.
fn strip(request: &mut LambdaRequest) {
    match request {
        LambdaRequest::ApiGatewayV1(event) => {
            (event.path, event.body) = (None, None);
            event.query_string_parameters = Default::default();
            event.multi_value_query_string_parameters = Default::default();
        }
        LambdaRequest::ApiGatewayV2(event) => {
            (event.raw_path, event.raw_query_string, event.body) = (None, None, None);
        }
        other => *other = LambdaRequest::ApiGatewayV1(Default::default()),
    }
}

/// A path from the root on, of characters that a URI has.
fn tame_path(path: &mut Option<String>) -> Option<()> {
    let path = path.get_or_insert_default();
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    // `Url` takes a backslash for a slash.
    *path = path.replace('\\', "%5C");
    path.bytes().all(|b| b.is_ascii_graphic()).then_some(())
}

fn decodes(is_base64: bool, body: Option<&str>) -> Option<()> {
    (!is_base64 || STANDARD.decode(body.unwrap_or_default()).is_ok()).then_some(())
}

fn fits(path: Option<&str>, query: &str) -> Option<()> {
    format!("{}?{query}", path.unwrap_or("/")).parse::<Uri>().ok().map(|_| ())
}

/// Empties values that `http::HeaderValue` does not take: the name stays, so that a key or a type
/// that was sent is refused rather than overlooked.
fn empty_odd_headers(event: &mut Value) {
    let empty_odd = |value: &mut Value| {
        if value.as_str().is_none_or(|text| HeaderValue::from_str(text).is_err()) {
            *value = Value::String(String::new());
        }
    };
    for name in ["headers", "multiValueHeaders"] {
        for value in
            event.get_mut(name).and_then(Value::as_object_mut).into_iter().flat_map(|map| map.values_mut())
        {
            match value {
                Value::Array(values) => values.iter_mut().for_each(empty_odd),
                value => empty_odd(value),
            }
        }
    }
}
