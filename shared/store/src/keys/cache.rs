//! The cache of keys in one process: abuse costs no I/O, and a warm request no look-up.
//! Bounded: the least recently used key is the first to go.

use std::num::NonZeroUsize;

use domain::{Rate, Timestamp, Unauthenticated, key::KeyHash};
use lru::LruCache;

use super::identity::{Identity, Recall};

const KEYS: NonZeroUsize = NonZeroUsize::new(2_000).expect("not zero");

/// The cache: good and refused keys apart, so that a flood of made-up keys pushes out no good one.
pub(crate) struct KeyCache {
    good: LruCache<KeyHash, CachedKey>,
    refused: LruCache<KeyHash, (Unauthenticated, Timestamp)>,
}

struct CachedKey {
    identity: Identity,
    blocked: Option<(Rate, Timestamp)>,
}

impl Default for KeyCache {
    fn default() -> Self {
        Self { good: LruCache::new(KEYS), refused: LruCache::new(KEYS) }
    }
}

impl KeyCache {
    pub(crate) fn recall(&mut self, hash: &KeyHash, now: Timestamp) -> Recall {
        if let Some((reason, until)) = self.refused.get(hash) {
            if now < *until {
                return Recall::Refused(*reason);
            }
            self.refused.pop(hash);
        }
        match self.good.get(hash) {
            Some(CachedKey { blocked: Some((rate, until)), .. }) if now < *until => Recall::Blocked(*rate),
            Some(cached) => Recall::Cached(cached.identity.clone()),
            None => Recall::Nothing,
        }
    }

    pub(crate) fn admit(&mut self, hash: KeyHash, identity: Identity, blocked: Option<(Rate, Timestamp)>) {
        // Answers arrive out of order: a late one from before the block must not lift it.
        let blocked = blocked.or_else(|| self.good.get(&hash).and_then(|cached| cached.blocked));
        self.good.put(hash, CachedKey { identity, blocked });
    }

    pub(crate) fn refuse(&mut self, hash: KeyHash, reason: Unauthenticated, until: Timestamp) {
        self.good.pop(&hash);
        self.refused.put(hash, (reason, until));
    }
}
