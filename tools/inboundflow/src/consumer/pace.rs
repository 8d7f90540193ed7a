//! The pace of requests that a key's rate limit allows.

use std::time::{Duration, Instant};

use domain::WINDOW_SECONDS;

use super::response::ApiResponse;

/// One in so many requests of each minute is left to other users of the key.
const LEFT_TO_OTHERS: i64 = 10;

/// What the last response said of the key's rate limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    left: i64,
    limit: i64,
    ends: Instant,
}

impl Pace {
    /// Reads the rate limit from a response. An error need not be about this key's limit.
    pub(super) fn of(answer: &ApiResponse, now: Instant) -> Option<Self> {
        if !answer.is_success() {
            return None;
        }
        let (left, limit) = (answer.number("x-ratelimit-remaining")?, answer.number("x-ratelimit-limit")?);
        let reset_ms = answer.number("x-ratelimit-reset")?.saturating_mul(1000);
        // By the server's clock on both sides: this machine's may be wrong.
        let left_ms = (reset_ms - answer.made_at()?.unix_ms()).clamp(0, WINDOW_SECONDS * 1000);
        Some(Self { left, limit, ends: now + Duration::from_millis(left_ms.unsigned_abs()) })
    }

    /// How long to wait before the next request, if at all.
    pub(super) fn wait(self, now: Instant) -> Option<Duration> {
        let is_used_up = self.left <= self.limit / LEFT_TO_OTHERS;
        let wait = self.ends.saturating_duration_since(now);
        (is_used_up && !wait.is_zero()).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(left: i64, limit: i64, seconds: u64) -> bool {
        let now = Instant::now();
        Pace { left, limit, ends: now + Duration::from_secs(seconds) }.wait(now).is_some()
    }

    #[test]
    fn a_tenth_of_each_minute_is_left_to_others() {
        assert!(!waits(7, 60, 30));
        assert!(waits(6, 60, 30) && waits(0, 60, 30));
        assert!(!waits(0, 60, 0), "the next minute has begun");
    }

    #[test]
    fn a_key_with_few_requests_a_minute_may_use_all_of_them() {
        assert!(!waits(1, 2, 30) && waits(0, 2, 30));
    }
}
