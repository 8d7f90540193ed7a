//! The rate of a key: how many requests of its minute are left, as every response's headers tell.

use std::time::Duration;

use crate::Timestamp;

/// The requests per minute that the documentation promises each key.
pub const DEFAULT_REQUESTS_PER_MINUTE: u32 = 60;
/// The length of a window: a calendar minute.
pub const WINDOW_SECONDS: i64 = 60;

/// The state of a key's minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The requests that the key may make in a minute.
    pub limit: u32,
    /// The requests that are left in the minute.
    pub remaining: u32,
    /// When the minute ends, in seconds since 1970.
    pub reset: i64,
    /// The whole seconds until the minute ends, at least one.
    pub seconds_left: i64,
}

impl Rate {
    /// The minute of `now` after `count` of `limit` requests.
    #[must_use]
    pub fn at(now: Timestamp, limit: u32, count: i64) -> Self {
        let end = window_end(now);
        Self {
            limit,
            remaining: u32::try_from((i64::from(limit) - count).max(0)).unwrap_or(0),
            reset: end.unix_seconds(),
            seconds_left: (end.unix_ms() - now.unix_ms() + 999) / 1000,
        }
    }

    /// The rate where no key was recognised: the documented limit, and nothing left.
    #[must_use]
    pub fn unrecognised(now: Timestamp) -> Self {
        Self::at(now, DEFAULT_REQUESTS_PER_MINUTE, i64::MAX)
    }

    /// The value of the IETF header `RateLimit-Policy`.
    #[must_use]
    pub fn ietf_policy(&self) -> String {
        format!("\"default\";q={};w={WINDOW_SECONDS}", self.limit)
    }

    /// The value of the IETF header `RateLimit`.
    #[must_use]
    pub fn ietf(&self) -> String {
        format!("\"default\";r={};t={}", self.remaining, self.seconds_left)
    }
}

/// The end of the minute of `now`.
#[must_use]
pub fn window_end(now: Timestamp) -> Timestamp {
    let window_ms = WINDOW_SECONDS * 1000;
    let left_ms = window_ms - now.unix_ms().rem_euclid(window_ms);
    now.plus(Duration::from_millis(left_ms.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_ends_where_the_next_begins() {
        let rate = |text: &str| Rate::unrecognised(Timestamp::parse(text).expect("a time"));
        assert_eq!(rate("2026-02-24T20:59:00Z").seconds_left, 60);
        assert_eq!(rate("2026-02-24T20:59:59.999Z").seconds_left, 1);
        assert_eq!(rate("2026-02-24T20:59:30Z").reset, rate("2026-02-24T20:59:59.999Z").reset);
        assert_eq!((rate("2026-02-24T20:59:30Z").limit, rate("2026-02-24T20:59:30Z").remaining), (60, 0));
    }
}
