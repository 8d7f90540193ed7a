//! What waits in a queue, and whose turn it is: fair between groups, as SQS's fair queues are.

use std::collections::{BTreeSet, HashMap, VecDeque};

use uuid::Uuid;

use super::Message;

/// Messages that can be received. Next is always one of the group that has the fewest messages under way,
/// and among equals of the one that has waited longest for its turn: whoever sends much delays nobody else.
#[derive(Default)]
pub(super) struct Waiting {
    groups: HashMap<Group, Line>,
    /// The groups in which something waits, the next one first.
    turns: BTreeSet<(usize, u64, Group)>,
    len: usize,
    last_turn: u64,
}

/// A message without a group is one by itself.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Group {
    Named(String),
    Alone(Uuid),
}

#[derive(Default)]
struct Line {
    messages: VecDeque<Message>,
    in_flight: usize,
    turn: u64,
}

impl Waiting {
    pub(super) fn push(&mut self, message: Message) {
        self.len += 1;
        self.change(group(&message), |line, turn| {
            if line.messages.is_empty() {
                line.turn = turn;
            }
            line.messages.push_back(message);
        });
    }

    /// The next message, which is under way from now on.
    pub(super) fn take(&mut self) -> Option<Message> {
        let (_, _, group) = self.turns.first()?.clone();
        self.len -= 1;
        self.change(group, |line, turn| {
            line.turn = turn;
            line.in_flight += 1;
            line.messages.pop_front()
        })
    }

    /// A message that was taken is no longer under way.
    pub(super) fn ended(&mut self, message: &Message) {
        self.change(group(message), |line, _| line.in_flight = line.in_flight.saturating_sub(1));
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Message> {
        self.turns.iter().flat_map(|(_, _, group)| &self.groups[group].messages)
    }

    fn change<T>(&mut self, group: Group, change: impl FnOnce(&mut Line, u64) -> T) -> T {
        self.last_turn += 1;
        let line = self.groups.entry(group.clone()).or_default();
        self.turns.remove(&(line.in_flight, line.turn, group.clone()));
        let changed = change(line, self.last_turn);
        if !line.messages.is_empty() {
            self.turns.insert((line.in_flight, line.turn, group));
        } else if line.in_flight == 0 {
            self.groups.remove(&group);
        }
        changed
    }
}

fn group(message: &Message) -> Group {
    message.group.clone().map_or(Group::Alone(message.id), Group::Named)
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    fn message(group: Option<&str>, body: &str) -> Message {
        Message {
            id: Uuid::new_v4(),
            body: body.to_owned(),
            attributes: super::super::Attributes::new(),
            group: group.map(str::to_owned),
            sent_at: Timestamp::now(),
            receives: 0,
        }
    }

    fn taken(waiting: &mut Waiting, most: usize) -> Vec<Message> {
        (0..most).map_while(|_| waiting.take()).collect()
    }

    fn bodies(messages: &[Message]) -> String {
        messages.iter().map(|message| message.body.as_str()).collect()
    }

    #[test]
    fn a_backlog_holds_up_nobody_else() {
        let mut waiting = Waiting::default();
        for _ in 0..1000 {
            waiting.push(message(Some("a"), "a"));
        }
        let first = taken(&mut waiting, 5);
        waiting.push(message(Some("b"), "b"));
        waiting.push(message(Some("c"), "c"));
        waiting.push(message(None, "-"));
        assert_eq!(bodies(&taken(&mut waiting, 5)), "bc-aa", "who has nothing under way comes first");
        for message in &first {
            waiting.ended(message);
        }
        waiting.push(message(Some("b"), "b"));
        waiting.push(message(Some("b"), "b"));
        assert_eq!(bodies(&taken(&mut waiting, 4)), "baba", "one of b and two of a were under way");
        assert_eq!(waiting.len(), 1000 - 9);
    }

    #[test]
    fn equals_take_turns_and_the_order_within_a_group_stays() {
        let mut waiting = Waiting::default();
        for (group, body) in [("a", "1"), ("a", "2"), ("a", "3"), ("b", "x"), ("b", "y"), ("c", "!")] {
            waiting.push(message(Some(group), body));
        }
        assert_eq!((bodies(&taken(&mut waiting, 10)), waiting.len()), ("1x!2y3".to_owned(), 0));
    }

    #[test]
    fn messages_without_a_group_come_in_their_order_and_leave_nothing_behind() {
        let mut waiting = Waiting::default();
        for body in ["a", "b", "c"] {
            waiting.push(message(None, body));
        }
        assert_eq!(waiting.iter().count(), 3);
        let messages = taken(&mut waiting, 10);
        assert_eq!(bodies(&messages), "abc");
        messages.iter().for_each(|message| waiting.ended(message));
        assert!(waiting.groups.is_empty() && waiting.turns.is_empty());
    }
}
