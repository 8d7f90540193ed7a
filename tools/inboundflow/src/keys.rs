//! `keys`: creates, lists, changes, revokes and rotates API keys, in the table and in the gateway's usage plan.

use anyhow::{Context as _, Result, anyhow};
use domain::{DEFAULT_REQUESTS_PER_MINUTE, Error, RecordId, Timestamp};
use serde_json::{Value, json};
use store::{IssuedKey, KeyRequest, KeySummary, KeyUpdate, PreparedKey, Store};

use crate::{
    Deployment,
    cli::{GrantedScopes, KeyChanges, KeysCommand, Output},
    explain::{explain, no_organization},
    output::{note, warn},
    plan::{self, Gateway, Plan},
    print::{Column, Form, Layout, ListPrinter, Listed, Record, record, show},
};

/// The fields of a key that can change.
const CHANGEABLE: [&str; 3] = ["name", "scopes", "requests_per_minute"];

/// A key as it is listed.
pub(crate) enum KeyRow {}

impl Listed for KeyRow {
    const NAME: &'static str = "keys";
    const COLUMNS: &'static [Column] = &[
        Column::new("NAME", "name", Form::Words, 1),
        Column::new("STATUS", "status", Form::Whole, 2),
        Column::new("KEY", "hint", Form::Whole, 5),
        Column::new("SCOPES", "scopes", Form::Words, 6),
        Column::new("REQUESTS/MIN", "requests_per_minute", Form::Whole, 7),
        Column::new("CREATED (UTC)", "created_at", Form::Time, 8),
        Column::new("EXPIRES (UTC)", "expires_at", Form::Time, 4),
        Column::new("LAST USED (UTC)", "last_used_at", Form::Time, 3),
        Column::new("ID", "key_id", Form::Id, 0),
    ];
    const FIELDS: fn() -> &'static [&'static str] = || {
        &[
            "key_id",
            "hint",
            "name",
            "scopes",
            "requests_per_minute",
            "created_at",
            "expires_at",
            "revoked_at",
            "last_used_at",
            "status",
        ]
    };
}

pub(crate) async fn run(command: KeysCommand, deployment: &Deployment) -> Result<()> {
    let (store, gateway) = deployment.open_with_gateway().await;
    let gateway = gateway.as_ref();
    match command {
        KeysCommand::Create { organization, name, scopes, requests_per_minute, expires_in, output } => {
            let request = KeyRequest {
                organization,
                name,
                scopes: GrantedScopes::together(scopes),
                expires_at: expires_in.map(|time| Timestamp::now().plus(time)),
                requests_per_minute,
            };
            create(&store, plan(gateway).await?, deployment, &request, output.layout()).await
        }
        KeysCommand::List { organization, output } => {
            store.organization(organization).await.map_err(|error| no_organization(error, organization))?;
            let keys = store.keys(organization).await.map_err(explain)?;
            let rows: Result<Vec<Record>> = keys.iter().map(row).collect();
            ListPrinter::list::<KeyRow>(output.layout(), &rows?)
        }
        KeysCommand::Update { key_id, changes, output } => {
            let KeyChanges { name, scopes, requests_per_minute } = changes;
            if let Some(number) = requests_per_minute {
                fits(plan(gateway).await?.as_ref(), deployment, number)?;
            }
            let update = KeyUpdate { name, scopes: scopes.map(GrantedScopes::together), requests_per_minute };
            let updated = store.update_key(key_id, update).await;
            let (before, after) = updated.map_err(|error| no_key(error, key_id))?;
            show_changes(&before, &after, output.layout())
        }
        KeysCommand::Revoke { key_id, output } => {
            revoke(&store, gateway, key_id).await?;
            show(&record(&json!({"key_id": key_id, "revoked": true}))?, output.layout())
        }
        KeysCommand::Rotate { key_id, overlap, output } => {
            let plan = plan(gateway).await?;
            let rotation = store.prepare_rotation(key_id).await.map_err(|error| no_key(error, key_id))?;
            let rotated = async |rotation| store.rotate_key(rotation, overlap).await;
            let (issued, end) =
                issue(plan.as_ref(), rotation, |rotation| &rotation.prepared, rotated).await?;
            wait(plan.as_ref(), &store, &issued).await;
            show_issued(&issued, Some(end), output.layout())
        }
        KeysCommand::Doctor { dry_run, pool, output } => {
            let plan = plan(gateway).await?.context(
                "keys doctor compares the keys with API Gateway, and only a DynamoDB is named here: leave --endpoint-url \
                 and AWS_ENDPOINT_URL_DYNAMODB out.",
            )?;
            plan::doctor(&store, &plan, plan::Options { dry_run, pool, layout: output.layout() }).await
        }
    }
}

async fn create(
    store: &Store,
    plan: Option<Plan>,
    deployment: &Deployment,
    request: &KeyRequest,
    layout: Layout,
) -> Result<()> {
    fits(plan.as_ref(), deployment, request.requests_per_minute)?;
    let prepared = store.prepare_key(request).await;
    let prepared = prepared.map_err(|error| no_organization(error, request.organization))?;
    let issued = issue(plan.as_ref(), prepared, |key| key, async |key| store.put_key(key).await).await?;
    wait(plan.as_ref(), store, &issued).await;
    show_issued(&issued, None, layout)
}

async fn plan(gateway: Option<&Gateway>) -> Result<Option<Plan>> {
    match gateway {
        Some(gateway) => gateway.plan().await.map(Some),
        None => Ok(None),
    }
}

/// Checks that the gateway lets a key of this rate limit make its requests. A DynamoDB alone does not say what gateway is before it.
fn fits(plan: Option<&Plan>, deployment: &Deployment, requests_per_minute: u32) -> Result<()> {
    match plan {
        Some(plan) => plan.fits(requests_per_minute),
        None if requests_per_minute > DEFAULT_REQUESTS_PER_MINUTE && deployment.is_here() => {
            note(&format!(
                "`dev` cuts more than {DEFAULT_REQUESTS_PER_MINUTE} requests a minute short, as a stack does, unless it was started \
                 with --requests-per-minute {requests_per_minute}."
            ));
            Ok(())
        }
        None => Ok(()),
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

/// Shows a key that was just made, this once; and when the key whose place it takes ends.
fn show_issued(issued: &IssuedKey, old_end: Option<Timestamp>, layout: Layout) -> Result<()> {
    let IssuedKey { key_id, key, expires_at } = issued;
    let mut shown = record(&json!({"key_id": key_id, "api_key": key.reveal(), "expires_at": expires_at}))?;
    if let Some(end) = old_end {
        shown.insert("old_key_expires_at".to_owned(), json!(end));
    }
    show(&shown, layout)?;
    if layout.output == Output::Table {
        note("Store the key now: it is not shown again.");
    }
    Ok(())
}

/// Shows what an update changed: from what, to what.
fn show_changes(before: &KeySummary, after: &KeySummary, layout: Layout) -> Result<()> {
    let (old, new) = (record(before)?, record(after)?);
    let changed = CHANGEABLE.into_iter().filter(|field| old[*field] != new[*field]);
    let mut shown = record(&json!({"key_id": after.key_id}))?;
    if layout.output == Output::Table {
        shown.extend(changed.map(|field| {
            let change = format!("{} → {}", in_words(&old[field]), in_words(&new[field]));
            (field.to_owned(), change.into())
        }));
        let is_same = shown.len() == 1;
        show(&shown, layout)?;
        if is_same {
            note("It was so already: nothing changed.");
        }
        return Ok(());
    }
    let changed = changed.map(|field| (field.to_owned(), json!({"from": old[field], "to": new[field]})));
    let changed: Record = changed.collect();
    shown.extend(CHANGEABLE.map(|field| (field.to_owned(), new[field].clone())));
    shown.insert("changed".to_owned(), changed.into());
    show(&shown, layout)
}

fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn row(key: &KeySummary) -> Result<Record> {
    let mut row = record(key)?;
    let is_over = key.expires_at.is_some_and(|end| end <= Timestamp::now());
    let status = match key.revoked_at {
        Some(_) => "revoked",
        None if is_over => "expired",
        None => "active",
    };
    row.insert("status".to_owned(), status.into());
    Ok(row)
}
