//! The order in which a queue's messages are received: that of their arrival, but noisy groups come after quiet ones, as in
//! SQS's fair queues.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use domain::Timestamp;

/// The messages in flight from which on a group can be noisy by their share.
const NOISY_IN_FLIGHT: usize = 30;
/// The share of the messages in flight, or of the processing time, above which a group is noisy: a tenth.
const NOISY_SHARE: u32 = 10;
/// The time after which a group that sends nothing is noisy no more.
const QUIET_AFTER: Duration = Duration::from_mins(5);
/// The time for which processing time counts. AWS says "recent".
const RECENT: Duration = QUIET_AFTER;

/// Messages that can be received, quiet groups' before those of noisy ones, as AWS's page *How Amazon SQS fair queues work*
/// has it. Of several noisy groups the one comes first that has the fewest messages in flight.
///
/// A group is noisy as long as it has more than a tenth of all messages in flight and at least 30 of its own, or more than a
/// tenth of the recent processing time, and has sent something in the last five minutes. AWS calls these figures approximate;
/// here they are exact.
pub(crate) struct FairQueue<M> {
    /// The messages by their groups: those without one are a group each, so none of them is noisy.
    groups: HashMap<Option<String>, Group<M>>,
    pushed: u64,
}

struct Group<M> {
    messages: VecDeque<(u64, M)>,
    in_flight: usize,
    /// The ends of processing, with the time that it took.
    processed: VecDeque<(Timestamp, Duration)>,
    /// The sum of the recent processing times.
    processing: Duration,
    sent_at: Timestamp,
}

impl<M> Default for FairQueue<M> {
    fn default() -> Self {
        Self { groups: HashMap::new(), pushed: 0 }
    }
}

impl<M> FairQueue<M> {
    /// Adds a message behind those that wait.
    pub(super) fn push(&mut self, group: Option<&str>, message: M, now: Timestamp) {
        self.pushed += 1;
        let group = self.groups.entry(group.map(str::to_owned)).or_insert_with(|| Group {
            messages: VecDeque::new(),
            in_flight: 0,
            processed: VecDeque::new(),
            processing: Duration::ZERO,
            sent_at: now,
        });
        group.sent_at = now;
        group.messages.push_back((self.pushed, message));
    }

    /// The next message, which is in flight from now on.
    pub(super) fn take(&mut self, now: Timestamp) -> Option<M> {
        self.groups.values_mut().for_each(|group| group.forget(now));
        self.groups.retain(|_, group| !group.is_over());
        let in_flight = self.groups.values().map(|group| group.in_flight).sum();
        let processing = self.groups.values().map(|group| group.processing).sum();
        let waiting = self.groups.iter_mut().filter(|(_, group)| !group.messages.is_empty());
        let (_, group) = waiting.min_by_key(|(name, group)| {
            let is_noisy = name.is_some() && group.is_noisy(in_flight, processing, now);
            let under_way = if is_noisy { group.in_flight } else { 0 };
            (is_noisy, under_way, group.messages.front().map(|(number, _)| *number))
        })?;
        group.in_flight += 1;
        group.messages.pop_front().map(|(_, message)| message)
    }

    /// Notes that a message of the group is no longer in flight. It was for the time that it `took`.
    pub(super) fn ended(&mut self, group: Option<&str>, took: Duration, now: Timestamp) {
        if let Some(group) = self.groups.get_mut(&group.map(str::to_owned)) {
            group.in_flight = group.in_flight.saturating_sub(1);
            group.processing += took;
            group.processed.push_back((now, took));
        }
    }

    /// Takes out everything that waits, in the order of arrival.
    pub(super) fn drain(&mut self) -> Vec<M> {
        let mut all: Vec<_> = self.groups.values_mut().flat_map(|group| group.messages.drain(..)).collect();
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, message)| message).collect()
    }

    /// The number of messages that wait.
    pub(super) fn len(&self) -> usize {
        self.groups.values().map(|group| group.messages.len()).sum()
    }

    /// Whether no message waits.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The messages that wait, in the order of arrival.
    pub(super) fn iter(&self) -> impl Iterator<Item = &M> {
        let mut all: Vec<_> = self.groups.values().flat_map(|group| &group.messages).collect();
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, message)| message)
    }
}

impl<M> Group<M> {
    /// Whether the group has too much of what is in flight, or of the recent processing time, and sends
    /// still.
    fn is_noisy(&self, in_flight: usize, processing: Duration, now: Timestamp) -> bool {
        let is_over_share = self.in_flight >= NOISY_IN_FLIGHT
            && self.in_flight * NOISY_SHARE as usize > in_flight
            || self.processing * NOISY_SHARE > processing;
        is_over_share && since(self.sent_at, now) < QUIET_AFTER
    }

    fn is_over(&self) -> bool {
        self.messages.is_empty() && self.in_flight == 0 && self.processed.is_empty()
    }

    /// Leaves out processing that is no longer recent.
    fn forget(&mut self, now: Timestamp) {
        while let Some((at, took)) = self.processed.front()
            && since(*at, now) >= RECENT
        {
            self.processing -= *took;
            self.processed.pop_front();
        }
    }
}

/// The time from `start` to `end`.
pub(super) fn since(start: Timestamp, end: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(end.unix_ms() - start.unix_ms()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Adds a message to each of these groups, with the group's name.
    fn push(waiting: &mut FairQueue<String>, groups: &str, now: Timestamp) {
        for group in groups.chars().map(String::from) {
            let named = (group != "-").then_some(&*group);
            waiting.push(named, group.clone(), now);
        }
    }

    fn taken(waiting: &mut FairQueue<String>, most: usize, now: Timestamp) -> String {
        (0..most).map_while(|_| waiting.take(now)).collect()
    }

    #[test]
    fn a_backlog_comes_in_its_order_until_thirty_of_it_are_in_flight() {
        let (mut waiting, now) = (FairQueue::default(), Timestamp::now());
        push(&mut waiting, &"a".repeat(100), now);
        push(&mut waiting, "bc-b", now);
        assert_eq!(taken(&mut waiting, 29, now), "a".repeat(29));
        assert_eq!(taken(&mut waiting, 5, now), "abc-b", "with the thirtieth, a is noisy");
        push(&mut waiting, "d", now);
        assert_eq!(taken(&mut waiting, 2, now), "da");
        assert_eq!(waiting.len(), 100 - 31);
    }

    #[test]
    fn a_tenth_of_what_is_in_flight_is_no_noise() {
        let (mut waiting, now) = (FairQueue::default(), Timestamp::now());
        let others: String = ('A'..='Z').collect();
        push(&mut waiting, &others.repeat(11), now);
        push(&mut waiting, &"a".repeat(40), now);
        assert_eq!(taken(&mut waiting, 286, now).len(), 286, "of 26 groups, 11 each");
        assert_eq!(taken(&mut waiting, 31, now), "a".repeat(31));
        push(&mut waiting, "b", now);
        assert_eq!(taken(&mut waiting, 3, now), "aba", "32 of 318 are a tenth and more");
    }

    #[test]
    fn a_group_that_takes_over_a_tenth_of_the_time_waits_for_the_others() {
        let (mut waiting, start) = (FairQueue::default(), Timestamp::now());
        push(&mut waiting, "slow", start);
        assert_eq!(taken(&mut waiting, 4, start), "slow");
        for (group, took) in [("s", 20), ("l", 1), ("o", 2), ("w", 0)] {
            waiting.ended(Some(group), took * SECOND, start.plus(took * SECOND));
        }
        let now = start.plus(20 * SECOND);
        push(&mut waiting, "sslx", now);
        assert_eq!(taken(&mut waiting, 4, now), "lxss", "20 of 23 seconds");
        let later = now.plus(RECENT);
        push(&mut waiting, "sslx", later);
        assert_eq!(taken(&mut waiting, 4, later), "sslx", "that is no longer recent");
    }

    #[test]
    fn of_noisy_groups_the_one_comes_first_that_has_the_fewest_in_flight() {
        let (mut waiting, now) = (FairQueue::default(), Timestamp::now());
        push(&mut waiting, &"a".repeat(100), now);
        push(&mut waiting, &"b".repeat(100), now);
        assert_eq!(taken(&mut waiting, 60, now), "a".repeat(30) + &"b".repeat(30));
        let next = taken(&mut waiting, 10, now);
        assert_eq!((next.matches('a').count(), next.matches('b').count()), (5, 5), "{next}");
    }

    #[test]
    fn a_group_is_quiet_again_that_has_sent_nothing_for_five_minutes_or_whose_share_has_fallen() {
        let (mut waiting, start) = (FairQueue::default(), Timestamp::now());
        push(&mut waiting, &"a".repeat(40), start);
        assert_eq!(taken(&mut waiting, 35, start), "a".repeat(35));
        let now = start.plus(QUIET_AFTER);
        push(&mut waiting, "b", now);
        assert_eq!(taken(&mut waiting, 9, now), "aaaaab");
        push(&mut waiting, "aab", now);
        assert_eq!(taken(&mut waiting, 3, now), "baa", "noisy again: it sends");
        (0..42).for_each(|_| waiting.ended(Some("a"), Duration::ZERO, now));
        push(&mut waiting, "ab", now);
        assert_eq!(taken(&mut waiting, 2, now), "ab", "none is in flight, and none took long");
        waiting.ended(Some("a"), SECOND, now);
        (0..3).for_each(|_| waiting.ended(Some("b"), 10 * SECOND, now));
        assert!(waiting.is_empty() && waiting.take(now.plus(RECENT)).is_none());
        assert!(waiting.groups.is_empty(), "nothing is left behind");
    }

    #[test]
    fn messages_without_a_group_come_in_their_order_and_are_never_noisy() {
        let (mut waiting, now) = (FairQueue::default(), Timestamp::now());
        push(&mut waiting, &"-".repeat(50), now);
        push(&mut waiting, "a", now);
        assert_eq!(taken(&mut waiting, 51, now), "-".repeat(50) + "a");
    }
}
