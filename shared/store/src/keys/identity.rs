//! Whose a key is, what it may do, and what became of a request with it.

use domain::{OrganizationId, Rate, RecordId, Scope, Scopes, Unauthenticated};
use serde::{Deserialize, Deserializer};

/// Whose key it is and what it may do.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Identity {
    /// The key's id, which may be logged.
    pub key_id: RecordId,
    /// The organization that it belongs to.
    #[serde(rename = "organization_id")]
    pub organization: OrganizationId,
    /// What it may do.
    #[serde(deserialize_with = "known_scopes")]
    pub scopes: Scopes,
    pub(super) requests_per_minute: u32,
}

/// A request that was counted.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Whose it is.
    pub identity: Identity,
    /// How the minute stands after it.
    pub rate: Rate,
    /// Whether the minute had room for it.
    pub admitted: bool,
}

/// What is known of a key without any I/O.
#[derive(Debug)]
pub enum Recall {
    /// Nothing.
    Nothing,
    /// It was good the last time.
    Known(Identity),
    /// It was refused a moment ago.
    Refused(Unauthenticated),
    /// Its minute is used up.
    Blocked(Rate),
}

/// Reads scopes. One of a later version is no reason to refuse what the key may do today.
fn known_scopes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Scopes, D::Error> {
    let scopes = Vec::<String>::deserialize(deserializer)?;
    Ok(scopes.iter().filter_map(|scope| scope.parse::<Scope>().ok()).collect())
}
