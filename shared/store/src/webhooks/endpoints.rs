//! Endpoints as the API creates and changes them.

use domain::{
    Conflict, Error, Kind as _, RecordId,
    webhooks::{
        DisabledReason, EventType, MAX_WEBHOOKS, NewWebhook, Secret, Webhook, WebhookPatch, WebhookStatus,
    },
};
use dynamodb::{
    UpdateExpression, Updated,
    sdk::types::{ReturnValue, Select},
};

use super::health::HEALTH;
use crate::{
    Changes, Items,
    error::{contended, failed, internal},
    item::{self, Item, attribute, s, time},
};

impl Items<Webhook> {
    /// Checks that the organization may have another endpoint.
    ///
    /// # Errors
    /// [`Conflict::TooManyWebhooks`] where it has as many as it may have.
    pub async fn has_room(&self) -> Result<(), Error> {
        match self.count().await? {
            MAX_WEBHOOKS.. => Err(Error::Conflict(Conflict::TooManyWebhooks)),
            _ => Ok(()),
        }
    }

    async fn count(&self) -> Result<usize, Error> {
        let query = self.store.query_of(Webhook::RESOURCE.table, self.organization, "");
        let counted = query
            .select(Select::Count)
            .consistent_read(true)
            .customize()
            .send()
            .await
            .map_err(|error| internal(error))?;
        Ok(usize::try_from(counted.count).unwrap_or(0))
    }
}

impl Changes<Webhook> {
    /// Creates an endpoint with this secret.
    ///
    /// # Errors
    /// [`Conflict::TooManyWebhooks`] where the organization has as many as it may have.
    pub async fn create(&self, new: NewWebhook, secret: &Secret) -> Result<Webhook, Error> {
        let now = self.store.now();
        let webhook = Webhook {
            id: RecordId::random(),
            url: new.url,
            description: new.description,
            events: new.events,
            status: WebhookStatus::Enabled,
            disabled_reason: None,
            failing_since: None,
            created_at: now,
            updated_at: now,
        };
        self.put(&webhook, secret).await?;
        // However many there were before, others may have been made beside it.
        let there = self.count().await;
        if there.as_ref().is_ok_and(|there| *there <= MAX_WEBHOOKS) {
            return Ok(webhook);
        }
        // Without its secret, which is in the response alone, nobody has a use for it.
        // Where it could not be deleted it is there: the error must not ask for another attempt.
        let deleted = self.delete(webhook.id).await;
        deleted.map_err(|error| error.cause().cloned().map_or(error, Error::Internal))?;
        // There was room before: those that were made meanwhile may be deleted again too.
        there.and_then(|_| Err(contended("Query", "endpoints were made side by side")))
    }

    /// Changes an endpoint. An endpoint that is enabled begins with a clean record.
    ///
    /// # Errors
    /// [`Error::NotFound`] where this organization has no such endpoint.
    pub async fn change(&self, id: RecordId, patch: WebhookPatch) -> Result<Webhook, Error> {
        if patch == WebhookPatch::default() {
            return self.get(id).await;
        }
        let mut change = UpdateExpression::default().set("updated_at", time(self.store.now()));
        if let Some(url) = patch.url {
            // The health of the old one says nothing of the new one.
            change = change.set("url", s(url));
            if patch.status.is_none() {
                change = change.remove(&HEALTH);
            }
        }
        if let Some(events) = patch.events {
            change = change.set("events", attribute::<Vec<EventType>>(&events)?);
        }
        match patch.description {
            Some(Some(text)) => change = change.set("description", s(text)),
            Some(None) => change = change.remove(&["description"]),
            None => {}
        }
        match patch.status {
            Some(WebhookStatus::Enabled) => {
                change = change.set("status", s(WebhookStatus::Enabled.as_str()));
                change = change.remove(&["disabled_reason"]).remove(&HEALTH);
            }
            Some(WebhookStatus::Disabled) => {
                change = change.set("status", s(WebhookStatus::Disabled.as_str()));
                change = change.set("disabled_reason", s(DisabledReason::Requested.as_str()));
            }
            None => {}
        }
        item::into_value(self.update(id, change).await?)
    }

    /// Changes an endpoint that is there; returns its item.
    async fn update(&self, id: RecordId, change: UpdateExpression) -> Result<Item, Error> {
        let key = item::key(self.organization, id.to_string());
        let update = self.store.update_item(Webhook::RESOURCE.table, key).return_values(ReturnValue::AllNew);
        match change.only_if("attribute_exists(id)").send(update).await.map_err(|error| failed(error))? {
            Updated::Written(item) => Ok(item),
            Updated::Refused(_) => Err(Error::NotFound),
        }
    }
}
