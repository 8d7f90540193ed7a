//! What the function takes from a REST API's event.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    headers: Headers,
    query_string_parameters: Option<Parameters>,
    request_context: RequestContext,
}

#[derive(Deserialize)]
struct Headers {
    // HTTP/1.1 clients write the one, those of HTTP/2 the other.
    #[serde(rename = "Authorization", alias = "authorization")]
    authorization: Option<String>,
}

#[derive(Deserialize)]
struct Parameters {
    limit: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    request_id: String,
}

impl Event {
    /// SHA-256 of the key, in hex; none where no key was sent.
    pub(crate) fn key_hash(&self) -> Option<String> {
        let key = self.headers.authorization.as_deref()?.strip_prefix("Bearer ")?;
        Some(Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// How many calls were asked for; none where that is no number from 1 to 100.
    pub(crate) fn limit(&self) -> Option<usize> {
        let limit = self.query_string_parameters.as_ref().and_then(|parameters| parameters.limit.as_deref());
        limit.map_or(Some(50), |limit| limit.parse().ok()).filter(|limit| (1..=100).contains(limit))
    }

    pub(crate) fn request_id(&self) -> String {
        let digits = self.request_context.request_id.chars().filter(|c| *c != '-').take(12);
        format!("req_{}", digits.collect::<String>())
    }
}
