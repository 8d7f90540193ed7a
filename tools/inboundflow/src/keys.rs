//! `keys`: creates, lists, revokes and rotates API keys, in the table and in the gateway's usage plan.

use anyhow::{Context as _, Result, anyhow};
use domain::{DEFAULT_REQUESTS_PER_MINUTE, Error, RecordId, Timestamp};
use serde_json::json;
use store::{IssuedKey, KeyRequest, KeySummary, PreparedKey, Store};

use crate::{
    Deployment,
    cli::KeysCommand,
    explain::{explain, no_organization},
    output::{line, warn},
    plan::{self, Gateway, Plan},
};

pub(crate) async fn run(command: KeysCommand, deployment: &Deployment) -> Result<()> {
    let (store, gateway) = deployment.open_with_gateway().await;
    let gateway = gateway.as_ref();
    match command {
        KeysCommand::Create { organization, name, scopes, expires_in, json } => {
            let request = KeyRequest {
                organization,
                name,
                scopes: scopes.into_iter().collect(),
                expires_at: expires_in.map(|time| Timestamp::now().plus(time)),
                requests_per_minute: DEFAULT_REQUESTS_PER_MINUTE,
            };
            let plan = plan(gateway).await?;
            let prepared = store.prepare_key(&request).await;
            let prepared = prepared.map_err(|error| no_organization(error, organization))?;
            let issued =
                issue(plan.as_ref(), prepared, |key| key, async |key| store.put_key(key).await).await?;
            wait(plan.as_ref(), &store, &issued).await;
            show_issued(&issued, json)
        }
        KeysCommand::List { organization, json } => {
            store.organization(organization).await.map_err(|error| no_organization(error, organization))?;
            let keys = store.keys(organization).await.map_err(explain)?;
            keys.iter().try_for_each(|key| show(key, json))
        }
        KeysCommand::Revoke { key_id, json } => {
            revoke(&store, gateway, key_id).await?;
            if json {
                return line(&json!({"key_id": key_id, "revoked": true}).to_string());
            }
            line(&format!("Revoked {key_id}: its next request is refused."))
        }
        KeysCommand::Rotate { key_id, overlap, json } => {
            let plan = plan(gateway).await?;
            let rotation = store.prepare_rotation(key_id).await.map_err(|error| no_key(error, key_id))?;
            let rotated = async |rotation| store.rotate_key(rotation, overlap).await;
            let (issued, end) =
                issue(plan.as_ref(), rotation, |rotation| &rotation.prepared, rotated).await?;
            wait(plan.as_ref(), &store, &issued).await;
            show_issued(&issued, json)?;
            if json { Ok(()) } else { line(&format!("The old key works until {end}.")) }
        }
        KeysCommand::Doctor { dry_run, pool, json } => {
            let plan = plan(gateway).await?.context(
                "keys doctor compares the keys with API Gateway, and only a DynamoDB is named here: leave --endpoint-url \
                 and AWS_ENDPOINT_URL_DYNAMODB out.",
            )?;
            plan::doctor(&store, &plan, plan::Options { dry_run, pool, json }).await
        }
    }
}

async fn plan(gateway: Option<&Gateway>) -> Result<Option<Plan>> {
    match gateway {
        Some(gateway) => gateway.plan().await.map(Some),
        None => Ok(None),
    }
}

/// The gateway's key first, then the table: what the gateway admits opens nothing without its item, and
/// what is in the table must be admitted.
async fn issue<T, K>(
    plan: Option<&Plan>,
    key: K,
    prepared: impl Fn(&K) -> &PreparedKey,
    store: impl AsyncFnOnce(K) -> Result<T, Error>,
) -> Result<T> {
    let Some(plan) = plan else { return store(key).await.map_err(explain) };
    let admission = plan.admit(prepared(&key)).await?;
    match store(key).await {
        Ok(stored) => Ok(stored),
        Err(error) => Err(plan.undo(admission, explain(error)).await),
    }
}

/// The table first: it decides at the next request, whatever becomes of the rest.
async fn revoke(store: &Store, gateway: Option<&Gateway>, key_id: RecordId) -> Result<()> {
    store.revoke_key(key_id).await.map_err(|error| no_key(error, key_id))?;
    let Some(gateway) = gateway else { return Ok(()) };
    gateway.disable(key_id).await.map_err(|error| {
        anyhow!(
            "{key_id} is revoked, and its next request is refused; but its API Gateway key could not be disabled: \
             revoke it again, or run `keys doctor`. {error:#}"
        )
    })
}

async fn wait(plan: Option<&Plan>, store: &Store, issued: &IssuedKey) {
    let Some(plan) = plan else { return };
    if !plan.wait_until_usable(&issued.key).await {
        warn(
            "The API does not take the key yet: the gateway needs a moment more. If it needs longer than some \
             minutes, run `keys doctor`.",
        );
    }
    if let Some(crowding) = plan.crowding(issued.key_id).await {
        warn(&crowding);
    }
    if let Some(unprotected) = plan.unprotected(store).await {
        warn(&unprotected);
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
