//! The handlers of an endpoint's deliveries.

use api::{
    Accepted, ApiError, Caller, Id, Ids, List, ListQuery, NoParameters, One, OptionalBody, Read, Write,
};
use domain::{
    RecordId, Timestamp,
    webhooks::{Attempt, Delivery, DeliveryReplay, DeliveryStatus, EventType},
};
use serde::Serialize;

/// A delivery with the bodies of the receiver's responses, which a list leaves out.
#[derive(Serialize)]
pub(super) struct DeliveryWithResponses {
    id: RecordId,
    webhook_id: RecordId,
    event: EventType,
    status: DeliveryStatus,
    test: bool,
    attempts: Vec<AttemptWithResponse>,
    next_attempt_at: Option<Timestamp>,
    created_at: Timestamp,
}

#[derive(Serialize)]
struct AttemptWithResponse {
    #[serde(flatten)]
    attempt: Attempt,
    response_body: Option<String>,
}

impl DeliveryWithResponses {
    fn new(delivery: Delivery, mut answers: Vec<(u32, String)>) -> Self {
        let attempts = delivery.attempts.into_iter().map(|attempt| {
            let answer = answers.iter().position(|(number, _)| *number == attempt.number);
            AttemptWithResponse { response_body: answer.map(|at| answers.swap_remove(at).1), attempt }
        });
        Self {
            attempts: attempts.collect(),
            id: delivery.id,
            webhook_id: delivery.webhook_id,
            event: delivery.event,
            status: delivery.status,
            test: delivery.test,
            next_attempt_at: delivery.next_attempt_at,
            created_at: delivery.created_at,
        }
    }
}

pub(super) async fn list_deliveries(
    caller: Caller<Delivery, Read>,
    Id(webhook): Id,
    query: ListQuery<Delivery>,
) -> Result<List, ApiError> {
    let page = caller.items().page_of_webhook(webhook, &query).await?;
    Ok(List::new(&query, page))
}

pub(super) async fn get_delivery(
    caller: Caller<Delivery, Read>,
    Ids([webhook, id]): Ids<2>,
    _: NoParameters,
) -> Result<One<DeliveryWithResponses>, ApiError> {
    let (delivery, answers) = caller.items().get_with_responses(webhook, id).await?;
    Ok(One(DeliveryWithResponses::new(delivery, answers)))
}

pub(super) async fn replay_delivery(
    caller: Caller<Delivery, Write>,
    Ids([webhook, id]): Ids<2>,
    _: NoParameters,
    OptionalBody(_): OptionalBody<DeliveryReplay>,
) -> Result<Accepted<Delivery>, ApiError> {
    let (deliveries, webhook) = caller.changes_after(caller.items().enabled_webhook(webhook)).await?;
    Ok(Accepted(deliveries.replay(webhook, id).await?))
}
