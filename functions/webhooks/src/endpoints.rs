//! The handlers of endpoints.

use api::{
    Accepted, ApiError, Body, Caller, Created, Id, List, ListQuery, NoParameters, One, OptionalBody, Read,
    Write,
};
use domain::{
    Error, RecordId, Timestamp,
    webhooks::{
        Delivery, NewWebhook, ReplayRange, RotationRequest, Secret, TestRequest, UrlPolicy, Webhook,
        WebhookPatch,
    },
};
use serde::Serialize;

/// An endpoint with its secret, which is shown only in this response.
#[derive(Serialize)]
pub(super) struct WithSecret {
    #[serde(flatten)]
    webhook: Webhook,
    secret: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_secret_expires_at: Option<Timestamp>,
}

#[derive(Serialize)]
pub(super) struct Deleted {
    id: RecordId,
    deleted: bool,
}

pub(super) async fn list_webhooks(
    caller: Caller<Webhook, Read>,
    query: ListQuery<Webhook>,
) -> Result<List, ApiError> {
    let page = caller.items().page(&query).await?;
    Ok(List::new(&query, page))
}

pub(super) async fn create_webhook(
    policy: UrlPolicy,
    caller: Caller<Webhook, Write>,
    _: NoParameters,
    Body(new): Body<NewWebhook>,
) -> Result<Created<WithSecret>, ApiError> {
    let secret = Secret::generate().map_err(|error| Error::internal(error))?;
    let new = new.permitted(&policy)?;
    let (webhooks, ()) = caller.changes_after(caller.items().has_room()).await?;
    let webhook = webhooks.create(new, &secret).await?;
    let secret = secret.reveal().to_owned();
    Ok(Created::new(WithSecret { webhook, secret, previous_secret_expires_at: None }))
}

pub(super) async fn get_webhook(
    caller: Caller<Webhook, Read>,
    Id(id): Id,
    _: NoParameters,
) -> Result<One<Webhook>, ApiError> {
    Ok(One(caller.items().get(id).await?))
}

pub(super) async fn update_webhook(
    policy: UrlPolicy,
    caller: Caller<Webhook, Write>,
    Id(id): Id,
    _: NoParameters,
    Body(patch): Body<WebhookPatch>,
) -> Result<One<Webhook>, ApiError> {
    let patch = patch.permitted(&policy)?;
    Ok(One(caller.changes().await?.change(id, patch).await?))
}

pub(super) async fn delete_webhook(
    caller: Caller<Webhook, Write>,
    Id(id): Id,
    _: NoParameters,
) -> Result<One<Deleted>, ApiError> {
    caller.changes().await?.delete(id).await?;
    Ok(One(Deleted { id, deleted: true }))
}

pub(super) async fn test_webhook(
    caller: Caller<Webhook, Write>,
    Id(id): Id,
    _: NoParameters,
    OptionalBody(request): OptionalBody<TestRequest>,
) -> Result<Accepted<Delivery>, ApiError> {
    let (webhooks, webhook) = caller.changes_after(caller.items().enabled(id)).await?;
    Ok(Accepted(webhooks.test(webhook, request.event).await?))
}

pub(super) async fn rotate_secret(
    caller: Caller<Webhook, Write>,
    Id(id): Id,
    _: NoParameters,
    OptionalBody(request): OptionalBody<RotationRequest>,
) -> Result<One<WithSecret>, ApiError> {
    let next = Secret::generate().map_err(|error| Error::internal(error))?;
    let (webhooks, endpoint) = caller.changes_after(caller.items().rotatable(id)).await?;
    let (webhook, end) = webhooks.rotate_secret(endpoint, &next, request.overlap).await?;
    let secret = next.reveal().to_owned();
    Ok(One(WithSecret { webhook, secret, previous_secret_expires_at: Some(end) }))
}

pub(super) async fn replay_webhook(
    caller: Caller<Webhook, Write>,
    Id(id): Id,
    _: NoParameters,
    Body(range): Body<ReplayRange>,
) -> Result<Accepted<impl Serialize + use<>>, ApiError> {
    let (webhooks, found) = caller.changes_after(caller.items().replayable(id, &range)).await?;
    Ok(Accepted(webhooks.replay(found).await?))
}
