//! The handler of a batch: of each message, whether its delivery is still wanted, is in the right queue, and is claimed by
//! no other worker.

use std::time::Duration;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::{
    Error,
    webhooks::{DeliveryTask, WebhookStatus},
};
use futures_util::future::join_all;
use store::{Claim, Claimed, DeliveryEndpoint, Store};
use worker::{DeliveryQueue, Interruption, TimeBudget};

use crate::{Outbound, attempt::Attempting};

/// How long one message may take. All of a batch are under way at once, and so stay within the function's
/// minute; and within that of a claim, so that no worker is at a delivery any more when another one claims it.
const TIME_FOR_ONE: Duration = Duration::from_secs(45);

/// The handler of the deliveries queues: the tables, the HTTPS client, and the slow deliveries queue.
#[derive(Clone)]
pub struct Deliver {
    store: Store,
    outbound: Outbound,
    slow_queue: DeliveryQueue,
}

/// Why a message has to be received again.
enum RetryReason {
    /// Another worker has claimed the delivery, and may die before the attempt is made.
    Claimed,
    /// DynamoDB or SQS failed, the message names no delivery, or work on the message was interrupted.
    Failed(String),
}

impl Deliver {
    /// The handler over these tables, with this client, and this queue for deliveries to endpoints that make others
    /// wait.
    #[must_use]
    pub fn new(store: Store, outbound: Outbound, slow_queue: DeliveryQueue) -> Self {
        Self { store, outbound, slow_queue }
    }

    /// Carries out a batch, all of it at once: no delivery waits for another one's receiver. The response names the
    /// messages that have to be received again.
    pub async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        let budget = TimeBudget::at_once(TIME_FOR_ONE);
        let done = join_all(batch.records.iter().map(|message| self.is_done(message, budget))).await;
        let mut response = SqsBatchResponse::default();
        for (message, _) in batch.records.into_iter().zip(done).filter(|(_, is_done)| !is_done) {
            response.add_failure(message.message_id.unwrap_or_default());
        }
        response
    }

    /// Carries out a message and logs why it has to be received again; false where it has to.
    async fn is_done(&self, message: &SqsMessage, budget: TimeBudget) -> bool {
        let message_id = message.message_id.as_deref().unwrap_or_default();
        match budget.isolate(self.carry_out(message)).await.map_err(RetryReason::from).flatten() {
            Ok(()) => return true,
            Err(RetryReason::Claimed) => {
                tracing::warn!(message_id, reason = "claimed by another worker", "message_retried");
            }
            Err(RetryReason::Failed(error)) => tracing::error!(message_id, error, "delivery_failed"),
        }
        false
    }

    async fn carry_out(&self, message: &SqsMessage) -> Result<(), RetryReason> {
        let task = serde_json::from_str(message.body.as_deref().unwrap_or_default());
        let task: DeliveryTask =
            task.map_err(|_| RetryReason::Failed("the message names no delivery".to_owned()))?;
        let endpoint = self.store.delivery_endpoint(task.organization_id, task.webhook_id).await?;
        let is_troubled = endpoint.as_ref().is_some_and(|endpoint| endpoint.is_troubled(self.store.now()));
        if is_troubled && !self.slow_queue.is_source_of(message) {
            return self.slow_queue.send(&task, Duration::ZERO).await.map_err(RetryReason::Failed);
        }
        let is_sent_to = |endpoint: &DeliveryEndpoint| endpoint.webhook.status == WebhookStatus::Enabled;
        if endpoint.as_ref().is_some_and(is_sent_to)
            && let Some(wait) = self.store.pace(task.organization_id, task.webhook_id).await?
        {
            // It is not claimed, and so this is no attempt of it.
            let DeliveryTask { organization_id, webhook_id, delivery_id, .. } = task;
            let seconds = wait.as_secs();
            tracing::info!(%organization_id, %webhook_id, %delivery_id, seconds, "delivery_delayed");
            return self.slow_queue.send(&task, wait).await.map_err(RetryReason::Failed);
        }
        match self.store.claim(&task).await? {
            Claim::Over => Ok(()),
            Claim::Busy => Err(RetryReason::Claimed),
            Claim::Yours(claimed) => Ok(self.deliver(endpoint, &task, &claimed).await?),
        }
    }

    /// Makes the attempt that was claimed, or cancels a delivery whose endpoint or event is gone.
    async fn deliver(
        &self,
        endpoint: Option<DeliveryEndpoint>,
        task: &DeliveryTask,
        claimed: &Claimed,
    ) -> Result<(), Error> {
        let endpoint = endpoint.filter(|endpoint| endpoint.webhook.status == WebhookStatus::Enabled);
        if let Some(endpoint) = endpoint
            && let Some(event) = self.store.event(task.organization_id, claimed.event_id).await?
        {
            let Self { store, outbound, slow_queue } = self;
            let attempting = Attempting { store, outbound, slow_queue, endpoint, claimed };
            return attempting.carry_out(&event).await;
        }
        self.store.cancel(claimed).await?;
        let DeliveryTask { organization_id, webhook_id, delivery_id, .. } = task;
        tracing::info!(%organization_id, %webhook_id, %delivery_id, "delivery_cancelled");
        Ok(())
    }
}

impl From<Error> for RetryReason {
    fn from(error: Error) -> Self {
        Self::Failed(error.for_log())
    }
}

impl From<Interruption> for RetryReason {
    fn from(interruption: Interruption) -> Self {
        Self::Failed(interruption.to_string())
    }
}
