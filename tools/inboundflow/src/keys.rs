//! `keys`: API keys.

use anyhow::{Result, anyhow};
use domain::{DEFAULT_REQUESTS_PER_MINUTE, Error, OrganizationId, RecordId, Timestamp};
use serde_json::json;
use store::{IssuedKey, KeyRequest, KeySummary, Store};

use crate::{
    cli::KeysCommand,
    output::{explain, line},
};

pub(crate) async fn run(command: KeysCommand, store: &Store) -> Result<()> {
    match command {
        KeysCommand::Create { organization, name, scopes, expires_in, json } => {
            let request = KeyRequest {
                organization,
                name,
                scopes: scopes.into_iter().collect(),
                expires_at: expires_in.map(|time| Timestamp::now().plus(time)),
                requests_per_minute: DEFAULT_REQUESTS_PER_MINUTE,
            };
            let issued =
                store.create_key(&request).await.map_err(|error| no_organization(error, organization))?;
            show_issued(&issued, json)
        }
        KeysCommand::List { organization, json } => {
            store.organization(organization).await.map_err(|error| no_organization(error, organization))?;
            let keys = store.keys(organization).await.map_err(explain)?;
            keys.iter().try_for_each(|key| show(key, json))
        }
        KeysCommand::Revoke { key_id, json } => {
            store.revoke_key(key_id).await.map_err(|error| no_key(error, key_id))?;
            if json {
                return line(&json!({"key_id": key_id, "revoked": true}).to_string());
            }
            line(&format!("Revoked {key_id}: its next request is refused."))
        }
        KeysCommand::Rotate { key_id, overlap, json } => {
            let (issued, end) =
                store.rotate_key(key_id, overlap).await.map_err(|error| no_key(error, key_id))?;
            show_issued(&issued, json)?;
            if json { Ok(()) } else { line(&format!("The old key works until {end}.")) }
        }
    }
}

fn no_organization(error: Error, organization: OrganizationId) -> anyhow::Error {
    match error {
        Error::NotFound => {
            anyhow!("There is no organization {organization}: `orgs list` shows those that are.")
        }
        error => explain(error),
    }
}

fn no_key(error: Error, key_id: RecordId) -> anyhow::Error {
    match error {
        Error::NotFound => {
            anyhow!("There is no key {key_id}: `keys list --organization ID` shows those that are.")
        }
        error => explain(error),
    }
}

fn show_issued(issued: &IssuedKey, json: bool) -> Result<()> {
    let IssuedKey { key_id, key, expires_at } = issued;
    if json {
        return line(
            &json!({"key_id": key_id, "api_key": key.reveal(), "expires_at": expires_at}).to_string(),
        );
    }
    line(key.reveal())?;
    let end = expires_at.map_or("until it is revoked".to_owned(), |at| format!("until {at}"));
    line(&format!("Store it now: it is not shown again. Its id is {key_id}; it works {end}."))
}

fn show(key: &KeySummary, json: bool) -> Result<()> {
    if json {
        return line(&serde_json::to_string(key)?);
    }
    let time = |time: Option<Timestamp>| time.map_or("never".to_owned(), |time| time.to_string());
    let revoked = key.revoked_at.map(|at| format!("  REVOKED {at}")).unwrap_or_default();
    line(&format!(
        "{}  {}  {}  [{}]  created {}  expires {}  last used {}{revoked}",
        key.key_id,
        key.hint,
        key.name,
        key.scopes.join(", "),
        key.created_at,
        time(key.expires_at),
        time(key.last_used_at),
    ))
}
