//! The usage plans and the token buckets of their keys.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use lru::LruCache;

use crate::stack::{Stack, Throttle};

/// The most keys that have a bucket: as many as an AWS account holds.
const KEYS: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");

/// The plans of a stack, and how full each key's bucket is.
pub(super) struct Plans {
    keys: Throttle,
    own_keys: HashMap<String, Throttle>,
    buckets: Mutex<LruCache<String, Bucket>>,
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Plans {
    pub(super) fn new(stack: &Stack) -> Self {
        Self { keys: stack.keys, own_keys: stack.own_keys.clone(), buckets: Mutex::new(LruCache::new(KEYS)) }
    }

    /// Takes a token of the key with this value, if there is one.
    pub(super) fn admit(&self, key: &str, now: Instant) -> bool {
        let throttle = self.own_keys.get(key).unwrap_or(&self.keys);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = || Bucket { tokens: throttle.burst, at: now };
        let bucket = buckets.get_or_insert_mut(key.to_owned(), full);
        let since = now.saturating_duration_since(bucket.at).as_secs_f64();
        bucket.tokens = (bucket.tokens + since * throttle.rate).min(throttle.burst);
        bucket.at = now;
        let admitted = bucket.tokens >= 1.0;
        if admitted {
            bucket.tokens -= 1.0;
        }
        admitted
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_holds_its_burst_and_refills_at_its_rate() {
        let plans = Plans {
            keys: Throttle { rate: 2.0, burst: 3.0 },
            own_keys: [("shared".to_owned(), Throttle { rate: 1.0, burst: 1.0 })].into(),
            buckets: Mutex::new(LruCache::new(KEYS)),
        };
        let start = Instant::now();
        let admitted = |key: &str, ms: u64| plans.admit(key, start + Duration::from_millis(ms));
        assert_eq!([0, 0, 0, 0].map(|ms| admitted("a", ms)), [true, true, true, false]);
        assert!(admitted("b", 0), "each key has its own");
        assert_eq!([500, 500, 1000, 1000].map(|ms| admitted("a", ms)), [true, false, true, false]);
        assert_eq!(
            [60_000; 4].map(|ms| admitted("a", ms)),
            [true, true, true, false],
            "never above the burst"
        );
        assert_eq!([0, 0, 1000].map(|ms| admitted("shared", ms)), [true, false, true]);
    }
}
