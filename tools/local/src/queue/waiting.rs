//! What waits in a queue, and whose turn it is: in the order of arrival, but for the groups that SQS's fair queues call
//! noisy.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

/// From how many messages in flight on a group can be noisy by their share.
const NOISY_IN_FLIGHT: usize = 30;
/// A tenth: more of the messages in flight, or of the processing time, is noise.
const NOISY_SHARE: u32 = 10;
/// After how long a group that sends nothing is noisy no more.
const QUIET_AFTER: Duration = Duration::from_mins(5);
/// For how long processing time counts. AWS says "recent".
const RECENT: Duration = QUIET_AFTER;

/// Messages that can be received, quiet groups' before those of noisy ones, as AWS's page *How Amazon SQS fair queues work*
/// has it. Of several noisy groups the one comes first that has the fewest messages in flight.
///
/// A group is noisy as long as it has more than a tenth of all messages in flight and at least 30 of its own, or more than a
/// tenth of the recent processing time, and has sent something in the last five minutes. AWS calls these figures approximate;
/// here they are exact.
pub struct Waiting<M> {
    /// Messages without a group are one each, so none of them is noisy.
    lines: HashMap<Option<String>, Line<M>>,
    pushed: u64,
}

struct Line<M> {
    messages: VecDeque<(u64, M)>,
    in_flight: usize,
    /// When processing ended, and how long it took.
    processed: VecDeque<(Instant, Duration)>,
    /// The sum of these times.
    processing: Duration,
    sent_at: Instant,
}

impl<M> Default for Waiting<M> {
    fn default() -> Self {
        Self { lines: HashMap::new(), pushed: 0 }
    }
}

impl<M> Waiting<M> {
    /// Lets a message wait behind those that are there.
    pub fn push(&mut self, group: Option<&str>, message: M, now: Instant) {
        self.pushed += 1;
        let line = self.lines.entry(group.map(str::to_owned)).or_insert_with(|| Line {
            messages: VecDeque::new(),
            in_flight: 0,
            processed: VecDeque::new(),
            processing: Duration::ZERO,
            sent_at: now,
        });
        line.sent_at = now;
        line.messages.push_back((self.pushed, message));
    }

    /// The next message, which is in flight from now on.
    pub fn take(&mut self, now: Instant) -> Option<M> {
        self.lines.values_mut().for_each(|line| line.forget(now));
        self.lines.retain(|_, line| !line.is_over());
        let in_flight = self.lines.values().map(|line| line.in_flight).sum();
        let processing = self.lines.values().map(|line| line.processing).sum();
        let waiting = self.lines.iter_mut().filter(|(_, line)| !line.messages.is_empty());
        let (_, line) = waiting.min_by_key(|(group, line)| {
            let is_noisy = group.is_some() && line.is_noisy(in_flight, processing, now);
            let under_way = if is_noisy { line.in_flight } else { 0 };
            (is_noisy, under_way, line.messages.front().map(|(number, _)| *number))
        })?;
        line.in_flight += 1;
        line.messages.pop_front().map(|(_, message)| message)
    }

    /// A message of the group is no longer in flight. It was for the time that it `took`.
    pub fn ended(&mut self, group: Option<&str>, took: Duration, now: Instant) {
        if let Some(line) = self.lines.get_mut(&group.map(str::to_owned)) {
            line.in_flight = line.in_flight.saturating_sub(1);
            line.processing += took;
            line.processed.push_back((now, took));
        }
    }

    /// Takes out everything that waits, in the order of arrival.
    pub fn drain(&mut self) -> Vec<M> {
        let mut all: Vec<_> = self.lines.values_mut().flat_map(|line| line.messages.drain(..)).collect();
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, message)| message).collect()
    }

    /// How many messages wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.values().map(|line| line.messages.len()).sum()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What waits, in the order of arrival.
    pub fn iter(&self) -> impl Iterator<Item = &M> {
        let mut all: Vec<_> = self.lines.values().flat_map(|line| &line.messages).collect();
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, message)| message)
    }
}

impl<M> Line<M> {
    /// Whether it has too much of what is in flight, or of the recent processing time, and sends still.
    fn is_noisy(&self, in_flight: usize, processing: Duration, now: Instant) -> bool {
        let is_over_share = self.in_flight >= NOISY_IN_FLIGHT
            && self.in_flight * NOISY_SHARE as usize > in_flight
            || self.processing * NOISY_SHARE > processing;
        is_over_share && now.saturating_duration_since(self.sent_at) < QUIET_AFTER
    }

    fn is_over(&self) -> bool {
        self.messages.is_empty() && self.in_flight == 0 && self.processed.is_empty()
    }

    /// Leaves out processing that is no longer recent.
    fn forget(&mut self, now: Instant) {
        while let Some((at, took)) = self.processed.front()
            && now.saturating_duration_since(*at) >= RECENT
        {
            self.processing -= *took;
            self.processed.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Messages are the names of their groups.
    fn push(waiting: &mut Waiting<String>, groups: &str, now: Instant) {
        for group in groups.chars().map(String::from) {
            let named = (group != "-").then_some(&*group);
            waiting.push(named, group.clone(), now);
        }
    }

    fn taken(waiting: &mut Waiting<String>, most: usize, now: Instant) -> String {
        (0..most).map_while(|_| waiting.take(now)).collect()
    }

    #[test]
    fn a_backlog_comes_in_its_order_until_thirty_of_it_are_in_flight() {
        let (mut waiting, now) = (Waiting::default(), Instant::now());
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
        let (mut waiting, now) = (Waiting::default(), Instant::now());
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
        let (mut waiting, start) = (Waiting::default(), Instant::now());
        push(&mut waiting, "slow", start);
        assert_eq!(taken(&mut waiting, 4, start), "slow");
        for (group, took) in [("s", 20), ("l", 1), ("o", 2), ("w", 0)] {
            waiting.ended(Some(group), took * SECOND, start + took * SECOND);
        }
        let now = start + 20 * SECOND;
        push(&mut waiting, "sslx", now);
        assert_eq!(taken(&mut waiting, 4, now), "lxss", "20 of 23 seconds");
        let later = now + RECENT;
        push(&mut waiting, "sslx", later);
        assert_eq!(taken(&mut waiting, 4, later), "sslx", "that is no longer recent");
    }

    #[test]
    fn of_noisy_groups_the_one_comes_first_that_has_the_fewest_in_flight() {
        let (mut waiting, now) = (Waiting::default(), Instant::now());
        push(&mut waiting, &"a".repeat(100), now);
        push(&mut waiting, &"b".repeat(100), now);
        assert_eq!(taken(&mut waiting, 60, now), "a".repeat(30) + &"b".repeat(30));
        let next = taken(&mut waiting, 10, now);
        assert_eq!((next.matches('a').count(), next.matches('b').count()), (5, 5), "{next}");
    }

    #[test]
    fn a_group_is_quiet_again_that_has_sent_nothing_for_five_minutes_or_whose_share_has_fallen() {
        let (mut waiting, start) = (Waiting::default(), Instant::now());
        push(&mut waiting, &"a".repeat(40), start);
        assert_eq!(taken(&mut waiting, 35, start), "a".repeat(35));
        let now = start + QUIET_AFTER;
        push(&mut waiting, "b", now);
        assert_eq!(taken(&mut waiting, 9, now), "aaaaab");
        push(&mut waiting, "aab", now);
        assert_eq!(taken(&mut waiting, 3, now), "baa", "noisy again: it sends");
        (0..42).for_each(|_| waiting.ended(Some("a"), Duration::ZERO, now));
        push(&mut waiting, "ab", now);
        assert_eq!(taken(&mut waiting, 2, now), "ab", "none is in flight, and none took long");
        waiting.ended(Some("a"), SECOND, now);
        (0..3).for_each(|_| waiting.ended(Some("b"), 10 * SECOND, now));
        assert!(waiting.is_empty() && waiting.take(now + RECENT).is_none());
        assert!(waiting.lines.is_empty(), "nothing is left behind");
    }

    #[test]
    fn messages_without_a_group_come_in_their_order_and_are_never_noisy() {
        let (mut waiting, now) = (Waiting::default(), Instant::now());
        push(&mut waiting, &"-".repeat(50), now);
        push(&mut waiting, "a", now);
        assert_eq!(taken(&mut waiting, 51, now), "-".repeat(50) + "a");
    }
}
