//! The envelope: the JSON around records and errors.

use axum::http::StatusCode;
use domain::{Language, Timestamp};
use serde::Serialize;

use crate::ApiError;

/// The `meta` object, with which every envelope ends.
#[derive(Serialize)]
pub(crate) struct Meta<'a> {
    request_id: &'a str,
    timestamp: String,
}

#[derive(Serialize)]
struct ErrorEnvelope<'a> {
    error: ErrorDetail,
    meta: &'a Meta<'a>,
}

#[derive(Serialize)]
struct ErrorDetail {
    code: &'static str,
    message: String,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    existing_id: Option<String>,
}

impl<'a> Meta<'a> {
    pub(crate) fn new(request_id: &'a str, now: Timestamp) -> Self {
        Self { request_id, timestamp: now.fixed_width() }
    }
}

/// The envelope of an object whose JSON lacks its closing brace.
pub(crate) fn data(open_object: &str, meta: &Meta<'_>) -> String {
    format!("{open_object},\"meta\":{}}}", json(meta))
}

/// The envelope of an error.
pub(crate) fn error(error: &ApiError, language: Language, meta: &Meta<'_>) -> String {
    let status = error.status();
    let error = ErrorDetail {
        code: code(status),
        message: error.message(language),
        status: status.as_u16(),
        param: error.param(),
        existing_id: error.existing_id(),
    };
    json(&ErrorEnvelope { error, meta })
}

fn code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "unauthorized",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::CONFLICT => "conflict",
        StatusCode::PAYLOAD_TOO_LARGE => "payload_too_large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        StatusCode::TOO_MANY_REQUESTS => "rate_limited",
        StatusCode::BAD_REQUEST => "bad_request",
        _ => "internal_error",
    }
}

/// Structs of strings and numbers always have a JSON form.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
