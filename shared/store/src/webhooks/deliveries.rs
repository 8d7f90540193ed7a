//! The attempts of a delivery: one worker at a time makes one, and its result is kept.

use std::time::Duration;

use domain::{
    Error, Kind as _, OrganizationId, RecordId, Timestamp,
    webhooks::{Attempt, Delivery, DeliveryStatus, DeliveryTask, Event, MAX_ATTEMPTS, MAX_QUEUE_DELAY},
};
use dynamodb::{
    UpdateExpression, Updated,
    sdk::{
        operation::update_item::builders::UpdateItemFluentBuilder,
        types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
    },
};

use crate::{
    Store,
    error::{corrupt, failed},
    item::{self, Item, attribute, n, s, time},
    tables::{DELETE_AFTER, DUE_AT, DUE_SHARD, KEPT},
};

/// How long a worker has a delivery to itself: as long as its function may run.
const LEASE: Duration = Duration::from_secs(60);
/// After how long the sweep sends a delivery whose message was lost.
pub(super) const LOST_AFTER: Duration = Duration::from_secs(15 * 60);
/// How much later than the queue the sweep sends what the queue delays.
const AFTER_QUEUE: Duration = Duration::from_secs(2 * 60);
/// How many parts the index of due deliveries has.
pub(super) const DUE_SHARDS: usize = 8;
/// How many attempts there have been, in all and since the last replay.
pub(super) const NUMBER: &str = "number";
pub(super) const ROUND: &str = "round";
pub(super) const LEASED_UNTIL: &str = "leased_until";
const LEASED_BY: &str = "leased_by";
/// Marks a delivery that the table's stream is to put on the queue.
pub(super) const SEND: &str = "send";
pub(super) const NEXT_ATTEMPT: &str = "next_attempt_at";

/// The result of claiming a delivery for an attempt.
#[derive(Debug)]
pub enum Claim {
    /// The attempt is this worker's.
    Yours(Box<Claimed>),
    /// The attempt was made, or is not wanted any more.
    Over,
    /// Another worker is making the attempt, and may not come to an end.
    Busy,
}

/// A delivery that one worker has to itself for a while.
#[derive(Debug)]
pub struct Claimed {
    /// The delivery.
    pub delivery: Delivery,
    /// The event's id.
    pub event_id: RecordId,
    /// The number of this attempt.
    pub number: u32,
    /// The attempt's number since the delivery was made or last replayed.
    pub round: u32,
    pub(super) organization: OrganizationId,
    lease: String,
}

/// The result of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The receiver accepted the delivery.
    Succeeded,
    /// The receiver did not accept the delivery, and this was the last attempt.
    Failed,
    /// The receiver did not accept the delivery; the time of the next attempt.
    Again(Timestamp),
}

/// The item of a delivery without attempts, which the stream is to put on the queue.
pub(super) fn new_delivery(event: &Event, webhook: RecordId, test: bool, now: Timestamp) -> Item {
    let id = event.delivery_id(webhook);
    let mut item = item::key(event.organization_id, id.to_string());
    item.extend(Item::from([
        ("webhook_id".to_owned(), s(webhook.to_string())),
        ("event_id".to_owned(), s(event.id.to_string())),
        ("event".to_owned(), s(event.event.as_str())),
        ("status".to_owned(), s(DeliveryStatus::Pending.as_str())),
        ("test".to_owned(), AttributeValue::Bool(test)),
        ("created_at".to_owned(), time(now)),
        (NEXT_ATTEMPT.to_owned(), time(now)),
        (NUMBER.to_owned(), n(0)),
        (ROUND.to_owned(), n(0)),
        (SEND.to_owned(), AttributeValue::Bool(true)),
        (DUE_SHARD.to_owned(), s(due_shard(id))),
        (DUE_AT.to_owned(), time(now.plus(LOST_AFTER))),
        (DELETE_AFTER.to_owned(), n(now.plus(KEPT).unix_seconds())),
    ]));
    item
}

pub(super) fn due_shard(delivery: RecordId) -> String {
    delivery.spread(DUE_SHARDS).to_string()
}

impl Store {
    /// Claims a delivery for an attempt, where nobody else has made that attempt or is making it.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn claim(&self, task: &DeliveryTask) -> Result<Claim, Error> {
        let now = self.now();
        let lease = RecordId::random().to_string();
        let change = UpdateExpression::default()
            .set(LEASED_UNTIL, n(now.plus(LEASE).unix_ms()))
            .set(LEASED_BY, s(&lease))
            .remove(&[SEND])
            .only_if("#status = :pending AND #number = :number")
            .only_if("attribute_not_exists(#leased_until) OR #leased_until <= :now")
            .name("status")
            .name(NUMBER)
            .value("pending", s(DeliveryStatus::Pending.as_str()))
            .value("number", n(task.number.into()))
            .value("now", n(now.unix_ms()));
        let update = self
            .update_delivery(task.organization_id, task.delivery_id)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match change.send(update).await.map_err(|error| failed(error))? {
            Updated::Written(item) => {
                Ok(Claim::Yours(Box::new(Claimed::from_item(task.organization_id, item, lease)?)))
            }
            Updated::Refused(item) => refused(item, task, lease),
        }
    }

    /// Keeps the result of an attempt, and the beginning of the receiver's response. Nothing is kept where the
    /// lease ran out and another worker has taken over.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn settle(
        &self,
        claimed: &Claimed,
        attempt: Attempt,
        answer: &str,
        verdict: Verdict,
    ) -> Result<(), Error> {
        if !answer.is_empty() {
            self.put_response(claimed, answer).await?;
        }
        let mut attempts = claimed.delivery.attempts.clone();
        attempts.push(attempt);
        let too_many = attempts.len().saturating_sub(MAX_ATTEMPTS);
        let attempts = attribute(&attempts[too_many..].to_vec())?;
        let attempted = || {
            UpdateExpression::default()
                .set("attempts", attempts.clone())
                .set(NUMBER, n(claimed.number.into()))
        };
        let change = attempted().set(ROUND, n(claimed.round.into()));
        let change = match verdict {
            Verdict::Succeeded => over(change, DeliveryStatus::Succeeded),
            Verdict::Failed => over(change, DeliveryStatus::Failed),
            Verdict::Again(at) => {
                let by_queue = at <= self.now().plus(MAX_QUEUE_DELAY);
                let due_at = if by_queue { at.plus(AFTER_QUEUE) } else { at };
                let change = change.set(NEXT_ATTEMPT, time(at)).remove(&[LEASED_UNTIL, LEASED_BY]);
                change.set(DUE_SHARD, s(due_shard(claimed.delivery.id))).set(DUE_AT, time(due_at))
            }
        };
        self.release(claimed, change, attempted()).await
    }

    /// Ends a delivery whose endpoint is disabled or gone, or of whose event nothing is kept any more.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn cancel(&self, claimed: &Claimed) -> Result<(), Error> {
        let cancelled = over(UpdateExpression::default(), DeliveryStatus::Cancelled);
        self.release(claimed, cancelled, UpdateExpression::default()).await
    }

    /// Writes the result of an attempt, unless the delivery was replayed meanwhile: then only that it was `attempted`.
    async fn release(
        &self,
        claimed: &Claimed,
        change: UpdateExpression,
        attempted: UpdateExpression,
    ) -> Result<(), Error> {
        let change = change.only_if("attribute_not_exists(#send)").name(SEND);
        if !self.write_as_holder(claimed, change).await? {
            let attempted = attempted.set(DUE_AT, time(self.now())).remove(&[LEASED_UNTIL, LEASED_BY]);
            self.write_as_holder(claimed, attempted).await?;
        }
        Ok(())
    }

    /// Makes a change as the delivery's holder. False where somebody else has the delivery now, or a condition of the change does not hold.
    async fn write_as_holder(&self, claimed: &Claimed, change: UpdateExpression) -> Result<bool, Error> {
        let change = change.only_if("#leased_by = :mine").name(LEASED_BY).value("mine", s(&claimed.lease));
        let update = self.update_delivery(claimed.organization, claimed.delivery.id);
        Ok(matches!(change.send(update).await.map_err(|error| failed(error))?, Updated::Written(_)))
    }

    pub(super) fn update_delivery(
        &self,
        organization: OrganizationId,
        id: RecordId,
    ) -> UpdateItemFluentBuilder {
        self.update_item(Delivery::RESOURCE.table, item::key(organization, id.to_string()))
    }
}

impl Claimed {
    fn from_item(organization: OrganizationId, item: Item, lease: String) -> Result<Self, Error> {
        let event_id = item::text(&item, "event_id")?.parse();
        let event_id = event_id.map_err(|_| corrupt("item", "a delivery's event_id is no id"))?;
        let (number, round) = (item::number(&item, NUMBER) + 1, item::number(&item, ROUND) + 1);
        Ok(Self { delivery: item::into_value(item)?, event_id, number, round, organization, lease })
    }

    /// The delivery task for the attempt after this one.
    #[must_use]
    pub fn next_task(&self) -> DeliveryTask {
        DeliveryTask {
            organization_id: self.organization,
            webhook_id: self.delivery.webhook_id,
            delivery_id: self.delivery.id,
            number: self.number,
        }
    }
}

/// The claim of a delivery whose condition did not hold. The delivery is this worker's all the same where the first
/// reply to its claim was lost on the way.
fn refused(item: Item, task: &DeliveryTask, lease: String) -> Result<Claim, Error> {
    let has =
        |name: &str, text: &str| item.get(name).is_some_and(|value| value.as_s().is_ok_and(|s| s == text));
    if has(LEASED_BY, &lease) {
        return Ok(Claim::Yours(Box::new(Claimed::from_item(task.organization_id, item, lease)?)));
    }
    let is_open =
        has("status", DeliveryStatus::Pending.as_str()) && item::number(&item, NUMBER) == task.number;
    Ok(if is_open { Claim::Busy } else { Claim::Over })
}

/// Ends a delivery with this status.
fn over(change: UpdateExpression, status: DeliveryStatus) -> UpdateExpression {
    change.set("status", s(status.as_str())).remove(&[
        NEXT_ATTEMPT,
        LEASED_UNTIL,
        LEASED_BY,
        DUE_SHARD,
        DUE_AT,
        SEND,
    ])
}
