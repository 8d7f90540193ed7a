//! The identity behind a key, and how its request was counted.

use domain::{OrganizationId, Rate, RecordId, Scope, Scopes, Unauthenticated};
use serde::{Deserialize, Deserializer};

/// Whose a key is, and what it may do.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Identity {
    /// The key's id, which may be logged.
    pub key_id: RecordId,
    /// The organization that the key belongs to.
    #[serde(rename = "organization_id")]
    pub organization: OrganizationId,
    /// The key's scopes.
    #[serde(deserialize_with = "known_scopes")]
    pub scopes: Scopes,
    pub(super) requests_per_minute: u32,
}

/// A request that was counted.
#[derive(Clone, Debug)]
pub struct Admission {
    /// The identity behind the request's key.
    pub identity: Identity,
    /// The state of the key's minute after the request.
    pub rate: Rate,
    /// Whether the minute had room for the request.
    pub admitted: bool,
}

/// What is cached of a key.
#[derive(Debug)]
pub enum Recall {
    /// Nothing.
    Nothing,
    /// The key was good the last time.
    Cached(Identity),
    /// The key was refused a moment ago.
    Refused(Unauthenticated),
    /// The key's minute is used up.
    Blocked(Rate),
}

/// Reads scopes. One of a later version is no reason to refuse what the key may do today.
fn known_scopes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Scopes, D::Error> {
    let scopes = Vec::<String>::deserialize(deserializer)?;
    Ok(scopes.iter().filter_map(|scope| scope.parse::<Scope>().ok()).collect())
}
