//! Endpoints, with the same rules as the API has.

use std::time::Duration;

use anyhow::Result;
use domain::{
    FromFields, ListRequest, OrganizationId, Timestamp, catalogue,
    webhooks::{NewWebhook, Secret, UrlPolicy, Webhook, WebhookPatch},
};
use serde_json::{Map, Value, json};
use store::{Changes, Store};

use super::{known, no_webhook};
use crate::{
    Deployment,
    cli::{CreateWebhook, Endpoint, WebhookChanges},
    output::{explain, harmless_line, line},
};

pub(super) async fn create(deployment: &Deployment, store: &Store, options: CreateWebhook) -> Result<()> {
    let CreateWebhook { organization, url, events, description, json } = options;
    let fields = json!({"url": url, "events": events, "description": description});
    let new: NewWebhook = read(&fields)?;
    let new = new.permitted(&policy(deployment)?).map_err(explain)?;
    known(store, organization).await?;
    let secret = Secret::generate()?;
    let webhooks = webhooks(store, organization);
    webhooks.has_room().await.map_err(explain)?;
    let webhook = webhooks.create(new, &secret).await.map_err(explain)?;
    show_secret(&webhook, &secret, None, json)
}

pub(super) async fn list(store: &Store, organization: OrganizationId, json: bool) -> Result<()> {
    known(store, organization).await?;
    // As many as there may be are on one page.
    let limit = [("limit".to_owned(), domain::MAX_LIMIT.to_string())];
    let request = ListRequest::parse(&catalogue::WEBHOOKS, None, &limit).map_err(explain)?;
    let page = webhooks(store, organization).page(&request).await.map_err(explain)?;
    let webhooks: Vec<Webhook> = serde_json::from_str(&page.records)?;
    webhooks.iter().try_for_each(|webhook| show(webhook, json))
}

pub(super) async fn one(store: &Store, endpoint: &Endpoint) -> Result<()> {
    let webhook = webhooks(store, endpoint.organization).get(endpoint.webhook_id).await;
    show(&webhook.map_err(|error| no_webhook(error, endpoint))?, endpoint.json)
}

pub(super) async fn update(
    deployment: &Deployment,
    store: &Store,
    endpoint: &Endpoint,
    changes: WebhookChanges,
) -> Result<()> {
    let WebhookChanges { url, events, description, enable, disable } = changes;
    let status = match (enable, disable) {
        (true, _) => Some("enabled"),
        (_, true) => Some("disabled"),
        _ => None,
    };
    let description = description.map(|text| if text.is_empty() { Value::Null } else { text.into() });
    let fields: Map<String, Value> = [
        ("url", url.map(Value::from)),
        ("events", events.map(|events| json!(events))),
        ("description", description),
        ("status", status.map(Value::from)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect();
    let patch: WebhookPatch = read(&fields.into())?;
    let patch = patch.permitted(&policy(deployment)?).map_err(explain)?;
    let changed = webhooks(store, endpoint.organization).change(endpoint.webhook_id, patch).await;
    show(&changed.map_err(|error| no_webhook(error, endpoint))?, endpoint.json)
}

pub(super) async fn delete(store: &Store, endpoint: &Endpoint) -> Result<()> {
    let id = endpoint.webhook_id;
    let deleted = webhooks(store, endpoint.organization).delete(id).await;
    deleted.map_err(|error| no_webhook(error, endpoint))?;
    if endpoint.json {
        return line(&json!({"id": id, "deleted": true}).to_string());
    }
    line(&format!("Deleted {id}: what is on its way to it is cancelled."))
}

pub(super) async fn rotate_secret(store: &Store, endpoint: &Endpoint, overlap: Duration) -> Result<()> {
    let next = Secret::generate()?;
    let webhooks = webhooks(store, endpoint.organization);
    let rotated = async {
        let rotatable = webhooks.rotatable(endpoint.webhook_id).await?;
        webhooks.rotate_secret(rotatable, &next, overlap).await
    };
    let (webhook, end) = rotated.await.map_err(|error| no_webhook(error, endpoint))?;
    show_secret(&webhook, &next, Some(end), endpoint.json)
}

pub(super) async fn move_secrets(store: &Store, json: bool) -> Result<()> {
    let mut moved = 0;
    for organization in store.organizations().await.map_err(explain)? {
        moved += store.move_old_secrets(organization.organization_id).await.map_err(explain)?;
    }
    if json {
        return line(&json!({"moved": moved}).to_string());
    }
    line(&format!("Moved the secrets of {moved} endpoints: none is left in the table of endpoints."))
}

fn webhooks(store: &Store, organization: OrganizationId) -> Changes<Webhook> {
    store.changes(organization)
}

/// Which URLs the deployment's functions allow, where they have the same variables. On this machine that is
/// `dev`, which may deliver here: what it does not deliver, its log tells.
fn policy(deployment: &Deployment) -> Result<UrlPolicy> {
    let policy = UrlPolicy::from_variables(|name| std::env::var(name).ok()).map_err(anyhow::Error::msg)?;
    Ok(UrlPolicy { loopback: policy.loopback || deployment.is_here(), ..policy })
}

/// Options as the API would read them.
fn read<T: FromFields>(fields: &Value) -> Result<T> {
    let none = Map::new();
    T::from_fields(fields.as_object().unwrap_or(&none)).map_err(explain)
}

fn show_secret(webhook: &Webhook, secret: &Secret, old_until: Option<Timestamp>, json: bool) -> Result<()> {
    if json {
        let mut shown = serde_json::to_value(webhook)?;
        shown["secret"] = secret.reveal().into();
        if let Some(end) = old_until {
            shown["previous_secret_expires_at"] = json!(end);
        }
        return line(&shown.to_string());
    }
    line(secret.reveal())?;
    line(&format!("Store it now: it is not shown again. It is the endpoint's {}.", webhook.id))?;
    match old_until {
        Some(end) => line(&format!("The old secret signs beside it until {end}.")),
        None => Ok(()),
    }
}

fn show(webhook: &Webhook, json: bool) -> Result<()> {
    if json {
        return line(&serde_json::to_string(webhook)?);
    }
    let events = webhook.events.iter().map(|event| event.as_str()).collect::<Vec<_>>().join(", ");
    let why = webhook.disabled_reason.map(|reason| format!(" ({})", reason.as_str())).unwrap_or_default();
    let failing = webhook.failing_since.map(|at| format!("  failing since {at}")).unwrap_or_default();
    let description =
        webhook.description.iter().map(|text| format!("  {}", harmless_line(text))).collect::<String>();
    line(&format!(
        "{}  {}  [{events}]  {}{why}{failing}  created {}{description}",
        webhook.id,
        harmless_line(&webhook.url),
        webhook.status.as_str(),
        webhook.created_at,
    ))
}
