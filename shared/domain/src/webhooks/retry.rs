//! The schedule of a delivery's attempts, and the time after which a failing endpoint is disabled.

use std::time::Duration;

use crate::{RecordId, Timestamp};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: Duration = Duration::from_secs(24 * HOUR);

/// The time from each failed attempt to the next one, give or take a tenth.
pub const RETRY_AFTER: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * MINUTE),
    Duration::from_secs(30 * MINUTE),
    Duration::from_secs(2 * HOUR),
    Duration::from_secs(5 * HOUR),
    Duration::from_secs(10 * HOUR),
    Duration::from_secs(14 * HOUR),
    Duration::from_secs(20 * HOUR),
    DAY,
];
/// The longest delay of a message in SQS.
pub const MAX_QUEUE_DELAY: Duration = Duration::from_secs(15 * MINUTE);
/// The longest `Retry-After` of a receiver that is honoured.
const LONGEST_WISH: Duration = DAY;
/// The time that an endpoint may fail before it is disabled.
pub const DISABLE_AFTER: Duration = Duration::from_secs(5 * 24 * HOUR);
/// The time without a failure after which a new failure counts as a new beginning: longer than any time between attempts.
const PAUSE: Duration = Duration::from_secs(48 * HOUR);

/// The time of a delivery's next attempt, after `attempts` failed ones of this round; none after the last. `wish` is the receiver's
/// `Retry-After`.
#[must_use]
pub fn next_attempt(
    delivery: RecordId,
    attempts: u32,
    now: Timestamp,
    wish: Option<Duration>,
) -> Option<Timestamp> {
    let after = RETRY_AFTER.get(usize::try_from(attempts).ok()?.checked_sub(1)?)?;
    // Deliveries that failed together do not come back together.
    let spread = delivery.derived(&attempts.to_string()).spread(2001) as f64;
    let after = after.mul_f64(0.9 + spread / 10_000.0);
    Some(now.plus(after.max(wish.unwrap_or_default().min(LONGEST_WISH))))
}

/// The health of an endpoint: how long it has been failing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The first failure since the last success, if there is one.
    pub failing_since: Option<Timestamp>,
    /// The last failure.
    pub last_failed_at: Option<Timestamp>,
}

impl Health {
    /// The health after another failed attempt.
    #[must_use]
    pub fn after_failure(self, now: Timestamp) -> Self {
        let recent = self.last_failed_at.is_some_and(|last| now < last.plus(PAUSE));
        Self { failing_since: self.failing_since.filter(|_| recent).or(Some(now)), last_failed_at: Some(now) }
    }

    /// Whether the endpoint has been failing for so long that it is disabled.
    #[must_use]
    pub fn is_given_up(self, now: Timestamp) -> bool {
        self.failing_since.is_some_and(|since| since.plus(DISABLE_AFTER) <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse("2026-02-24T21:00:00Z").expect("a time")
    }

    fn seconds(delivery: u128, attempts: u32, wish: Option<Duration>) -> Option<f64> {
        let at = next_attempt(RecordId::from_u128(delivery), attempts, now(), wish)?;
        Some((at.unix_ms() - now().unix_ms()) as f64 / 1000.0)
    }

    #[test]
    fn each_try_follows_within_a_tenth_of_its_time_and_the_tenth_is_the_last() {
        for (attempts, after) in (1..).zip(RETRY_AFTER) {
            let after = after.as_secs_f64();
            let all: Vec<f64> = (0..500).filter_map(|delivery| seconds(delivery, attempts, None)).collect();
            assert_eq!(all.len(), 500);
            assert!(all.iter().all(|at| (after * 0.899..=after * 1.101).contains(at)), "{attempts}");
            let (low, high) =
                all.iter().fold((f64::MAX, 0.0_f64), |(low, high), at| (low.min(*at), high.max(*at)));
            assert!(high - low > after * 0.15, "they spread: {low} to {high}");
        }
        assert_eq!((seconds(1, 0, None), seconds(1, 10, None)), (None, None));
    }

    #[test]
    fn a_receiver_can_ask_for_more_time_but_not_for_less_or_for_days() {
        assert_eq!(seconds(1, 1, Some(Duration::from_secs(HOUR))), Some(3600.0));
        assert_eq!(seconds(1, 2, Some(Duration::ZERO)), seconds(1, 2, None));
        assert_eq!(seconds(1, 1, Some(10 * DAY)), Some(86_400.0));
        assert_eq!(seconds(1, 10, Some(DAY)), None);
    }

    #[test]
    fn an_endpoint_is_given_up_after_five_days_of_nothing_but_failures() {
        let mut health = Health::default();
        let mut at = now();
        for _ in 0..5 {
            health = health.after_failure(at);
            assert!(!health.is_given_up(at));
            at = at.plus(DAY);
        }
        assert!(health.after_failure(at).is_given_up(at));
        let later = at.plus(2 * DAY);
        assert!(!health.after_failure(later).is_given_up(later), "it failed again after a pause");
        assert!(!Health::default().is_given_up(later));
    }
}
