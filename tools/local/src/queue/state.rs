//! One queue: the messages that can be received, those that are delayed, and those that are in flight.

use std::collections::BTreeMap;

use domain::Timestamp;

use super::{
    fair::{FairQueue, since},
    message::Message,
};
use crate::sources::QueueSettings;

/// The receipt of a message that was received, good until the message is deleted or back.
pub(crate) type Receipt = u64;

pub(super) struct Queue {
    pub(super) settings: QueueSettings,
    pub(super) waiting: FairQueue<Message>,
    /// The delayed messages, by the time at which they can be received.
    pub(super) delayed: BTreeMap<Timestamp, Vec<Message>>,
    /// The messages that were received and are neither deleted nor back.
    pub(super) in_flight: BTreeMap<Receipt, InFlight>,
    pub(super) receipts: Receipt,
}

pub(super) struct InFlight {
    pub(super) message: Message,
    pub(super) since: Timestamp,
    /// The time at which the message can be received again.
    pub(super) back_at: Timestamp,
}

impl Queue {
    pub(super) fn new(settings: QueueSettings) -> Self {
        let (waiting, delayed, in_flight) = (FairQueue::default(), BTreeMap::new(), BTreeMap::new());
        Self { settings, waiting, delayed, in_flight, receipts: 0 }
    }

    pub(super) fn push(&mut self, message: Message, now: Timestamp) {
        self.waiting.push(message.group.clone().as_deref(), message, now);
    }

    pub(super) fn ended(&mut self, ended: &InFlight, now: Timestamp) {
        let took = since(ended.since, now);
        self.waiting.ended(ended.message.group.as_deref(), took, now);
    }

    /// Makes messages receivable whose time has come.
    pub(super) fn bring_back(&mut self, now: Timestamp) {
        while let Some(due) = self.delayed.first_entry().filter(|entry| *entry.key() <= now) {
            due.remove().into_iter().for_each(|message| self.push(message, now));
        }
        let back = self.in_flight.extract_if(.., |_, in_flight| in_flight.back_at <= now);
        let mut back: Vec<InFlight> = back.map(|(_, in_flight)| in_flight).collect();
        back.sort_by_key(|in_flight| in_flight.back_at);
        for in_flight in back {
            self.ended(&in_flight, now);
            self.push(in_flight.message, now);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len() + self.delayed.values().map(Vec::len).sum::<usize>() + self.in_flight.len()
    }
}
