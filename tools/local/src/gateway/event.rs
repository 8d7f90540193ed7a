//! API Gateway's REST proxy events, made of HTTP requests, and HTTP responses, made of what the functions return.

use std::collections::HashMap;

use axum::{
    body::Body,
    http::{Response, request::Parts},
};
use domain::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The response of a function, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionResponse {
    status_code: u16,
    multi_value_headers: HashMap<String, Vec<String>>,
    body: Option<String>,
}

/// What the gateway knows of a request besides the request itself.
pub(super) struct Routed<'a> {
    /// The path of the resource as the template has it, such as `/v1/calls/{id}`.
    pub(super) resource: &'a str,
    /// The variable parts of the path.
    pub(super) path_parameters: Vec<(String, String)>,
    /// The gateway's id for this request.
    pub(super) request_id: Uuid,
    /// When the gateway took it.
    pub(super) at: Timestamp,
}

/// The event that API Gateway would send for this request. Without a body that could be read it is one
/// that the functions refuse.
#[must_use]
pub(super) fn from_http(parts: &Parts, body: Option<&[u8]>, routed: &Routed<'_>) -> Value {
    let path = parts.uri.path();
    let query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), latin1(value.as_bytes())));
    let (query, multi_query) = single_and_multi(query);
    let (headers, multi_headers) = single_and_multi(headers);
    let (body, is_base64) = match body.map(|body| (body, std::str::from_utf8(body))) {
        Some(([], _)) => (Value::Null, false),
        Some((_, Ok(text))) => (json!(text), false),
        Some((bytes, Err(_))) => (json!(base64(bytes)), true),
        None => (json!("cut off"), true),
    };
    json!({
        "resource": routed.resource,
        "path": path,
        "httpMethod": parts.method.as_str(),
        "headers": headers,
        "multiValueHeaders": multi_headers,
        "queryStringParameters": query,
        "multiValueQueryStringParameters": multi_query,
        "pathParameters": or_null(routed.path_parameters.iter().map(|(k, v)| (k.clone(), json!(v))).collect()),
        "stageVariables": null,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "localhost",
            "domainPrefix": "localhost",
            "extendedRequestId": routed.request_id,
            "httpMethod": parts.method.as_str(),
            "identity": { "sourceIp": "127.0.0.1", "userAgent": headers["user-agent"] },
            "path": path,
            "protocol": "HTTP/1.1",
            "requestId": routed.request_id,
            "requestTime": routed.at.common_log_format(),
            "requestTimeEpoch": routed.at.unix_ms(),
            "resourceId": "local",
            "resourcePath": routed.resource,
            "stage": "live",
        },
        "body": body,
        "isBase64Encoded": is_base64,
    })
}

/// The event that the gateway's REQUEST authorizer gets for this request: all but the body.
pub(super) fn for_authorizer(event: &Value) -> Value {
    let mut event = event.clone();
    let path = event["path"].as_str().unwrap_or_default();
    let method = event["httpMethod"].as_str().unwrap_or_default();
    event["methodArn"] =
        json!(format!("arn:aws:execute-api:us-east-1:000000000000:local/live{path}/{method}"));
    event["type"] = json!("REQUEST");
    if let Some(members) = event.as_object_mut() {
        members.retain(|name, _| name != "body" && name != "isBase64Encoded");
    }
    event
}

/// The HTTP answer that API Gateway would make of a function's.
///
/// # Errors
/// When it is none.
pub(super) fn into_http(answer: &str) -> anyhow::Result<Response<Body>> {
    let answer: FunctionResponse = serde_json::from_str(answer)?;
    let mut response = Response::builder().status(answer.status_code);
    for (name, values) in answer.multi_value_headers {
        for value in values {
            response = response.header(&name, value);
        }
    }
    Ok(response.body(answer.body.map_or_else(Body::empty, Body::from))?)
}

/// The gateway sends each map twice: the last value of each name, and all of them. An empty one is
/// null.
fn single_and_multi(pairs: impl Iterator<Item = (String, String)>) -> (Value, Value) {
    let mut single = Map::new();
    let mut multi: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        single.insert(name.clone(), json!(value));
        match multi.entry(name).or_insert_with(|| json!([])) {
            Value::Array(values) => values.push(json!(value)),
            _ => unreachable!("only arrays are put in"),
        }
    }
    (or_null(single), or_null(multi))
}

fn or_null(map: Map<String, Value>) -> Value {
    if map.is_empty() { Value::Null } else { Value::Object(map) }
}

/// Header bytes outside ASCII have no meaning of their own; the gateway reads them as ISO 8859-1.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn base64(bytes: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(bytes)
}
