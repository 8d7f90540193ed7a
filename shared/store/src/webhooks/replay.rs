//! Replays: a delivery once more, those of a time range, or a test's, which is made up.

use std::time::Duration;

use domain::{
    Conflict, Error, Kind as _, Problem, RecordId, Timestamp, TooSoon,
    webhooks::{
        Delivery, DeliveryStatus, Event, EventType, REPLAYED_AGAIN_AFTER, ReplayRange, Webhook,
        WebhookStatus, sample,
    },
};
use dynamodb::{
    UpdateExpression, Updated,
    sdk::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use futures_util::{future::try_join_all, join};
use serde::{Deserialize, Serialize};

use super::{
    budget::log_spent,
    deliveries::{LEASED_UNTIL, LOST_AFTER, NEXT_ATTEMPT, NUMBER, ROUND, SEND, due_shard},
    events,
};
use crate::{
    Changes, Items,
    error::{failed, internal},
    item::{self, Item, n, s, time},
    tables::{BY_CREATED, DELETE_AFTER, DUE_AT, DUE_SHARD, KEPT},
};

/// How many events one request goes through: a few seconds' work.
const EVENTS_AT_ONCE: usize = 1_000;
/// How many deliveries are written at once.
const AT_ONCE: usize = 16;
/// When a delivery was last replayed, in milliseconds since 1970.
const REPLAYED_AT: &str = "replayed_at";
/// Events of one moment are gone through again where the next request begins: it ends just behind them.
const JUST_BEHIND: Duration = Duration::from_millis(1);

/// The progress of a time range's replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// How many deliveries are attempted again.
    pub replayed: u64,
    /// The `until` of the request that goes on with the rest; none where all is done.
    pub next_until: Option<Timestamp>,
}

/// An endpoint that is enabled, and so may be sent something.
pub struct Enabled(Webhook);

/// The events of a time range that an endpoint may be sent again.
pub struct Replayable {
    webhook: Enabled,
    events: Vec<Happened>,
    include_succeeded: bool,
    next_until: Option<Timestamp>,
}

/// An event without its data.
#[derive(Deserialize)]
struct Happened {
    id: RecordId,
    event: EventType,
    #[serde(rename = "created_at")]
    at: Timestamp,
}

impl Changes<Webhook> {
    /// Sends an endpoint a test: made-up data of this event type, or of its first.
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

    /// Sends an endpoint the events again that were found, as far as the hour's replays reach: but for what is on its way at this
    /// moment, and for what it took and was replayed a moment ago.
    ///
    /// # Errors
    /// [`TooSoon::ReplaysSpent`] where there are no more replays in this hour.
    pub async fn replay(&self, found: Replayable) -> Result<Replayed, Error> {
        let Replayable { webhook: Enabled(webhook), mut events, include_succeeded, next_until } = found;
        events.retain(|happened| webhook.events.contains(&happened.event));
        if events.is_empty() {
            return Ok(Replayed { replayed: 0, next_until });
        }
        let mut budget = self.store.take_replays(self.organization, events.len() as u64).await?;
        let (mut replayed, mut rest) = (0, events.as_slice());
        while budget.left > 0 && !rest.is_empty() {
            let room = usize::try_from(budget.left).unwrap_or(AT_ONCE).min(AT_ONCE);
            let (now, later) = rest.split_at(room.min(rest.len()));
            let again = now.iter().map(|happened| self.replay_one(webhook.id, happened, include_succeeded));
            let made = match try_join_all(again).await {
                Ok(made) => made.into_iter().filter(|is_made| *is_made).count() as u64,
                Err(error) => {
                    // Of these nobody knows which were made.
                    budget.left = budget.left.saturating_sub(now.len() as u64);
                    budget.give_back().await;
                    return Err(error);
                }
            };
            (replayed, budget.left, rest) = (replayed + made, budget.left - made, later);
        }
        if !rest.is_empty() {
            log_spent(self.organization);
        }
        budget.give_back().await;
        Ok(Replayed {
            replayed,
            next_until: rest.first().map(|first| first.at.plus(JUST_BEHIND)).or(next_until),
        })
    }

    /// Replays the delivery of one event. False where it is not to be.
    async fn replay_one(
        &self,
        webhook: RecordId,
        happened: &Happened,
        include_succeeded: bool,
    ) -> Result<bool, Error> {
        let (delivery, now) = (happened.id.derived(&webhook.to_string()), self.store.now());
        let change = again(delivery, now)
            .set_if_missing("webhook_id", s(webhook.to_string()))
            .set_if_missing("event_id", s(happened.id.to_string()))
            .set_if_missing("event", s(happened.event.as_str()))
            .set_if_missing("created_at", time(now))
            .set_if_missing(NUMBER, n(0));
        let change = where_wanted(change, include_succeeded, now);
        let sent = change.send(self.store.update_delivery(self.organization, delivery)).await;
        Ok(matches!(sent.map_err(|error| failed(error))?, Updated::Written(_)))
    }
}

impl Items<Webhook> {
    /// The endpoint with this id, if it is enabled.
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

    /// The events of a time range that an endpoint may be sent, the newest first; as many as one request can send.
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

    /// The newest events of a time range that such an endpoint may be sent, and where those before them end, if
    /// there are more.
    async fn events_in(
        &self,
        webhook: RecordId,
        range: &ReplayRange,
    ) -> Result<(Vec<Happened>, Option<Timestamp>), Error> {
        let until = range.until.unwrap_or_else(|| self.store.now().plus(KEPT));
        if range.since >= until {
            return Ok((Vec::new(), None));
        }
        let range_only = " AND created_at BETWEEN :since AND :until";
        let query = self.store.query_of(Event::RESOURCE.table, self.organization, range_only);
        let mut pages = query
            .index_name(BY_CREATED)
            .expression_attribute_values(":since", time(range.since))
            .expression_attribute_values(":until", time(until))
            .scan_index_forward(false)
            .into_paginator()
            .items()
            .send();
        let (mut found, mut last) = (Vec::new(), None);
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| internal(error))?;
            let read = item::readable::<Happened>(item.clone(), Event::RESOURCE.table);
            let Some(happened) = read else { continue };
            let at = happened.at;
            // The end itself is outside of the range.
            if at >= until {
                continue;
            }
            // Events of one moment are gone through together: the next request begins before it.
            if found.len() >= EVENTS_AT_ONCE && last.is_some_and(|last| at < last) {
                return Ok((found, last));
            }
            // That an endpoint was disabled is sent to the others, also after it is enabled again.
            let is_published = happened.event != EventType::WebhookDisabled
                || events::readable(item).is_some_and(|event| !event.is_about(webhook));
            found.extend(is_published.then_some(happened));
            last = Some(at);
        }
        Ok((found, None))
    }
}

impl Items<Delivery> {
    /// The endpoint with this id, if it is enabled.
    ///
    /// # Errors
    /// [`Error::NotFound`] where this organization has no such endpoint; [`Conflict::WebhookDisabled`].
    pub async fn enabled_webhook(&self, id: RecordId) -> Result<Enabled, Error> {
        self.store.items::<Webhook>(self.organization).enabled(id).await
    }
}

impl Changes<Delivery> {
    /// Sends a delivery again, whether or not the receiver took it.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the endpoint has no such delivery; [`Error::TooSoon`] where the hour has no more
    /// replays, or the endpoint took it and it was replayed a moment ago.
    pub async fn replay(&self, Enabled(webhook): Enabled, id: RecordId) -> Result<Delivery, Error> {
        let mut budget = self.store.take_replays(self.organization, 1).await?;
        let now = self.store.now();
        let change = again(id, now)
            .only_if("#webhook_id = :webhook_id")
            .name("webhook_id")
            .value("webhook_id", s(webhook.id.to_string()))
            .only_if(&format!("#status <> :succeeded OR {LONG_AGO}"))
            .value("succeeded", s(DeliveryStatus::Succeeded.as_str()))
            .value("long_ago", long_ago(now));
        let update = self
            .store
            .update_delivery(self.organization, id)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let error = match change.send(update).await.map_err(|error| failed(error))? {
            Updated::Written(item) => {
                budget.left = 0;
                return item::into_value(item);
            }
            Updated::Refused(item) => refused(&item, webhook.id, now),
        };
        budget.give_back().await;
        Err(error)
    }
}

/// The error for a delivery that was not replayed.
fn refused(item: &Item, webhook: RecordId, now: Timestamp) -> Error {
    if item::text(item, "webhook_id").ok() != Some(webhook.to_string().as_str()) {
        return Error::NotFound;
    }
    let replayed_at = item.get(REPLAYED_AT).and_then(|at| at.as_n().ok()?.parse().ok()).unwrap_or(0_i64);
    let since = Duration::from_millis((now.unix_ms() - replayed_at).unsigned_abs());
    let seconds = REPLAYED_AGAIN_AFTER.saturating_sub(since).as_millis().div_ceil(1000);
    let seconds = u64::try_from(seconds).unwrap_or(1).max(1);
    Error::TooSoon { reason: TooSoon::ReplayedJustNow, seconds }
}

/// Makes a delivery due now, with all its attempts again.
fn again(delivery: RecordId, now: Timestamp) -> UpdateExpression {
    UpdateExpression::default()
        .set("status", s(DeliveryStatus::Pending.as_str()))
        .set(ROUND, n(0))
        .set(REPLAYED_AT, n(now.unix_ms()))
        .set(SEND, AttributeValue::Bool(true))
        .set(NEXT_ATTEMPT, time(now))
        .set(DUE_SHARD, s(due_shard(delivery)))
        .set(DUE_AT, time(now.plus(LOST_AFTER)))
        .set(DELETE_AFTER, n(now.plus(KEPT).unix_seconds()))
}

/// The condition that a delivery was not replayed a moment ago.
const LONG_AGO: &str = "attribute_not_exists(#replayed_at) OR #replayed_at <= :long_ago";

fn long_ago(now: Timestamp) -> AttributeValue {
    n(now.minus(REPLAYED_AGAIN_AFTER).unix_ms())
}

/// Adds the condition that leaves alone what is on its way at this moment: of what is pending, only what waits for a later attempt is
/// brought forward. Of what the endpoint took, what was replayed a moment ago is left alone too.
fn where_wanted(again: UpdateExpression, include_succeeded: bool, now: Timestamp) -> UpdateExpression {
    let waiting = "#status = :status AND #next_attempt_at > :next_attempt_at \
                   AND (attribute_not_exists(#leased_until) OR #leased_until <= :now)";
    let succeeded = format!("#status = :succeeded AND ({LONG_AGO})");
    let over = "#status IN (:failed, :cancelled)";
    let taken = if include_succeeded { format!(" OR ({succeeded})") } else { String::new() };
    let change = again
        .only_if(&format!("attribute_not_exists(id) OR {over} OR ({waiting}){taken}"))
        .name(LEASED_UNTIL)
        .value("now", n(now.unix_ms()))
        .value("failed", s(DeliveryStatus::Failed.as_str()))
        .value("cancelled", s(DeliveryStatus::Cancelled.as_str()));
    match include_succeeded {
        false => change,
        true => {
            change.value("succeeded", s(DeliveryStatus::Succeeded.as_str())).value("long_ago", long_ago(now))
        }
    }
}
