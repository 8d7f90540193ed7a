//! The one place where what went wrong becomes a status, a code, a param and headers.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header as http_header},
    response::{IntoResponse, Response},
};
use domain::{Conflict, Error, Language, Rate};
use serde::Serialize;

use crate::{header, message::message};

/// How long those who met wait: what they met over takes milliseconds.
const CONTENTION_SECONDS: i64 = 1;

/// Why a request was not carried out: the domain's reasons, and those that only HTTP has.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The domain's.
    Domain(Error),
    /// No route has this path.
    NoSuchPath,
    /// The path is there, but not for this method.
    MethodNotAllowed {
        /// The methods that are, as `Allow` lists them.
        allow: String,
    },
    /// The body is too large.
    PayloadTooLarge,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// The body is in a coding that nobody undid.
    UnsupportedCoding,
    /// The event is no request that HTTP could make.
    Unreadable,
}

#[derive(Serialize)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
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

impl Failure {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Domain(Error::Unauthenticated(_)) => StatusCode::UNAUTHORIZED,
            Self::Domain(Error::Forbidden(_)) => StatusCode::FORBIDDEN,
            Self::Domain(Error::NotFound) | Self::NoSuchPath => StatusCode::NOT_FOUND,
            Self::Domain(Error::Conflict(_) | Error::Contended(_)) => StatusCode::CONFLICT,
            Self::Domain(Error::Invalid { .. }) | Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Domain(Error::RateLimited | Error::TooSoon { .. } | Error::Busy(_)) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Domain(Error::Internal(_)) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType | Self::UnsupportedCoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        }
    }

    pub(crate) fn body(&self, language: Language) -> ErrorBody {
        let status = self.status();
        ErrorBody {
            error: ErrorDetail {
                code: code(status),
                message: message(self, language),
                status: status.as_u16(),
                param: self.param(),
                existing_id: self.existing_id(),
            },
        }
    }

    /// After how many seconds the same request may be carried out, if nothing else has to change for that.
    pub(crate) fn retry_after(&self, rate: &Rate) -> Option<i64> {
        match self {
            Self::Domain(Error::RateLimited) => Some(rate.seconds_left),
            Self::Domain(Error::TooSoon { seconds, .. }) => i64::try_from(*seconds).ok(),
            Self::Domain(Error::Contended(_) | Error::Busy(_)) => Some(CONTENTION_SECONDS),
            _ => None,
        }
    }

    pub(crate) fn set_headers(&self, headers: &mut HeaderMap) {
        let (name, value) = match self {
            // RFC 9110 wants the scheme named.
            Self::Domain(Error::Unauthenticated(_)) => {
                (http_header::WWW_AUTHENTICATE, Some(HeaderValue::from_static("Bearer")))
            }
            Self::MethodNotAllowed { allow } => (http_header::ALLOW, HeaderValue::from_str(allow).ok()),
            _ => return,
        };
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }

    fn param(&self) -> Option<String> {
        match self {
            Self::Domain(Error::Invalid { param, .. }) => param.clone(),
            Self::Domain(Error::Conflict(Conflict::PhoneTaken { .. })) => Some("phone".to_owned()),
            Self::Domain(Error::Conflict(Conflict::IdempotencyKeyReused)) => {
                Some(header::IDEMPOTENCY_KEY_SHOWN.to_owned())
            }
            Self::UnsupportedMediaType => Some("Content-Type".to_owned()),
            Self::UnsupportedCoding => Some("Content-Encoding".to_owned()),
            _ => None,
        }
    }

    fn existing_id(&self) -> Option<String> {
        match self {
            Self::Domain(Error::Conflict(Conflict::PhoneTaken { existing_id })) => {
                Some(existing_id.to_string())
            }
            _ => None,
        }
    }
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

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Domain(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
