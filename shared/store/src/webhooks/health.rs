//! Endpoints as `deliver` needs them: with their secrets, and with how their receivers have responded lately.

use std::time::Duration;

use domain::{
    Error, Kind as _, OrganizationId, RecordId, Timestamp,
    webhooks::{DisabledReason, Health, Secrets, Webhook, WebhookStatus},
};
use dynamodb::{UpdateExpression, Updated};

use super::secrets::StoredEndpoint;
use crate::{
    Store,
    error::{failed, internal},
    item::{self, s, time},
};

/// The attributes that say how an endpoint's receiver has responded lately.
pub(super) const HEALTH: [&str; 3] = ["failing_since", "last_failed_at", "troubled_until"];
/// For how long after a failed or slow attempt an endpoint's deliveries go to the slow queue.
const TROUBLED_FOR: Duration = Duration::from_secs(10 * 60);
/// How much of [`TROUBLED_FOR`] is over when an endpoint's trouble is noted anew.
const REFRESH_AFTER: Duration = Duration::from_secs(60);

/// An endpoint with everything that sending to it takes.
#[derive(Clone, Debug)]
pub struct DeliveryEndpoint {
    /// The organization that the endpoint belongs to.
    pub organization_id: OrganizationId,
    /// The endpoint.
    pub webhook: Webhook,
    /// The secrets that its deliveries are signed with.
    pub secrets: Secrets,
    health: Health,
    troubled_until: Option<Timestamp>,
}

impl DeliveryEndpoint {
    /// Whether the endpoint's receiver failed or was slow a moment ago.
    #[must_use]
    pub fn is_troubled(&self, now: Timestamp) -> bool {
        self.troubled_until.is_some_and(|until| now < until)
    }

    /// Whether the trouble was noted a moment ago, so that another note would say nothing new.
    fn is_noted(&self, now: Timestamp) -> bool {
        self.is_troubled(now.plus(TROUBLED_FOR - REFRESH_AFTER))
    }

    fn new(organization_id: OrganizationId, endpoint: StoredEndpoint) -> Result<Self, Error> {
        let StoredEndpoint { item, secrets, .. } = endpoint;
        let at = |name: &str| item.get(name).and_then(|at| Timestamp::parse(at.as_s().ok()?));
        let health = Health { failing_since: at("failing_since"), last_failed_at: at("last_failed_at") };
        let troubled_until = at("troubled_until");
        Ok(Self { organization_id, webhook: item::into_value(item)?, secrets, health, troubled_until })
    }
}

impl Store {
    /// The endpoint with this id, if there is one.
    ///
    /// # Errors
    /// When DynamoDB cannot be asked.
    pub async fn delivery_endpoint(
        &self,
        organization: OrganizationId,
        id: RecordId,
    ) -> Result<Option<DeliveryEndpoint>, Error> {
        let endpoint = self.endpoint(organization, id).await?;
        endpoint.map(|endpoint| DeliveryEndpoint::new(organization, endpoint)).transpose()
    }

    /// Every endpoint of an organization. One that does not read is left out, so that the others get
    /// their events: it can be sent what it missed once it is mended.
    ///
    /// # Errors
    /// When DynamoDB cannot be asked.
    pub async fn webhooks(&self, organization: OrganizationId) -> Result<Vec<Webhook>, Error> {
        let query = self.query_of(Webhook::RESOURCE.table, organization, "").consistent_read(true);
        let mut pages = query.into_paginator().items().send();
        let mut webhooks = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| internal(error))?;
            webhooks.extend(item::readable::<Webhook>(item, Webhook::RESOURCE.table));
        }
        Ok(webhooks)
    }

    /// Notes that an endpoint's receiver is slow, whatever it responds in the end.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn note_slow(&self, endpoint: &DeliveryEndpoint) -> Result<(), Error> {
        let now = self.now();
        if endpoint.is_noted(now) {
            return Ok(());
        }
        let change = UpdateExpression::default().set("troubled_until", time(now.plus(TROUBLED_FOR)));
        self.note(endpoint, change).await.map(|_| ())
    }

    /// Notes that an endpoint's receiver took a delivery, quickly or `slowly`, which [`Self::note_slow`] has noted.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn note_success(&self, endpoint: &DeliveryEndpoint, slowly: bool) -> Result<(), Error> {
        let recovered = endpoint.health != Health::default();
        let over = match slowly {
            true if recovered => &HEALTH[..2],
            false if recovered || endpoint.troubled_until.is_some() => &HEALTH[..],
            _ => return Ok(()),
        };
        self.note(endpoint, UpdateExpression::default().remove(over)).await.map(|_| ())
    }

    /// Notes that an endpoint's receiver did not take a delivery; disables the endpoint where it has failed for too
    /// long. Returns whether it did.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn note_failure(&self, endpoint: &DeliveryEndpoint) -> Result<bool, Error> {
        let now = self.now();
        let health = endpoint.health.after_failure(now);
        if health.is_given_up(now) {
            let since = endpoint.health.failing_since.unwrap_or(now);
            let change = disabled(DisabledReason::Failing, now)
                .only_if("#failing_since = :since")
                .name("failing_since")
                .value("since", time(since));
            return self.note(endpoint, change).await;
        }
        if endpoint.is_noted(now) && health.failing_since == endpoint.health.failing_since {
            return Ok(false);
        }
        let change = UpdateExpression::default()
            .set("last_failed_at", time(now))
            .set("troubled_until", time(now.plus(TROUBLED_FOR)));
        let change = match endpoint.health.failing_since {
            known if known == health.failing_since => change,
            Some(_) => change.set("failing_since", time(now)),
            // Others may have noted it first.
            None => change.set_if_missing("failing_since", time(now)),
        };
        self.note(endpoint, change).await.map(|_| false)
    }

    /// Disables an endpoint whose receiver responded that it is gone. Returns whether it was enabled.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn disable_gone(&self, endpoint: &DeliveryEndpoint) -> Result<bool, Error> {
        self.note(endpoint, disabled(DisabledReason::Gone, self.now())).await
    }

    /// Makes a change of an endpoint's health. False where the endpoint is no longer as it has to be for that.
    async fn note(&self, endpoint: &DeliveryEndpoint, change: UpdateExpression) -> Result<bool, Error> {
        let key = item::key(endpoint.organization_id, endpoint.webhook.id.to_string());
        // What the receiver at another URL does says nothing of this one.
        let change = change.only_if("#url = :url").name("url").value("url", s(&endpoint.webhook.url));
        let noted = change.send(self.update_item(Webhook::RESOURCE.table, key)).await;
        Ok(matches!(noted.map_err(|error| failed(error))?, Updated::Written(_)))
    }
}

fn disabled(reason: DisabledReason, now: Timestamp) -> UpdateExpression {
    UpdateExpression::default()
        .set("status", s(WebhookStatus::Disabled.as_str()))
        .set("disabled_reason", s(reason.as_str()))
        .set("updated_at", time(now))
        .only_if("#status = :enabled")
        .value("enabled", s(WebhookStatus::Enabled.as_str()))
}
