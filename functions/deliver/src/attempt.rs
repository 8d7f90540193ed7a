//! One try of a delivery: the POST, what came of it, and what is known of the endpoint since.

use std::{pin::pin, time::Duration};

use domain::{
    Error, Timestamp,
    webhooks::{Attempt, Event, MAX_QUEUE_DELAY, Signed, TEST, next_attempt},
};
use futures_util::{
    future::{Either, select},
    join,
};
use store::{Claimed, Receiver, Store, Verdict};
use tokio::time::sleep;

use crate::{Answer, Lanes, Outbound, Post};

/// A receiver is slow from this part of its time on.
const SLOW_PART: u32 = 3;
/// What a receiver answers that wants no further deliveries.
const GONE: u16 = 410;
/// How much is kept of the answer to a try that did not fail: nobody has to find out why.
const MAX_SUCCESS_BYTES: usize = 1024;
/// What ends an answer of which not all is kept.
const CUT: &str = "\n[cut off here]";

/// A try, with all that it takes.
pub(crate) struct Attempting<'a> {
    pub(crate) store: &'a Store,
    pub(crate) outbound: &'a Outbound,
    pub(crate) lanes: &'a Lanes,
    pub(crate) receiver: Receiver,
    pub(crate) claimed: &'a Claimed,
}

impl Attempting<'_> {
    /// Makes the try. From when its end is kept, nothing makes its message come again.
    pub(crate) async fn carry_out(&self, event: &Event) -> Result<(), Error> {
        let attempted_at = self.store.now();
        let answer = self.ask(event, attempted_at).await;
        let now = self.store.now();
        let verdict = self.verdict(&answer, now);
        let attempt = Attempt {
            number: self.claimed.number,
            attempted_at,
            status_code: answer.status,
            duration_ms: u64::try_from(answer.duration.as_millis()).unwrap_or(u64::MAX),
            error: answer.failure.as_ref().map(|failure| failure.message.clone()),
        };
        self.log(&attempt, &answer, verdict);
        self.store.settle(self.claimed, attempt, &kept(&answer), verdict).await?;
        join!(self.send_again(verdict, now), self.note(&answer));
        Ok(())
    }

    /// What the receiver answers. While it takes its time, others are told to keep off.
    async fn ask(&self, event: &Event, at: Timestamp) -> Answer {
        let id = self.claimed.delivery.id;
        let body = event.body(id);
        let signed = Signed::new(&self.receiver.secrets, id, at, &body);
        let mut headers = Vec::from(signed.headers(event.event.as_str()));
        if self.claimed.delivery.test {
            headers.push((TEST, "true".to_owned()));
        }
        let post = Post { url: &self.receiver.webhook.url, headers, body };
        let slow = pin!(sleep(self.outbound.time() / SLOW_PART));
        match select(pin!(self.outbound.post(post, at)), slow).await {
            Either::Left((answer, _)) => answer,
            Either::Right(((), answer)) => {
                let (answer, noted) = join!(answer, self.store.note_slow(&self.receiver));
                noted.unwrap_or_else(|error| self.log_unnoted(error));
                answer
            }
        }
    }

    fn verdict(&self, answer: &Answer, now: Timestamp) -> Verdict {
        match (&answer.failure, answer.status) {
            (None, _) => Verdict::Succeeded,
            (Some(_), Some(GONE)) => Verdict::Failed,
            (Some(_), _) => {
                let Claimed { delivery, round, .. } = self.claimed;
                let next = next_attempt(delivery.id, *round, now, answer.retry_after);
                next.map_or(Verdict::Failed, Verdict::Again)
            }
        }
    }

    /// Sends the message that asks for the next try, where a queue can hold it back for so long. Where
    /// that fails, the index of what is due has it a little later.
    async fn send_again(&self, verdict: Verdict, now: Timestamp) {
        let Verdict::Again(at) = verdict else { return };
        let after = Duration::from_millis(u64::try_from(at.unix_ms() - now.unix_ms()).unwrap_or_default());
        if after > MAX_QUEUE_DELAY {
            return;
        }
        if let Err(error) = self.lanes.send_slowly(&self.claimed.next_ticket(), after).await {
            let delivery_id = self.claimed.delivery.id;
            tracing::error!(%delivery_id, error, "could not send for the next try");
        }
    }

    /// Notes how the endpoint does. The delivery's end is kept already, and does not depend on it.
    async fn note(&self, answer: &Answer) {
        let Self { store, receiver, .. } = self;
        let noted = match (&answer.failure, answer.status) {
            (None, _) => store.note_success(receiver, self.is_slow(answer)).await.map(|()| None),
            (Some(_), Some(GONE)) => {
                store.disable_gone(receiver).await.map(|is_new| is_new.then_some("gone"))
            }
            (Some(_), _) => store.note_failure(receiver).await.map(|is_over| is_over.then_some("failing")),
        };
        let (organization_id, webhook_id) = (receiver.organization_id, receiver.webhook.id);
        match noted {
            Ok(None) => {}
            Ok(Some(reason)) => {
                tracing::warn!(%organization_id, %webhook_id, reason, "disabled an endpoint");
            }
            Err(error) => self.log_unnoted(error),
        }
    }

    fn is_slow(&self, answer: &Answer) -> bool {
        answer.duration >= self.outbound.time() / SLOW_PART
    }

    fn log_unnoted(&self, error: Error) {
        let (webhook_id, error) = (self.receiver.webhook.id, error.for_log());
        tracing::error!(%webhook_id, error, "could not note how an endpoint does");
    }

    /// Tells the log of the try: neither the URL nor anything that was sent.
    fn log(&self, attempt: &Attempt, answer: &Answer, verdict: Verdict) {
        let outcome = match verdict {
            Verdict::Succeeded => "succeeded",
            Verdict::Failed => "failed",
            Verdict::Again(_) => "again",
        };
        tracing::info!(
            organization_id = %self.receiver.organization_id,
            webhook_id = %self.receiver.webhook.id,
            delivery_id = %self.claimed.delivery.id,
            number = attempt.number,
            status_code = attempt.status_code,
            duration_ms = attempt.duration_ms,
            failure = answer.failure.as_ref().map(|failure| failure.kind.as_str()),
            outcome,
            "tried",
        );
    }
}

/// What is kept of the receiver's words.
fn kept(answer: &Answer) -> String {
    let whole = answer.body.as_str();
    let most = if answer.failure.is_none() { MAX_SUCCESS_BYTES } else { whole.len() };
    let kept = &whole[..whole.floor_char_boundary(most)];
    let is_cut = answer.body_is_cut || kept.len() < whole.len();
    kept.to_owned() + if is_cut { CUT } else { "" }
}
