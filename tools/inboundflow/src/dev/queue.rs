//! The local queues: what waits, what is under way, and how often it was received.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

use super::sources::QueueSettings;

/// All queues of a stack, in memory.
pub(super) struct Queues {
    queues: Mutex<BTreeMap<String, Queue>>,
    changed: watch::Sender<()>,
}

/// A message, as it was sent.
#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: Uuid,
    pub(super) body: String,
    pub(super) attributes: Attributes,
    pub(super) sent_at: Timestamp,
    /// How often it was received.
    pub(super) receives: u32,
}

/// What stands beside a message's body, by name.
pub(super) type Attributes = BTreeMap<String, Attribute>;

/// As SQS has it in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attribute {
    pub(super) data_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) binary_value: Option<String>,
}

/// How many messages a queue holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Those that can be received.
    pub waiting: usize,
    /// Those that were received and are neither deleted nor back.
    pub in_flight: usize,
}

/// Why a queue does not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NoSuchQueue,
    TooLong { max_bytes: usize },
    NotText,
}

struct Queue {
    settings: QueueSettings,
    waiting: VecDeque<Message>,
    /// By receipt, with the time when it can be received again.
    in_flight: HashMap<Uuid, (Message, Instant)>,
}

impl Queues {
    pub(super) fn new(settings: impl Iterator<Item = QueueSettings>) -> Self {
        let queue = |settings: QueueSettings| {
            let name = settings.name.clone();
            (name, Queue { settings, waiting: VecDeque::new(), in_flight: HashMap::new() })
        };
        Self { queues: Mutex::new(settings.map(queue).collect()), changed: watch::Sender::new(()) }
    }

    /// Tells of everything that happens.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    pub(super) fn send(&self, queue: &str, body: String, attributes: Attributes) -> Result<Uuid, Refusal> {
        let mut queues = self.lock();
        let queue = queues.get_mut(queue).ok_or(Refusal::NoSuchQueue)?;
        let max_bytes = queue.settings.max_message_bytes;
        if body.len() + attributes.iter().map(size).sum::<usize>() > max_bytes {
            return Err(Refusal::TooLong { max_bytes });
        }
        let values = attributes.values().filter_map(|value| value.string_value.as_deref());
        if ![&*body].into_iter().chain(values).all(|text| text.chars().all(is_text)) {
            return Err(Refusal::NotText);
        }
        let message =
            Message { id: Uuid::new_v4(), body, attributes, sent_at: Timestamp::now(), receives: 0 };
        let id = message.id;
        queue.waiting.push_back(message);
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
            && let Some(mut message) = found.waiting.pop_front()
        {
            if redrive.as_ref().is_some_and(|redrive| message.receives >= redrive.max_receives) {
                dead.push(message);
                continue;
            }
            message.receives += 1;
            let receipt = Uuid::new_v4();
            found.in_flight.insert(receipt, (message.clone(), now + found.settings.visibility_timeout));
            received.push((receipt, message));
        }
        if !dead.is_empty()
            && let Some(letters) = redrive.and_then(|redrive| queues.get_mut(&redrive.dead_letters))
        {
            letters.waiting.extend(dead.into_iter().map(|message| Message { receives: 0, ..message }));
            self.changed.send_replace(());
        }
        Ok(received)
    }

    /// Ends a message; a receipt that has run out ends nothing.
    pub(super) fn delete(&self, queue: &str, receipt: Uuid) -> Result<(), Refusal> {
        self.lock().get_mut(queue).ok_or(Refusal::NoSuchQueue)?.in_flight.remove(&receipt);
        self.changed.send_replace(());
        Ok(())
    }

    /// Lets a message that was received come back at `at`.
    pub(super) fn release(&self, queue: &str, receipt: Uuid, at: Instant) -> Result<(), Refusal> {
        let mut queues = self.lock();
        let queue = queues.get_mut(queue).ok_or(Refusal::NoSuchQueue)?;
        if let Some((_, back_at)) = queue.in_flight.get_mut(&receipt) {
            *back_at = at;
        }
        drop(queues);
        self.changed.send_replace(());
        Ok(())
    }

    pub(super) fn counts(&self, queue: &str, now: Instant) -> Result<Counts, Refusal> {
        let queues = self.lock();
        let queue = queues.get(queue).ok_or(Refusal::NoSuchQueue)?;
        let in_flight = queue.in_flight.values().filter(|(_, back_at)| *back_at > now).count();
        Ok(Counts { waiting: queue.waiting.len() + queue.in_flight.len() - in_flight, in_flight })
    }

    /// How long it takes until something can be received, as far as that is known.
    pub(super) fn next(&self, queue: &str, now: Instant) -> Option<Duration> {
        let queues = self.lock();
        let queue = queues.get(queue)?;
        if !queue.waiting.is_empty() {
            return Some(Duration::ZERO);
        }
        queue.in_flight.values().map(|(_, back_at)| back_at.saturating_duration_since(now)).min()
    }

    /// Every message of a queue, and none of them received by that.
    pub(super) fn messages(&self, queue: &str) -> Vec<Message> {
        let queues = self.lock();
        let messages = queues.get(queue).into_iter().flat_map(|queue| {
            queue.waiting.iter().chain(queue.in_flight.values().map(|(message, _)| message))
        });
        messages.cloned().collect()
    }

    /// Moves what waits in a queue to another one, to be received anew; returns how much that was.
    pub(super) fn redrive(&self, from: &str, to: &str) -> usize {
        let mut queues = self.lock();
        let moved = queues.get_mut(from).map(|queue| std::mem::take(&mut queue.waiting)).unwrap_or_default();
        let count = moved.len();
        if let Some(queue) = queues.get_mut(to) {
            queue.waiting.extend(moved.into_iter().map(|message| Message { receives: 0, ..message }));
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
    fn bring_back(&mut self, now: Instant) {
        let back = self.in_flight.extract_if(|_, (_, back_at)| *back_at <= now).map(|(_, message)| message);
        let mut back: Vec<(Message, Instant)> = back.collect();
        back.sort_by_key(|(_, back_at)| *back_at);
        self.waiting.extend(back.into_iter().map(|(message, _)| message));
    }
}

fn size((name, value): (&String, &Attribute)) -> usize {
    let values = [&value.string_value, &value.binary_value].into_iter().flatten();
    name.len() + value.data_type.len() + values.map(String::len).sum::<usize>()
}

/// The characters that SQS takes.
fn is_text(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
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
        queues.send("events", body.to_owned(), Attributes::new())
    }

    fn receive(queues: &Queues, most: usize, now: Instant) -> Vec<(Uuid, Message)> {
        queues.receive("events", most, now).expect("a queue")
    }

    fn counts(queues: &Queues, queue: &str, now: Instant) -> (usize, usize) {
        let Counts { waiting, in_flight } = queues.counts(queue, now).expect("a queue");
        (waiting, in_flight)
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
    fn a_message_has_a_size_and_characters_that_sqs_takes() {
        let queues = queues();
        assert!(send(&queues, "01234567890123456789").is_ok());
        assert_eq!(send(&queues, "012345678901234567890"), Err(Refusal::TooLong { max_bytes: 20 }));
        let value = Attribute {
            data_type: "String".to_owned(),
            string_value: Some("v".to_owned()),
            binary_value: None,
        };
        let with_attribute = |body: &str, value: &Attribute| {
            let attributes = [("name".to_owned(), value.clone())].into();
            queues.send("events", body.to_owned(), attributes).map(|_| ())
        };
        assert_eq!(with_attribute("012345678", &value), Ok(()), "11 bytes beside it");
        assert_eq!(with_attribute("0123456789", &value), Err(Refusal::TooLong { max_bytes: 20 }));
        assert_eq!(send(&queues, "a\u{1}"), Err(Refusal::NotText));
        let unreadable = Attribute { string_value: Some("\u{ffff}".to_owned()), ..value };
        assert_eq!(with_attribute("a", &unreadable), Err(Refusal::NotText));
        assert!(send(&queues, "\t\r\n ü\u{fffd}").is_ok());
        assert_eq!(queues.send("other", String::new(), Attributes::new()), Err(Refusal::NoSuchQueue));
    }
}
