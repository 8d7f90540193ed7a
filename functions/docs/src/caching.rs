//! The caching of the documentation by browsers: `Cache-Control`, `ETag` and `If-None-Match`.

use api::Public;
use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::key::sha256_hex;

/// How long a response may be cached.
#[derive(Clone, Copy)]
pub(crate) enum CachePolicy {
    /// A year: the name of the file has a hash of its content.
    Immutable,
    /// Five minutes: a redirect.
    FiveMinutes,
    /// Until the server says that it has changed, which is asked each time: a page, which a deployment may replace.
    Revalidate,
    /// Not at all: a file of another version than the name says.
    NoStore,
}

impl CachePolicy {
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::FiveMinutes => "public, max-age=300",
            Self::Revalidate => "no-cache",
            Self::NoStore => "no-store",
        }
    }
}

/// The response with a text, or a 304 if the reader has it already.
pub(crate) fn cached(policy: CachePolicy, asked: &HeaderMap, public: Public) -> Response {
    let tag = opaque(&public.text);
    // Weak: the gateway compresses answers, and then other bytes have the same tag.
    let headers = [(header::CACHE_CONTROL, policy.header().to_owned()), (header::ETAG, format!("W/{tag}"))];
    if !names(asked, &tag) {
        return (headers, public).into_response();
    }
    let nothing = Public { text: String::new(), ..public };
    (StatusCode::NOT_MODIFIED, headers, nothing).into_response()
}

/// The entity tag of a text, in its quotes.
fn opaque(text: &str) -> String {
    format!("\"{:.16}\"", sha256_hex(text.as_bytes()))
}

/// Whether `If-None-Match` names the tag, weak or strong, or is `*`. No tag has a quote inside, so that splitting at commas finds it.
fn names(asked: &HeaderMap, tag: &str) -> bool {
    let mut values = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.any(|value| {
        let mut tags = value.split(',').map(str::trim);
        value.trim() == "*" || tags.any(|one| one.strip_prefix("W/").unwrap_or(one) == tag)
    })
}
