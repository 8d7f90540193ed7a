//! The errors of the API: the one place where what went wrong becomes a status, a `param` and headers.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header as http_header};
use domain::{Conflict, Error, Rate};

use crate::header;

/// The `Retry-After` of a request that met another one, in seconds: what they met over takes milliseconds.
const CONTENTION_SECONDS: i64 = 1;

/// Why a request was not carried out: the domain's errors, and those that only HTTP has.
#[derive(Clone, Debug)]
pub enum ApiError {
    /// An error of the domain.
    Domain(Error),
    /// No route has this path.
    NoSuchPath,
    /// The path has routes, but none for this method.
    MethodNotAllowed {
        /// The methods that the path has routes for, as `Allow` lists them.
        allow: String,
    },
    /// The body is too large.
    PayloadTooLarge,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// The body is in a content coding that nobody undid.
    UnsupportedCoding,
    /// The event is no request that HTTP could make.
    Unreadable,
}

impl ApiError {
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

    /// The headers of the error's response besides those that every response has.
    pub(crate) fn headers(&self, rate: &Rate) -> HeaderMap {
        let mut headers = HeaderMap::new();
        match self {
            // RFC 9110 wants the scheme named.
            Self::Domain(Error::Unauthenticated(_)) => {
                headers.insert(http_header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::MethodNotAllowed { allow } => header::set(&mut headers, http_header::ALLOW, allow),
            _ => {}
        }
        if let Some(seconds) = self.retry_after(rate) {
            header::set(&mut headers, http_header::RETRY_AFTER, &seconds.to_string());
        }
        headers
    }

    /// In how many seconds the same request may be carried out, if nothing else has to change for that.
    fn retry_after(&self, rate: &Rate) -> Option<i64> {
        match self {
            Self::Domain(Error::RateLimited) => Some(rate.seconds_left),
            Self::Domain(Error::TooSoon { seconds, .. }) => i64::try_from(*seconds).ok(),
            Self::Domain(Error::Contended(_) | Error::Busy(_)) => Some(CONTENTION_SECONDS),
            _ => None,
        }
    }

    pub(crate) fn param(&self) -> Option<String> {
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

    pub(crate) fn existing_id(&self) -> Option<String> {
        match self {
            Self::Domain(Error::Conflict(Conflict::PhoneTaken { existing_id })) => {
                Some(existing_id.to_string())
            }
            _ => None,
        }
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self::Domain(error)
    }
}
