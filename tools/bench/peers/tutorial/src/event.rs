//! What the function takes from a request.

use lambda_http::{Request, RequestExt as _, request::RequestContext};
use sha2::{Digest as _, Sha256};

/// SHA-256 of the key, in hex; none where no key was sent.
pub(crate) fn key_hash(request: &Request) -> Option<String> {
    let key = request.headers().get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")?;
    Some(hex::encode(Sha256::digest(key)))
}

/// How many calls were asked for; none where that is no number from 1 to 100.
pub(crate) fn limit(request: &Request) -> Option<usize> {
    let parameters = request.query_string_parameters();
    let limit = parameters.first("limit").map_or(Some(50), |limit| limit.parse().ok());
    limit.filter(|limit| (1..=100).contains(limit))
}

pub(crate) fn request_id(request: &Request) -> String {
    let id = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.request_id.as_deref(),
        _ => None,
    };
    format!("req_{}", id.unwrap_or_default().chars().filter(|c| *c != '-').take(12).collect::<String>())
}
