//! What a browser may keep of the documentation, and how it asks whether that is still so: `Cache-Control`, `ETag`,
//! `If-None-Match`.

use api::Public;
use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::key::sha256_hex;

/// For how long an answer may be kept.
#[derive(Clone, Copy)]
pub(crate) enum Kept {
    /// A year: the name of the file has a hash of its content.
    ForEver,
    /// Five minutes: a redirect.
    FiveMinutes,
    /// Until the server says that it has changed, which is asked each time: a page, which a deployment may replace.
    WhenAsked,
    /// Not at all: a file of another version than the name says.
    Not,
}

impl Kept {
    pub(crate) fn header(self) -> &'static str {
        match self {
            Self::ForEver => "public, max-age=31536000, immutable",
            Self::FiveMinutes => "public, max-age=300",
            Self::WhenAsked => "no-cache",
            Self::Not => "no-store",
        }
    }
}

/// Answers a text, or that the reader has it already.
pub(crate) fn answered(kept: Kept, asked: &HeaderMap, public: Public) -> Response {
    let tag = opaque(&public.text);
    // Weak: the gateway compresses answers, and then other bytes have the same tag.
    let headers = [(header::CACHE_CONTROL, kept.header().to_owned()), (header::ETAG, format!("W/{tag}"))];
    if !names(asked, &tag) {
        return (headers, public).into_response();
    }
    let nothing = Public { text: String::new(), ..public };
    (StatusCode::NOT_MODIFIED, headers, nothing).into_response()
}

/// The tag of a text, in its quotes.
fn opaque(text: &str) -> String {
    format!("\"{:.16}\"", sha256_hex(text.as_bytes()))
}

/// Whether `If-None-Match` names the tag, weak or strong, or any. No tag has a quote inside, so that a piece between two commas
/// is this tag or no whole one.
fn names(asked: &HeaderMap, tag: &str) -> bool {
    let mut values = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    values.any(|value| {
        let mut tags = value.split(',').map(str::trim);
        value.trim() == "*" || tags.any(|one| one.strip_prefix("W/").unwrap_or(one) == tag)
    })
}
