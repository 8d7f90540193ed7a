//! The local queues: what waits, what is under way, and how often it was received.

mod message;
mod waiting;

pub(super) use message::{Attribute, Attributes, Message, NewMessage, Refusal};
pub use waiting::Waiting;

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use domain::Timestamp;
use serde::Serialize;
use tokio::sync::watch;
use uuid::Uuid;

use crate::sources::QueueSettings;

/// All queues of a stack, in memory.
pub(super) struct Queues {
    queues: Mutex<BTreeMap<String, Queue>>,
    changed: watch::Sender<()>,
}

/// How many messages a queue holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Those that can be received.
    pub waiting: usize,
    /// Those that were sent with a delay, which is not over.
    pub delayed: usize,
    /// Those that were received and are neither deleted nor back.
    pub in_flight: usize,
}

struct Queue {
    settings: QueueSettings,
    waiting: Waiting<Message>,
    /// By the time when they can be received.
    delayed: BTreeMap<Instant, Vec<Message>>,
    /// What was received and is neither deleted nor back, by its receipt.
    in_flight: HashMap<Uuid, InFlight>,
}

struct InFlight {
    message: Message,
    since: Instant,
    /// When it can be received again.
    back_at: Instant,
}

impl Queues {
    pub(super) fn new(settings: impl Iterator<Item = QueueSettings>) -> Self {
        let queue = |settings: QueueSettings| {
            let name = settings.name.clone();
            let (waiting, delayed, in_flight) = (Waiting::default(), BTreeMap::new(), HashMap::new());
            (name, Queue { settings, waiting, delayed, in_flight })
        };
        Self { queues: Mutex::new(settings.map(queue).collect()), changed: watch::Sender::new(()) }
    }

    /// Tells of everything that happens.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    pub(super) fn send(&self, queue: &str, new: NewMessage, now: Instant) -> Result<Uuid, Refusal> {
        let mut queues = self.lock();
        let queue = queues.get_mut(queue).ok_or(Refusal::NoSuchQueue)?;
        new.check(queue.settings.max_message_bytes)?;
        let NewMessage { body, attributes, group, delay } = new;
        let id = Uuid::new_v4();
        let message = Message { id, body, attributes, group, sent_at: Timestamp::now(), receives: 0 };
        match delay {
            Duration::ZERO => queue.push(message, now),
            delay => queue.delayed.entry(now + delay).or_default().push(message),
        }
        self.changed.send_replace(());
        Ok(id)
    }

    /// Up to `most` messages with their receipts. One that was received too often goes to the dead
    /// letters instead.
    pub(super) fn receive(
        &self,
        queue: &str,
        most: usize,
        now: Instant,
    ) -> Result<Vec<(Uuid, Message)>, Refusal> {
        let mut queues = self.lock();
        let found = queues.get_mut(queue).ok_or(Refusal::NoSuchQueue)?;
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
            let receipt = Uuid::new_v4();
            let back_at = now + found.settings.visibility_timeout;
            found.in_flight.insert(receipt, InFlight { message: message.clone(), since: now, back_at });
            received.push((receipt, message));
        }
        if !dead.is_empty()
            && let Some(letters) = redrive.and_then(|redrive| queues.get_mut(&redrive.dead_letters))
        {
            dead.into_iter().for_each(|message| letters.push(Message { receives: 0, ..message }, now));
            self.changed.send_replace(());
        }
        Ok(received)
    }

    /// Ends a message; a receipt that has run out ends nothing.
    pub(super) fn delete(&self, queue: &str, receipt: Uuid) -> Result<(), Refusal> {
        let mut queues = self.lock();
        let queue = queues.get_mut(queue).ok_or(Refusal::NoSuchQueue)?;
        if let Some(ended) = queue.in_flight.remove(&receipt) {
            queue.ended(&ended, Instant::now());
        }
        drop(queues);
        self.changed.send_replace(());
        Ok(())
    }

    /// Lets a message that was received come back at `at`.
    pub(super) fn release(&self, queue: &str, receipt: Uuid, at: Instant) -> Result<(), Refusal> {
        let mut queues = self.lock();
        let queue = queues.get_mut(queue).ok_or(Refusal::NoSuchQueue)?;
        if let Some(in_flight) = queue.in_flight.get_mut(&receipt) {
            in_flight.back_at = at;
        }
        drop(queues);
        self.changed.send_replace(());
        Ok(())
    }

    pub(super) fn counts(&self, queue: &str, now: Instant) -> Result<Counts, Refusal> {
        let queues = self.lock();
        let queue = queues.get(queue).ok_or(Refusal::NoSuchQueue)?;
        let in_flight = queue.in_flight.values().filter(|in_flight| in_flight.back_at > now).count();
        let delayed = queue.delayed.range((Bound::Excluded(now), Bound::Unbounded)).map(|(_, due)| due.len());
        let delayed = delayed.sum();
        Ok(Counts { waiting: queue.len() - in_flight - delayed, delayed, in_flight })
    }

    /// How long it takes until something can be received, as far as that is known.
    pub(super) fn next(&self, queue: &str, now: Instant) -> Option<Duration> {
        let queues = self.lock();
        let queue = queues.get(queue)?;
        if !queue.waiting.is_empty() {
            return Some(Duration::ZERO);
        }
        let back_at = queue.in_flight.values().map(|in_flight| &in_flight.back_at).min();
        let due_at = queue.delayed.keys().next();
        Some(back_at.into_iter().chain(due_at).min()?.saturating_duration_since(now))
    }

    /// Every message of a queue, and none of them received by that.
    pub(super) fn messages(&self, queue: &str) -> Vec<Message> {
        let queues = self.lock();
        let messages = queues.get(queue).into_iter().flat_map(|queue| {
            let delayed = queue.delayed.values().flatten();
            let in_flight = queue.in_flight.values().map(|in_flight| &in_flight.message);
            queue.waiting.iter().chain(delayed).chain(in_flight)
        });
        messages.cloned().collect()
    }

    /// Moves what waits in a queue to another one, to be received anew; returns how much that was.
    pub(super) fn redrive(&self, from: &str, to: &str) -> usize {
        let (mut queues, now) = (self.lock(), Instant::now());
        let moved = queues.get_mut(from).map(|queue| queue.waiting.drain()).unwrap_or_default();
        let count = moved.len();
        if let Some(queue) = queues.get_mut(to) {
            moved.into_iter().for_each(|message| queue.push(Message { receives: 0, ..message }, now));
        }
        drop(queues);
        self.changed.send_replace(());
        count
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn push(&mut self, message: Message, now: Instant) {
        self.waiting.push(message.group.clone().as_deref(), message, now);
    }

    fn ended(&mut self, ended: &InFlight, now: Instant) {
        let took = now.saturating_duration_since(ended.since);
        self.waiting.ended(ended.message.group.as_deref(), took, now);
    }

    /// Lets be received what has its time.
    fn bring_back(&mut self, now: Instant) {
        while let Some(due) = self.delayed.first_entry().filter(|entry| *entry.key() <= now) {
            due.remove().into_iter().for_each(|message| self.push(message, now));
        }
        let back = self.in_flight.extract_if(|_, in_flight| in_flight.back_at <= now);
        let mut back: Vec<InFlight> = back.map(|(_, in_flight)| in_flight).collect();
        back.sort_by_key(|in_flight| in_flight.back_at);
        for in_flight in back {
            self.ended(&in_flight, now);
            self.push(in_flight.message, now);
        }
    }

    fn len(&self) -> usize {
        self.waiting.len() + self.delayed.values().map(Vec::len).sum::<usize>() + self.in_flight.len()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::sources::Redrive, *};

    const SECOND: Duration = Duration::from_secs(1);

    fn queues() -> Queues {
        let queue = |name: &str, redrive| QueueSettings {
            name: name.to_owned(),
            max_message_bytes: 20,
            visibility_timeout: 30 * SECOND,
            redrive,
        };
        let redrive = Redrive { dead_letters: "dead".to_owned(), max_receives: 2 };
        Queues::new([queue("events", Some(redrive)), queue("dead", None)].into_iter())
    }

    fn send(queues: &Queues, body: &str) -> Result<Uuid, Refusal> {
        queues.send("events", NewMessage { body: body.to_owned(), ..NewMessage::default() }, Instant::now())
    }

    fn receive(queues: &Queues, most: usize, now: Instant) -> Vec<(Uuid, Message)> {
        queues.receive("events", most, now).expect("a queue")
    }

    fn counts(queues: &Queues, queue: &str, now: Instant) -> (usize, usize) {
        let counts = queues.counts(queue, now).expect("a queue");
        (counts.waiting, counts.in_flight)
    }

    #[test]
    fn a_received_message_is_unseen_until_it_is_deleted_or_its_time_is_over() {
        let (queues, start) = (queues(), Instant::now());
        for body in ["a", "b", "c"] {
            send(&queues, body).expect("sent");
        }
        assert_eq!(queues.next("events", start), Some(Duration::ZERO));
        let received = receive(&queues, 2, start);
        let bodies: Vec<&str> = received.iter().map(|(_, message)| message.body.as_str()).collect();
        assert_eq!((bodies, counts(&queues, "events", start)), (vec!["a", "b"], (1, 2)));
        queues.delete("events", received[0].0).expect("a queue");
        assert_eq!(receive(&queues, 10, start + 29 * SECOND).len(), 1, "c alone");
        assert_eq!(queues.next("events", start + 29 * SECOND), Some(SECOND));
        assert_eq!(counts(&queues, "events", start + 30 * SECOND), (1, 1), "b is back");
        let again = receive(&queues, 10, start + 30 * SECOND);
        assert_eq!((again[0].1.body.as_str(), again[0].1.receives), ("b", 2));
        queues.delete("events", received[1].0).expect("a queue");
        assert_eq!(counts(&queues, "events", start + 30 * SECOND), (0, 2), "the first receipt ran out");
    }

    #[test]
    fn what_was_received_too_often_goes_to_the_dead_letters_and_back_as_new() {
        let (queues, start) = (queues(), Instant::now());
        let id = send(&queues, "a").expect("sent");
        for receives in 1..=2 {
            let (receipt, message) = receive(&queues, 1, start).remove(0);
            assert_eq!((message.id, message.receives), (id, receives));
            queues.release("events", receipt, start).expect("a queue");
        }
        assert!(receive(&queues, 1, start).is_empty());
        assert_eq!((counts(&queues, "events", start), counts(&queues, "dead", start)), ((0, 0), (1, 0)));
        assert_eq!(queues.messages("dead")[0].body, "a");
        assert_eq!(queues.redrive("dead", "events"), 1);
        assert_eq!(receive(&queues, 1, start)[0].1.receives, 1);
        assert!(queues.messages("dead").is_empty());
    }

    #[test]
    fn a_delayed_message_comes_when_its_time_has_come() {
        let (queues, start) = (queues(), Instant::now());
        for (body, delay) in [("late", 900), ("soon", 5), ("now", 0)] {
            let delay = delay * SECOND;
            let new = NewMessage { body: body.to_owned(), delay, ..NewMessage::default() };
            queues.send("events", new, start).expect("sent");
        }
        let all = |now| queues.counts("events", now).expect("a queue");
        assert_eq!(all(start), Counts { waiting: 1, delayed: 2, in_flight: 0 });
        assert_eq!(receive(&queues, 10, start + 4 * SECOND)[0].1.body, "now");
        assert_eq!(queues.next("events", start + 4 * SECOND), Some(SECOND));
        assert_eq!(all(start + 5 * SECOND), Counts { waiting: 1, delayed: 1, in_flight: 1 });
        let received = receive(&queues, 10, start + 5 * SECOND);
        assert_eq!((received.len(), received[0].1.body.as_str()), (1, "soon"));
        assert_eq!(queues.messages("events").len(), 3);
        assert_eq!(queues.next("events", start + 900 * SECOND), Some(Duration::ZERO));
        assert_eq!(receive(&queues, 10, start + 900 * SECOND).len(), 3, "the others are back");
    }

    #[test]
    fn a_group_that_has_much_in_flight_waits_for_the_others() {
        let (queues, start) = (queues(), Instant::now());
        let send = |group: &str, count: usize| {
            for _ in 0..count {
                let new = NewMessage { group: Some(group.to_owned()), ..NewMessage::default() };
                queues.send("events", new, start).expect("sent");
            }
        };
        let groups = |received: &[(Uuid, Message)]| -> String {
            received.iter().filter_map(|(_, message)| message.group.clone()).collect()
        };
        send("a", 50);
        assert_eq!(receive(&queues, 30, start).len(), 30);
        send("b", 2);
        assert_eq!(groups(&receive(&queues, 4, start)), "bbaa");
        let turns = groups(&receive(&queues, 60, start + 31 * SECOND));
        assert_eq!(turns, "bb".to_owned() + &"a".repeat(50), "a took most of the time");
    }
}
