//! Deliveries once more: one, those of a time, or one that is made up.

use aws_sdk_dynamodb::{
    error::ProvideErrorMetadata as _,
    types::{AttributeValue, ReturnValue},
};
use domain::{
    Conflict, Error, Kind as _, Problem, RecordId, Timestamp,
    webhooks::{Delivery, DeliveryStatus, Event, EventType, ReplayRange, Webhook, WebhookStatus, sample},
};
use futures_util::{StreamExt as _, TryStreamExt as _, join, stream};
use serde::Serialize;

use super::{
    CONDITION_NOT_MET, KEPT,
    deliveries::{LEASED_UNTIL, LOST_AFTER, NEXT_ATTEMPT, NUMBER, ROUND, SEND, due_shard},
    events, time,
};
use crate::{
    Changes, Items,
    error::{internal, left_out},
    item::{self, Item, n, s},
    tables::{BY_CREATED, DELETE_AFTER, DUE_AT, DUE_SHARD},
    update::Change,
};

/// How many events one request goes through: a few seconds' work.
const EVENTS_AT_ONCE: usize = 1_000;
/// How many deliveries are written at once.
const AT_ONCE: usize = 16;

/// How far the replay of a time range has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// How many deliveries are on their way again.
    pub replayed: u64,
    /// Where to go on, as `until`; none where all is done.
    pub next_until: Option<Timestamp>,
}

/// An endpoint that may be sent something.
pub struct Enabled(Webhook);

/// What an endpoint may be sent again.
pub struct Replayable {
    webhook: Enabled,
    events: Vec<(RecordId, EventType)>,
    include_succeeded: bool,
    next_until: Option<Timestamp>,
}

impl Changes<Webhook> {
    /// Sends an endpoint something made up: of this event, or of its first.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn test(&self, Enabled(webhook): Enabled, event: Option<EventType>) -> Result<Delivery, Error> {
        let event = event.or(webhook.events.first().copied()).unwrap_or(EventType::CallCompleted);
        let event = Event {
            id: RecordId::random(),
            event,
            organization_id: self.organization,
            created_at: self.store.now(),
            data: sample(event),
        };
        self.store.publish_test(&event, webhook.id).await
    }

    /// Sends an endpoint again what was found, but for what is on its way at this moment.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn replay(&self, found: Replayable) -> Result<Replayed, Error> {
        let Replayable { webhook, events, include_succeeded, next_until } = found;
        let Enabled(Webhook { id, events: wanted, .. }) = webhook;
        let events = events.into_iter().filter(|(_, event)| wanted.contains(event));
        let again = stream::iter(events).map(|(event_id, event)| async move {
            let (delivery, now) = (event_id.derived(&id.to_string()), self.store.now());
            let change = again(delivery, now)
                .set_if_missing("webhook_id", s(id.to_string()))
                .set_if_missing("event_id", s(event_id.to_string()))
                .set_if_missing("event", s(event.as_str()))
                .set_if_missing("created_at", time(now))
                .set_if_missing(NUMBER, n(0));
            let change = where_wanted(change, include_succeeded, now);
            match change.apply(self.store.delivery(self.organization, delivery)).send().await {
                Ok(_) => Ok(1),
                Err(error) if error.code() == Some(CONDITION_NOT_MET) => Ok(0),
                Err(error) => Err(internal("UpdateItem", error)),
            }
        });
        let counts: Vec<u64> = again.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(Replayed { replayed: counts.iter().sum(), next_until })
    }
}

impl Items<Webhook> {
    /// An endpoint, if it may be sent something.
    ///
    /// # Errors
    /// [`Error::NotFound`] where this organization has no such endpoint; [`Conflict::WebhookDisabled`].
    pub async fn enabled(&self, id: RecordId) -> Result<Enabled, Error> {
        let webhook: Webhook = self.get(id).await?;
        match webhook.status {
            WebhookStatus::Enabled => Ok(Enabled(webhook)),
            WebhookStatus::Disabled => Err(Error::Conflict(Conflict::WebhookDisabled)),
        }
    }

    /// What an endpoint may be told of a time, the newest first; as much of it as one request can send.
    ///
    /// # Errors
    /// As [`Self::enabled`]; [`Error::Invalid`] where the time is still to come.
    pub async fn replayable(&self, id: RecordId, range: &ReplayRange) -> Result<Replayable, Error> {
        if range.since > self.store.now() {
            return Err(Error::invalid("since", Problem::InTheFuture));
        }
        let (webhook, events) = join!(self.enabled(id), self.events_in(id, range));
        let (webhook, (events, next_until)) = (webhook?, events?);
        Ok(Replayable { webhook, events, include_succeeded: range.include_succeeded, next_until })
    }

    /// The newest events of a time that such an endpoint may be told of, and where those before them end, if
    /// there are more.
    async fn events_in(
        &self,
        webhook: RecordId,
        range: &ReplayRange,
    ) -> Result<(Vec<(RecordId, EventType)>, Option<Timestamp>), Error> {
        let until = range.until.unwrap_or_else(|| self.store.now().plus(KEPT));
        if range.since >= until {
            return Ok((Vec::new(), None));
        }
        let query = self.store.client.query().table_name(self.store.table(Event::RESOURCE.table));
        let mut pages = query
            .index_name(BY_CREATED)
            .key_condition_expression(
                "organization_id = :organization AND created_at BETWEEN :since AND :until",
            )
            .expression_attribute_values(":organization", s(self.organization.to_string()))
            .expression_attribute_values(":since", time(range.since))
            .expression_attribute_values(":until", time(until))
            .scan_index_forward(false)
            .into_paginator()
            .items()
            .send();
        let (mut found, mut last) = (Vec::new(), None);
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| internal("Query", error))?;
            let Some((id, event, at)) = read(&item) else { continue };
            // The end itself is outside of the range.
            if at >= until {
                continue;
            }
            // Events of one moment are gone through together: the next request begins before it.
            if found.len() >= EVENTS_AT_ONCE && last.is_some_and(|last| at < last) {
                return Ok((found, last));
            }
            // It is told to the others that it was disabled, also after it is enabled again.
            let is_told = event != EventType::WebhookDisabled
                || events::readable(item).is_some_and(|event| !event.is_about(webhook));
            found.extend(is_told.then_some((id, event)));
            last = Some(at);
        }
        Ok((found, None))
    }
}

impl Items<Delivery> {
    /// The endpoint, if it may be sent something.
    ///
    /// # Errors
    /// [`Error::NotFound`] where this organization has no such endpoint; [`Conflict::WebhookDisabled`].
    pub async fn enabled_webhook(&self, id: RecordId) -> Result<Enabled, Error> {
        self.store.items::<Webhook>(self.organization).enabled(id).await
    }
}

impl Changes<Delivery> {
    /// Sends a delivery again, whether or not the endpoint took it.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the endpoint has no such delivery.
    pub async fn replay(&self, Enabled(webhook): Enabled, id: RecordId) -> Result<Delivery, Error> {
        let change = again(id, self.store.now())
            .only_if("#webhook_id = :webhook_id")
            .name("webhook_id")
            .value("webhook_id", s(webhook.id.to_string()));
        let update = self.store.delivery(self.organization, id).return_values(ReturnValue::AllNew);
        match change.apply(update).send().await {
            Ok(updated) => item::into_value(updated.attributes.unwrap_or_default()),
            Err(error) if error.code() == Some(CONDITION_NOT_MET) => Err(Error::NotFound),
            Err(error) => Err(internal("UpdateItem", error)),
        }
    }
}

/// A delivery that is to be tried now, and all times again.
fn again(delivery: RecordId, now: Timestamp) -> Change {
    Change::default()
        .set("status", s(DeliveryStatus::Pending.as_str()))
        .set(ROUND, n(0))
        .set(SEND, AttributeValue::Bool(true))
        .set(NEXT_ATTEMPT, time(now))
        .set(DUE_SHARD, s(due_shard(delivery)))
        .set(DUE_AT, time(now.plus(LOST_AFTER)))
        .set(DELETE_AFTER, n(now.plus(KEPT).unix_seconds()))
}

/// Leaves alone what is on its way at this moment: of what is pending, only what waits for a later try is
/// brought forward.
fn where_wanted(again: Change, include_succeeded: bool, now: Timestamp) -> Change {
    let over = if include_succeeded { "#status <> :status" } else { "#status IN (:failed, :cancelled)" };
    let waiting = "#status = :status AND #next_attempt_at > :next_attempt_at \
                   AND (attribute_not_exists(#leased_until) OR #leased_until <= :now)";
    let change = again
        .only_if(&format!("attribute_not_exists(id) OR {over} OR ({waiting})"))
        .name(LEASED_UNTIL)
        .value("now", n(now.unix_ms()));
    if include_succeeded {
        return change;
    }
    change
        .value("failed", s(DeliveryStatus::Failed.as_str()))
        .value("cancelled", s(DeliveryStatus::Cancelled.as_str()))
}

/// What an item of the list says; one that does not read is left out.
fn read(item: &Item) -> Option<(RecordId, EventType, Timestamp)> {
    let text = |name| item::text(item, name).ok();
    let read = || {
        let event = serde_json::from_value(text("event")?.into()).ok()?;
        Some((text("id")?.parse().ok()?, event, Timestamp::parse(text("created_at")?)?))
    };
    let read = read();
    if read.is_none() {
        left_out(Event::RESOURCE.table, text("id"));
    }
    read
}
