//! One attempt of a delivery: the POST, its result, and what that says of the endpoint.

use std::{pin::pin, time::Duration};

use domain::{
    Error, Timestamp,
    webhooks::{Attempt, Event, MAX_QUEUE_DELAY, Signed, TEST, next_attempt},
};
use futures_util::{
    future::{Either, select},
    join,
};
use store::{Claimed, DeliveryEndpoint, Store, Verdict};
use tokio::time::sleep;
use worker::DeliveryQueue;

use crate::{Outbound, Post, PostResult};

/// The part of a POST's time limit after which a receiver counts as slow: a third.
const SLOW_PART: u32 = 3;
/// The status of a receiver that wants no further deliveries.
const GONE: u16 = 410;
/// How much is kept of the response to an attempt that succeeded: there is no failure to look into.
const MAX_SUCCESS_BYTES: usize = 1024;
/// The mark at the end of a response of which not all is kept.
const CUT: &str = "\n[cut off here]";

/// An attempt of a claimed delivery, with what it needs.
pub(crate) struct Attempting<'a> {
    pub(crate) store: &'a Store,
    pub(crate) outbound: &'a Outbound,
    pub(crate) slow_queue: &'a DeliveryQueue,
    pub(crate) endpoint: DeliveryEndpoint,
    pub(crate) claimed: &'a Claimed,
}

impl Attempting<'_> {
    /// Carries out the attempt: posts the event and stores the result. Once its result is stored, nothing
    /// makes its message come again.
    pub(crate) async fn carry_out(&self, event: &Event) -> Result<(), Error> {
        let attempted_at = self.store.now();
        let result = self.post(event, attempted_at).await;
        let now = self.store.now();
        let verdict = self.verdict(&result, now);
        let attempt = Attempt {
            number: self.claimed.number,
            attempted_at,
            status_code: result.status,
            duration_ms: u64::try_from(result.duration.as_millis()).unwrap_or(u64::MAX),
            error: result.failure.as_ref().map(|failure| failure.message.clone()),
        };
        self.log(&attempt, &result, verdict);
        self.store.settle(self.claimed, attempt, &kept(&result), verdict).await?;
        join!(self.send_again(verdict, now), self.note(&result));
        Ok(())
    }

    /// Posts the event. While the receiver takes its time, it is noted to be slow, so that others keep off.
    async fn post(&self, event: &Event, at: Timestamp) -> PostResult {
        let id = self.claimed.delivery.id;
        let body = event.body(id);
        let signed = Signed::new(&self.endpoint.secrets, id, at, &body);
        let mut headers = Vec::from(signed.headers(event.event.as_str()));
        if self.claimed.delivery.test {
            headers.push((TEST, "true".to_owned()));
        }
        let post = Post { url: &self.endpoint.webhook.url, headers, body };
        let slow = pin!(sleep(self.outbound.time() / SLOW_PART));
        match select(pin!(self.outbound.post(post, at)), slow).await {
            Either::Left((result, _)) => result,
            Either::Right(((), posting)) => {
                let (result, noted) = join!(posting, self.store.note_slow(&self.endpoint));
                noted.unwrap_or_else(|error| self.log_unnoted(error));
                result
            }
        }
    }

    fn verdict(&self, result: &PostResult, now: Timestamp) -> Verdict {
        match (&result.failure, result.status) {
            (None, _) => Verdict::Succeeded,
            (Some(_), Some(GONE)) => Verdict::Failed,
            (Some(_), _) => {
                let Claimed { delivery, round, .. } = self.claimed;
                let next = next_attempt(delivery.id, *round, now, result.retry_after);
                next.map_or(Verdict::Failed, Verdict::Again)
            }
        }
    }

    /// Sends the message of the next attempt, where a queue can delay it for so long. Where that fails, the sweep
    /// sends it a little later.
    async fn send_again(&self, verdict: Verdict, now: Timestamp) {
        let Verdict::Again(at) = verdict else { return };
        let after = Duration::from_millis(u64::try_from(at.unix_ms() - now.unix_ms()).unwrap_or_default());
        if after > MAX_QUEUE_DELAY {
            return;
        }
        if let Err(error) = self.slow_queue.send(&self.claimed.next_task(), after).await {
            let delivery_id = self.claimed.delivery.id;
            tracing::error!(%delivery_id, error, "queue_send_failed");
        }
    }

    /// Notes how the endpoint does. The attempt's result is stored by then, and does not depend on it.
    async fn note(&self, result: &PostResult) {
        let Self { store, endpoint, .. } = self;
        let noted = match (&result.failure, result.status) {
            (None, _) => store.note_success(endpoint, self.is_slow(result)).await.map(|()| None),
            (Some(_), Some(GONE)) => {
                store.disable_gone(endpoint).await.map(|is_new| is_new.then_some("gone"))
            }
            (Some(_), _) => store.note_failure(endpoint).await.map(|is_over| is_over.then_some("failing")),
        };
        let (organization_id, webhook_id) = (endpoint.organization_id, endpoint.webhook.id);
        match noted {
            Ok(None) => {}
            Ok(Some(reason)) => {
                tracing::warn!(%organization_id, %webhook_id, reason, "endpoint_disabled");
            }
            Err(error) => self.log_unnoted(error),
        }
    }

    fn is_slow(&self, result: &PostResult) -> bool {
        result.duration >= self.outbound.time() / SLOW_PART
    }

    fn log_unnoted(&self, error: Error) {
        let (webhook_id, error) = (self.endpoint.webhook.id, error.for_log());
        tracing::error!(%webhook_id, error, "endpoint_note_failed");
    }

    /// Logs the attempt, but neither the URL nor anything that was sent.
    fn log(&self, attempt: &Attempt, result: &PostResult, verdict: Verdict) {
        let outcome = match verdict {
            Verdict::Succeeded => "succeeded",
            Verdict::Failed => "failed",
            Verdict::Again(_) => "again",
        };
        tracing::info!(
            organization_id = %self.endpoint.organization_id,
            webhook_id = %self.endpoint.webhook.id,
            delivery_id = %self.claimed.delivery.id,
            number = attempt.number,
            status_code = attempt.status_code,
            duration_ms = attempt.duration_ms,
            failure = result.failure.as_ref().map(|failure| failure.kind),
            outcome,
            "delivery_attempted",
        );
    }
}

/// The part of the response's body that is kept.
fn kept(result: &PostResult) -> String {
    let whole = result.body.as_str();
    let most = if result.failure.is_none() { MAX_SUCCESS_BYTES } else { whole.len() };
    let kept = &whole[..whole.floor_char_boundary(most)];
    let is_cut = result.body_is_cut || kept.len() < whole.len();
    kept.to_owned() + if is_cut { CUT } else { "" }
}
