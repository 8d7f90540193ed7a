//! The queues of a stack, in memory, as SQS has them: each message is received at least once, is not received again for the
//! queue's visibility timeout, and goes to the dead-letter queue after as many receives as the queue allows.

mod fair;
mod message;
mod state;

pub(crate) use message::{Attribute, Attributes, Message};
pub use message::{NewMessage, QueueError};
pub(crate) use state::Receipt;

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::Timestamp;
use serde::Serialize;
use store::Clock;
use tokio::sync::watch;
use uuid::Uuid;

use crate::sources::QueueSettings;
use fair::since;
use state::{InFlight, Queue};

/// All queues of a stack.
pub struct Queues {
    queues: Mutex<BTreeMap<String, Queue>>,
    clock: Clock,
    changed: watch::Sender<()>,
}

/// How many messages a queue holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Messages that can be received.
    pub waiting: usize,
    /// Messages that were sent with a delay, which is not over.
    pub delayed: usize,
    /// Messages that were received and are neither deleted nor back.
    pub in_flight: usize,
}

impl Queues {
    pub(crate) fn new(settings: impl Iterator<Item = QueueSettings>, clock: Clock) -> Self {
        let queue = |settings: QueueSettings| (settings.name.clone(), Queue::new(settings));
        Self { queues: Mutex::new(settings.map(queue).collect()), clock, changed: watch::Sender::new(()) }
    }

    /// A channel that is notified of every change of the queues.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// Sends a message; returns its id.
    ///
    /// # Errors
    /// When there is no such queue, or the queue does not take it.
    pub fn send(&self, queue: &str, new: NewMessage) -> Result<Uuid, QueueError> {
        self.change(queue, |queue, now| {
            new.check(queue.settings.max_message_bytes)?;
            let NewMessage { body, attributes, group, delay } = new;
            let id = Uuid::new_v4();
            let message =
                Message { id, body, attributes, group, sent_at: now, receives: 0, moved_from: None };
            match delay {
                Duration::ZERO => queue.push(message, now),
                delay => queue.delayed.entry(now.plus(delay)).or_default().push(message),
            }
            Ok(id)
        })
    }

    /// Up to `most` messages with their receipts. One that was received too often goes to the dead
    /// letters instead.
    pub(crate) fn receive(&self, queue: &str, most: usize) -> Result<Vec<(Receipt, Message)>, QueueError> {
        let now = (self.clock)();
        let mut queues = self.lock();
        let found = queues.get_mut(queue).ok_or(QueueError::NoSuchQueue)?;
        found.bring_back(now);
        let redrive = found.settings.redrive.clone();
        let (mut received, mut dead) = (Vec::new(), Vec::new());
        while received.len() < most
            && let Some(mut message) = found.waiting.take(now)
        {
            if redrive.as_ref().is_some_and(|redrive| message.receives >= redrive.max_receives) {
                found.waiting.ended(message.group.as_deref(), Duration::ZERO, now);
                dead.push(message);
                continue;
            }
            message.receives += 1;
            found.receipts += 1;
            let receipt = found.receipts;
            let back_at = now.plus(found.settings.visibility_timeout);
            found.in_flight.insert(receipt, InFlight { message: message.clone(), since: now, back_at });
            received.push((receipt, message));
        }
        if !dead.is_empty()
            && let Some(letters) = redrive.and_then(|redrive| queues.get_mut(&redrive.dead_letters))
        {
            let moved = |message| Message { receives: 0, moved_from: Some(queue.to_owned()), ..message };
            dead.into_iter().for_each(|message| letters.push(moved(message), now));
            self.changed.send_replace(());
        }
        Ok(received)
    }

    /// Deletes a message; a receipt that has run out deletes nothing.
    pub(crate) fn delete(&self, queue: &str, receipt: Receipt) -> Result<(), QueueError> {
        self.change(queue, |queue, now| {
            queue.in_flight.remove(&receipt).inspect(|ended| queue.ended(ended, now));
            Ok(())
        })
    }

    /// Lets a message that was received come back after this time.
    pub(crate) fn release(&self, queue: &str, receipt: Receipt, after: Duration) -> Result<(), QueueError> {
        self.change(queue, |queue, now| {
            queue.in_flight.entry(receipt).and_modify(|in_flight| in_flight.back_at = now.plus(after));
            Ok(())
        })
    }

    /// How many messages a queue holds.
    ///
    /// # Errors
    /// When there is no such queue.
    pub fn counts(&self, queue: &str) -> Result<Counts, QueueError> {
        let now = (self.clock)();
        let queues = self.lock();
        let queue = queues.get(queue).ok_or(QueueError::NoSuchQueue)?;
        let in_flight = queue.in_flight.values().filter(|in_flight| in_flight.back_at > now).count();
        let delayed = queue.delayed.iter().filter(|(due, _)| **due > now).map(|(_, due)| due.len()).sum();
        Ok(Counts { waiting: queue.len() - in_flight - delayed, delayed, in_flight })
    }

    /// How long it takes until a message of the queue can be received, as far as that is known.
    #[must_use]
    pub fn next(&self, queue: &str) -> Option<Duration> {
        let queues = self.lock();
        let queue = queues.get(queue)?;
        if !queue.waiting.is_empty() {
            return Some(Duration::ZERO);
        }
        let back_at = queue.in_flight.values().map(|in_flight| in_flight.back_at).min();
        let due_at = queue.delayed.keys().next().copied();
        Some(since((self.clock)(), back_at.into_iter().chain(due_at).min()?))
    }

    /// Every message of a queue, without receiving any.
    pub(crate) fn messages(&self, queue: &str) -> Vec<Message> {
        let queues = self.lock();
        let messages = queues.get(queue).into_iter().flat_map(|queue| {
            let delayed = queue.delayed.values().flatten();
            let in_flight = queue.in_flight.values().map(|in_flight| &in_flight.message);
            queue.waiting.iter().chain(delayed).chain(in_flight)
        });
        messages.cloned().collect()
    }

    /// Moves the messages that wait in a queue to another one, to be received anew; returns how many there
    /// were.
    pub(crate) fn redrive(&self, from: &str, to: &str) -> usize {
        let now = (self.clock)();
        let mut queues = self.lock();
        let drain = |queue: &mut Queue| {
            queue.bring_back(now);
            queue.waiting.drain()
        };
        let moved = queues.get_mut(from).map(drain).unwrap_or_default();
        let count = moved.len();
        if let Some(queue) = queues.get_mut(to) {
            let anew = |message| Message { receives: 0, moved_from: None, ..message };
            moved.into_iter().for_each(|message| queue.push(anew(message), now));
        }
        drop(queues);
        self.changed.send_replace(());
        count
    }

    fn change<T>(
        &self,
        queue: &str,
        change: impl FnOnce(&mut Queue, Timestamp) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        let now = (self.clock)();
        let changed = change(self.lock().get_mut(queue).ok_or(QueueError::NoSuchQueue)?, now);
        self.changed.send_replace(());
        changed
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering::SeqCst},
    };

    use super::*;
    use crate::sources::Redrive;

    const SECOND: Duration = Duration::from_secs(1);

    /// The queues `events` and `dead`, and the seconds that have passed for them.
    fn queues() -> (Queues, Arc<AtomicI64>) {
        let queue = |name: &str, redrive| QueueSettings {
            name: name.to_owned(),
            max_message_bytes: 20,
            visibility_timeout: 30 * SECOND,
            redrive,
        };
        let redrive = Redrive { dead_letters: "dead".to_owned(), max_receives: 2 };
        let seconds = Arc::new(AtomicI64::new(0));
        let read = seconds.clone();
        let clock = move || Timestamp::from_unix_ms(read.load(SeqCst) * 1000).expect("a time");
        let queues = [queue("events", Some(redrive)), queue("dead", None)].into_iter();
        (Queues::new(queues, Arc::new(clock)), seconds)
    }

    fn send(queues: &Queues, body: &str) -> Result<Uuid, QueueError> {
        queues.send("events", NewMessage { body: body.to_owned(), ..NewMessage::default() })
    }

    fn receive(queues: &Queues, most: usize) -> Vec<(Receipt, Message)> {
        queues.receive("events", most).expect("a queue")
    }

    fn counts(queues: &Queues, queue: &str) -> (usize, usize) {
        let counts = queues.counts(queue).expect("a queue");
        (counts.waiting, counts.in_flight)
    }

    #[test]
    fn a_received_message_is_unseen_until_it_is_deleted_or_its_time_is_over() {
        let (queues, seconds) = queues();
        for body in ["a", "b", "c"] {
            send(&queues, body).expect("sent");
        }
        assert_eq!(queues.next("events"), Some(Duration::ZERO));
        let received = receive(&queues, 2);
        let bodies: Vec<&str> = received.iter().map(|(_, message)| message.body.as_str()).collect();
        assert_eq!((bodies, counts(&queues, "events")), (vec!["a", "b"], (1, 2)));
        queues.delete("events", received[0].0).expect("a queue");
        seconds.store(29, SeqCst);
        assert_eq!(receive(&queues, 10).len(), 1, "c alone");
        assert_eq!(queues.next("events"), Some(SECOND));
        seconds.store(30, SeqCst);
        assert_eq!(counts(&queues, "events"), (1, 1), "b is back");
        let again = receive(&queues, 10);
        assert_eq!((again[0].1.body.as_str(), again[0].1.receives), ("b", 2));
        queues.delete("events", received[1].0).expect("a queue");
        assert_eq!(counts(&queues, "events"), (0, 2), "the first receipt ran out");
    }

    #[test]
    fn what_was_received_too_often_goes_to_the_dead_letters_and_back_as_new() {
        let (queues, _) = queues();
        let id = send(&queues, "a").expect("sent");
        for receives in 1..=2 {
            let (receipt, message) = receive(&queues, 1).remove(0);
            assert_eq!((message.id, message.receives), (id, receives));
            queues.release("events", receipt, Duration::ZERO).expect("a queue");
        }
        assert!(receive(&queues, 1).is_empty());
        assert_eq!((counts(&queues, "events"), counts(&queues, "dead")), ((0, 0), (1, 0)));
        let letter = &queues.messages("dead")[0];
        assert_eq!((letter.body.as_str(), letter.moved_from.as_deref()), ("a", Some("events")));
        assert_eq!(queues.redrive("dead", "events"), 1);
        assert_eq!(receive(&queues, 1)[0].1.receives, 1);
        assert!(queues.messages("dead").is_empty());
    }

    #[test]
    fn a_delayed_message_comes_when_its_time_has_come() {
        let (queues, seconds) = queues();
        for (body, delay) in [("late", 900), ("soon", 5), ("now", 0)] {
            let delay = delay * SECOND;
            let new = NewMessage { body: body.to_owned(), delay, ..NewMessage::default() };
            queues.send("events", new).expect("sent");
        }
        let all = || queues.counts("events").expect("a queue");
        assert_eq!(all(), Counts { waiting: 1, delayed: 2, in_flight: 0 });
        seconds.store(4, SeqCst);
        assert_eq!(receive(&queues, 10)[0].1.body, "now");
        assert_eq!(queues.next("events"), Some(SECOND));
        seconds.store(5, SeqCst);
        assert_eq!(all(), Counts { waiting: 1, delayed: 1, in_flight: 1 });
        let received = receive(&queues, 10);
        assert_eq!((received.len(), received[0].1.body.as_str()), (1, "soon"));
        assert_eq!(queues.messages("events").len(), 3);
        seconds.store(900, SeqCst);
        assert_eq!(queues.next("events"), Some(Duration::ZERO));
        assert_eq!(receive(&queues, 10).len(), 3, "the others are back");
    }

    #[test]
    fn a_group_that_has_much_in_flight_waits_for_the_others() {
        let (queues, seconds) = queues();
        let send = |group: &str, count: usize| {
            for _ in 0..count {
                let new = NewMessage { group: Some(group.to_owned()), ..NewMessage::default() };
                queues.send("events", new).expect("sent");
            }
        };
        let groups = |received: &[(Receipt, Message)]| -> String {
            received.iter().filter_map(|(_, message)| message.group.clone()).collect()
        };
        send("a", 50);
        assert_eq!(receive(&queues, 30).len(), 30);
        send("b", 2);
        assert_eq!(groups(&receive(&queues, 4)), "bbaa");
        seconds.store(31, SeqCst);
        let turns = groups(&receive(&queues, 60));
        assert_eq!(turns, "bb".to_owned() + &"a".repeat(50), "a took most of the time");
    }
}
