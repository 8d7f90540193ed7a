//! Messages from the queues, each looked at on its own: is it still wanted, is it in the right lane, and
//! does nobody else have it.

use std::{panic::AssertUnwindSafe, time::Duration};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::{
    Error,
    webhooks::{DeliveryTask, WebhookStatus},
};
use futures_util::{FutureExt as _, future::join_all};
use store::{Claim, Claimed, Receiver, Store};
use tokio::time::timeout;

use crate::{Lanes, Outbound, attempt::Attempting};

/// How long one message may take. All of a batch are under way at once, and so stay within the function's
/// minute; and within that of a claim, so that nobody is at a delivery any more when another one claims it.
const TIME_FOR_ONE: Duration = Duration::from_secs(45);

/// The function: the tables, the way out, and the queues.
#[derive(Clone)]
pub struct Deliver {
    store: Store,
    outbound: Outbound,
    lanes: Lanes,
}

/// Why a message has to come again.
#[derive(Debug, PartialEq)]
enum Again {
    /// Another worker is at it, and may not come to an end.
    Busy,
    /// Something that it takes did not work this time.
    Failed(String),
}

impl Deliver {
    /// The function over these tables and queues, and with this way out.
    #[must_use]
    pub fn new(store: Store, outbound: Outbound, lanes: Lanes) -> Self {
        Self { store, outbound, lanes }
    }

    /// Carries out a batch, all of it at once: nobody waits for another one's receiver. What is named in
    /// the answer has to come again.
    pub async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        let done = join_all(batch.records.iter().map(|message| self.is_done(message))).await;
        let mut answer = SqsBatchResponse::default();
        for (message, _) in batch.records.into_iter().zip(done).filter(|(_, is_done)| !is_done) {
            answer.add_failure(message.message_id.unwrap_or_default());
        }
        answer
    }

    /// Carries out a message, which must not take the others of its batch down with it; false where it has
    /// to come again.
    async fn is_done(&self, message: &SqsMessage) -> bool {
        let message_id = message.message_id.as_deref().unwrap_or_default();
        match alone(self.take(message)).await {
            Ok(()) => true,
            Err(Again::Busy) => {
                tracing::warn!(message_id, "another worker is at it");
                false
            }
            Err(Again::Failed(error)) => {
                tracing::error!(message_id, error, "could not deliver");
                false
            }
        }
    }

    async fn take(&self, message: &SqsMessage) -> Result<(), Again> {
        let ticket = serde_json::from_str(message.body.as_deref().unwrap_or_default());
        let ticket: DeliveryTask =
            ticket.map_err(|_| Again::Failed("the message is no ticket".to_owned()))?;
        let receiver = self.store.receiver(ticket.organization_id, ticket.webhook_id).await?;
        let is_troubled = receiver.as_ref().is_some_and(|receiver| receiver.is_troubled(self.store.now()));
        if is_troubled && !self.lanes.is_slow(message) {
            return self.lanes.send_slowly(&ticket, Duration::ZERO).await.map_err(Again::Failed);
        }
        let is_sent_to = |receiver: &Receiver| receiver.webhook.status == WebhookStatus::Enabled;
        if receiver.as_ref().is_some_and(is_sent_to)
            && let Some(wait) = self.store.pace(ticket.organization_id, ticket.webhook_id).await?
        {
            // Nobody has claimed it, and so this is no try of it.
            let DeliveryTask { organization_id, webhook_id, delivery_id, .. } = ticket;
            tracing::info!(%organization_id, %webhook_id, %delivery_id, seconds = wait.as_secs(), "held back");
            return self.lanes.send_slowly(&ticket, wait).await.map_err(Again::Failed);
        }
        match self.store.claim(&ticket).await? {
            Claim::Over => Ok(()),
            Claim::Busy => Err(Again::Busy),
            Claim::Yours(claimed) => Ok(self.deliver(receiver, &ticket, &claimed).await?),
        }
    }

    /// Makes the try that was claimed, or ends a delivery that nobody can be told of any more.
    async fn deliver(
        &self,
        receiver: Option<Receiver>,
        ticket: &DeliveryTask,
        claimed: &Claimed,
    ) -> Result<(), Error> {
        let receiver = receiver.filter(|receiver| receiver.webhook.status == WebhookStatus::Enabled);
        if let Some(receiver) = receiver
            && let Some(event) = self.store.event(ticket.organization_id, claimed.event_id).await?
        {
            let Self { store, outbound, lanes } = self;
            let attempting = Attempting { store, outbound, lanes, receiver, claimed };
            return attempting.carry_out(&event).await;
        }
        self.store.cancel(claimed).await?;
        let DeliveryTask { organization_id, webhook_id, delivery_id, .. } = ticket;
        tracing::info!(%organization_id, %webhook_id, %delivery_id, "cancelled");
        Ok(())
    }
}

impl From<Error> for Again {
    fn from(error: Error) -> Self {
        Self::Failed(error.for_log())
    }
}

/// Does something that may panic or never end.
async fn alone(work: impl Future<Output = Result<(), Again>>) -> Result<(), Again> {
    match timeout(TIME_FOR_ONE, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(Again::Failed("the function panicked".to_owned())),
        Err(_) => Err(Again::Failed(format!("it took longer than {} s", TIME_FOR_ONE.as_secs()))),
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_message_that_never_ends_comes_again_before_the_function_is_cut_off() {
        let begun = Instant::now();
        let ended = alone(std::future::pending()).await;
        assert_eq!(ended, Err(Again::Failed("it took longer than 45 s".to_owned())));
        assert!(begun.elapsed() < Duration::from_secs(50));
    }

    #[tokio::test]
    async fn a_message_that_panics_comes_again() {
        let ended = alone(async { panic!("on purpose") }).await;
        assert_eq!(ended, Err(Again::Failed("the function panicked".to_owned())));
        assert_eq!(alone(async { Err(Again::Busy) }).await, Err(Again::Busy));
        assert_eq!(alone(async { Ok(()) }).await, Ok(()));
    }
}
