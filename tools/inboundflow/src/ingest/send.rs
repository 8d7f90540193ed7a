//! Sends voice events to a queue, several batches at once.

use std::fmt;

use serde::Serialize;
use tokio::task::JoinSet;

use super::{
    line::Event,
    not_tried,
    queue::{Message, Queue, SendBatch, Sent},
};
use crate::lines::Report;

const BATCHES_AT_ONCE: usize = 4;

/// The counts of events that were sent and of those that were not.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Counts {
    /// How many events the queue has taken.
    pub(super) sent: u64,
    /// How many lines were left out.
    pub(super) failed: u64,
    /// How many lines came after those that could not be sent any more.
    pub(super) not_tried: u64,
}

struct Sending<'a> {
    queue: &'a Queue,
    report: &'a Report,
    counts: Counts,
    running: JoinSet<Sent>,
    is_unreachable: bool,
}

/// Sends the events of `lines`, but for those that the function would make dead letters at once: these are named and left
/// out. Where the queue cannot be reached, the rest is left alone.
pub(super) async fn all(
    queue: &Queue,
    mut lines: impl Iterator<Item = (usize, Result<Event, String>)>,
    report: &Report,
) -> Counts {
    let (counts, running) = (Counts::default(), JoinSet::new());
    let mut sending = Sending { queue, report, counts, running, is_unreachable: false };
    let mut batch = SendBatch::default();
    for (line, event) in lines.by_ref() {
        report.advance();
        let message = event.and_then(|event| event.body().and_then(|_| queue.message(line, event)));
        match message.map(|message| batch.push(message)) {
            Ok(Some(full)) => sending.start(full).await,
            Ok(None) => {}
            Err(message) => sending.fail(line, &message),
        }
        if sending.is_unreachable {
            break;
        }
    }
    sending.counts.not_tried += lines.count() as u64;
    let last = batch.finish();
    match sending.is_unreachable {
        true => sending.counts.not_tried += last.len() as u64,
        false => sending.start(last).await,
    }
    sending.settle(0).await;
    sending.counts
}

impl Sending<'_> {
    async fn start(&mut self, batch: Vec<Message>) {
        self.settle(BATCHES_AT_ONCE - 1).await;
        let queue = self.queue.clone();
        self.running.spawn(async move { queue.send(batch).await });
    }

    /// Waits until no more than `most` batches are under way.
    async fn settle(&mut self, most: usize) {
        while self.running.len() > most
            && let Some(sent) = self.running.join_next().await
        {
            let sent = sent.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked.into_panic()));
            self.counts.sent += sent.count;
            self.counts.not_tried += sent.left.len() as u64;
            if let (Some(why), Some(line)) = (sent.unreachable, sent.left.first()) {
                self.stop(*line, &why);
            }
            sent.failed.iter().for_each(|(line, message)| self.fail(*line, message));
        }
    }

    /// Says once why the rest of the lines is left alone.
    fn stop(&mut self, line: usize, why: &str) {
        if !self.is_unreachable {
            self.report.stopped(line, why);
        }
        self.is_unreachable = true;
    }

    fn fail(&mut self, line: usize, message: &str) {
        self.counts.failed += 1;
        self.report.failed(line, message);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} sent, {} failed", self.sent, self.failed)?;
        not_tried(f, self.not_tried)
    }
}
