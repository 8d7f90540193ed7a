//! The headers of responses, each name written once.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use domain::{Language, Rate};

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// `Idempotency-Key` as errors name it.
pub(crate) const IDEMPOTENCY_KEY_SHOWN: &str = "Idempotency-Key";
pub(crate) const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const RATE_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const RATE_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RATE_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const IETF_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const IETF_RATE: HeaderName = HeaderName::from_static("ratelimit");

/// The scheme by which the caller reached the gateway.
pub(crate) const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// The value of `Strict-Transport-Security`: one year, the least that the preload lists of browsers take.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Sets the headers that every response has.
pub(crate) fn set_common(headers: &mut HeaderMap, request_id: &str, rate: &Rate) {
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    // Customers' data belongs in no cache on the way. Public responses have set their own.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    set(headers, REQUEST_ID, request_id);
    set(headers, RATE_LIMIT, &rate.limit.to_string());
    set(headers, RATE_REMAINING, &rate.remaining.to_string());
    set(headers, RATE_RESET, &rate.reset.to_string());
    set(headers, IETF_POLICY, &rate.ietf_policy());
    set(headers, IETF_RATE, &rate.ietf());
}

/// Sets `Strict-Transport-Security`, which only responses over HTTPS may have.
pub(crate) fn set_transport(headers: &mut HeaderMap) {
    headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
}

/// Names the language of an error's message, unless it is English.
pub(crate) fn set_language(headers: &mut HeaderMap, language: Language) {
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    if language != Language::English {
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    }
}

/// Sets a header to a value that is a legal one; any other value is left out.
pub(crate) fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
