//! Endpoints in the tables, for operators, with the same rules as the API has.

use std::time::Duration;

use anyhow::{Result, anyhow};
use domain::{
    Conflict, Error, FromFields, ListRequest, MAX_LIMIT, OrganizationId, RecordId, Timestamp, catalogue,
    webhooks::{Delivery, EventType, NewWebhook, ReplayRange, Secret, UrlPolicy, Webhook, WebhookPatch},
};
use serde_json::{Map, Value, json};
use store::{Changes, Items, Store};

use super::endpoints::Endpoints;
use crate::{
    Deployment,
    explain::{explain, no_organization},
    print::{Record, record},
};

/// The tables of a deployment, and an organization in them.
pub(super) struct Tables<'a> {
    deployment: &'a Deployment,
    store: Store,
    organization: OrganizationId,
}

impl<'a> Tables<'a> {
    pub(super) async fn open(deployment: &'a Deployment, organization: OrganizationId) -> Self {
        Self { deployment, store: deployment.open().await, organization }
    }

    fn webhooks(&self) -> Changes<Webhook> {
        self.store.changes(self.organization)
    }

    /// Which URLs the deployment's functions allow, where they have the same variables. On this machine that is
    /// `dev`, which may deliver here; its log says what it does not deliver.
    fn policy(&self) -> Result<UrlPolicy> {
        let policy =
            UrlPolicy::from_variables(|name| std::env::var(name).ok()).map_err(anyhow::Error::msg)?;
        Ok(UrlPolicy { loopback: policy.loopback || self.deployment.is_here(), ..policy })
    }

    fn no_webhook(&self, error: Error, id: RecordId) -> anyhow::Error {
        let organization = self.organization;
        match error {
            Error::NotFound => anyhow!(
                "The organization has no endpoint {id}: `webhooks list --organization {organization}` shows those that it has."
            ),
            Error::Conflict(Conflict::WebhookDisabled) => {
                anyhow!(
                    "The endpoint {id} is disabled, and so is sent nothing: `webhooks update {id} --organization {organization} --enable` first."
                )
            }
            Error::TooSoon { seconds, .. } => anyhow!("{error} These are {seconds}."),
            error => explain(error),
        }
    }

    fn no_delivery(&self, error: Error, id: RecordId, delivery: RecordId) -> anyhow::Error {
        let organization = self.organization;
        match error {
            Error::NotFound => anyhow!(
                "The organization has no endpoint {id} with a delivery {delivery}: `webhooks deliveries {id} --organization {organization}` shows those that there are."
            ),
            error => self.no_webhook(error, id),
        }
    }
}

/// That the organization is there: it is asked for where nothing else would miss it.
pub(super) async fn known(store: &Store, organization: OrganizationId) -> Result<()> {
    let found = store.organization(organization).await;
    found.map(drop).map_err(|error| no_organization(error, organization))
}

/// Options as the API would read them.
fn read<T: FromFields>(fields: &Value) -> Result<T> {
    let none = Map::new();
    T::from_fields(fields.as_object().unwrap_or(&none)).map_err(explain)
}

fn with_secret(webhook: &Webhook, secret: &Secret) -> Result<Record> {
    let mut shown = record(webhook)?;
    shown.insert("secret".to_owned(), secret.reveal().into());
    Ok(shown)
}

impl Endpoints for Tables<'_> {
    async fn create(&self, fields: &Value) -> Result<Record> {
        let new: NewWebhook = read(fields)?;
        let new = new.permitted(&self.policy()?).map_err(explain)?;
        known(&self.store, self.organization).await?;
        let secret = Secret::generate()?;
        self.webhooks().has_room().await.map_err(explain)?;
        with_secret(&self.webhooks().create(new, &secret).await.map_err(explain)?, &secret)
    }

    async fn list(&self, mut each: impl FnMut(&[Record]) -> Result<()>) -> Result<()> {
        known(&self.store, self.organization).await?;
        // As many as there may be are on one page.
        let limit = [("limit".to_owned(), MAX_LIMIT.to_string())];
        let request = ListRequest::parse(&catalogue::WEBHOOKS, None, &limit).map_err(explain)?;
        let page = self.webhooks().page(&request).await.map_err(explain)?;
        let records: Vec<Record> = serde_json::from_str(&page.records)?;
        each(&records)
    }

    async fn get(&self, id: RecordId) -> Result<Record> {
        record(&self.webhooks().get(id).await.map_err(|error| self.no_webhook(error, id))?)
    }

    async fn update(&self, id: RecordId, fields: &Value) -> Result<Record> {
        let patch: WebhookPatch = read(fields)?;
        let patch = patch.permitted(&self.policy()?).map_err(explain)?;
        record(&self.webhooks().change(id, patch).await.map_err(|error| self.no_webhook(error, id))?)
    }

    async fn delete(&self, id: RecordId) -> Result<Record> {
        self.webhooks().delete(id).await.map_err(|error| self.no_webhook(error, id))?;
        record(&json!({"id": id, "deleted": true}))
    }

    async fn test(&self, id: RecordId, event: Option<EventType>) -> Result<Record> {
        let webhooks = self.webhooks();
        let sent = async { webhooks.test(webhooks.enabled(id).await?, event).await };
        record(&sent.await.map_err(|error| self.no_webhook(error, id))?)
    }

    async fn rotate_secret(&self, id: RecordId, overlap: Duration) -> Result<Record> {
        let (next, webhooks) = (Secret::generate()?, self.webhooks());
        let rotated = async { webhooks.rotate_secret(webhooks.rotatable(id).await?, &next, overlap).await };
        let (webhook, end) = rotated.await.map_err(|error| self.no_webhook(error, id))?;
        let mut shown = with_secret(&webhook, &next)?;
        shown.insert("previous_secret_expires_at".to_owned(), json!(end));
        Ok(shown)
    }

    async fn deliveries(
        &self,
        id: RecordId,
        filters: Vec<(String, String)>,
        limit: usize,
        mut each: impl FnMut(&[Record]) -> Result<()>,
    ) -> Result<()> {
        let request = ListRequest::parse(&catalogue::DELIVERIES, Some(id), &filters);
        let mut request = request.map_err(explain)?;
        let items: Items<Delivery> = self.store.items(self.organization);
        let mut left = limit;
        while left > 0 {
            request.limit = left.min(MAX_LIMIT);
            let page = items.page_of_webhook(id, &request).await;
            let page = page.map_err(|error| self.no_webhook(error, id))?;
            let records: Vec<Record> = serde_json::from_str(&page.records)?;
            each(&records)?;
            left -= records.len();
            match page.next {
                Some(next) => request.cursor = Some(next),
                None => break,
            }
        }
        Ok(())
    }

    async fn delivery(&self, id: RecordId, delivery: RecordId) -> Result<Record> {
        let found = self.store.items::<Delivery>(self.organization).get_with_responses(id, delivery).await;
        let (delivery, answers) = found.map_err(|error| self.no_delivery(error, id, delivery))?;
        let answer =
            |number: u32| answers.iter().find(|(of, _)| *of == number).map(|(_, text)| text.as_str());
        let mut shown = serde_json::to_value(&delivery)?;
        let attempts = shown["attempts"].as_array_mut().into_iter().flatten();
        for (attempt, shown) in delivery.attempts.iter().zip(attempts) {
            shown["response_body"] = json!(answer(attempt.number));
        }
        record(&shown)
    }

    async fn replay_delivery(&self, id: RecordId, delivery: RecordId) -> Result<Record> {
        let deliveries = self.store.changes::<Delivery>(self.organization);
        let again = async { deliveries.replay(deliveries.enabled_webhook(id).await?, delivery).await };
        record(&again.await.map_err(|error| self.no_delivery(error, id, delivery))?)
    }

    async fn replay(&self, id: RecordId, range: &ReplayRange) -> Result<(u64, Option<Timestamp>)> {
        let webhooks = self.webhooks();
        let part = async { webhooks.replay(webhooks.replayable(id, range).await?).await };
        let part = part.await.map_err(|error| self.no_webhook(error, id))?;
        Ok((part.replayed, part.next_until))
    }
}
