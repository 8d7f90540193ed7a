//! What one process remembers of keys, so that abuse costs no I/O and a warm request no look-up.
//! Bounded: the least recently used is forgotten.

use std::num::NonZeroUsize;

use domain::{Rate, Timestamp, Unauthenticated, key::KeyHash};
use lru::LruCache;

use super::key_ring::{Identity, Recall};

const KEYS: NonZeroUsize = NonZeroUsize::new(2_000).expect("not zero");

/// Good and refused keys apart, so that a flood of made-up keys pushes out no good one.
pub(crate) struct Memory {
    known: LruCache<KeyHash, Known>,
    refused: LruCache<KeyHash, (Unauthenticated, Timestamp)>,
}

struct Known {
    identity: Identity,
    blocked: Option<(Rate, Timestamp)>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { known: LruCache::new(KEYS), refused: LruCache::new(KEYS) }
    }
}

impl Memory {
    pub(crate) fn recall(&mut self, hash: &KeyHash, now: Timestamp) -> Recall {
        if let Some((reason, until)) = self.refused.get(hash) {
            if now < *until {
                return Recall::Refused(*reason);
            }
            self.refused.pop(hash);
        }
        match self.known.get(hash) {
            Some(Known { blocked: Some((rate, until)), .. }) if now < *until => Recall::Blocked(*rate),
            Some(known) => Recall::Known(known.identity.clone()),
            None => Recall::Nothing,
        }
    }

    pub(crate) fn admit(&mut self, hash: KeyHash, identity: Identity, blocked: Option<(Rate, Timestamp)>) {
        // Answers arrive out of order: a late one from before the block must not lift it.
        let blocked = blocked.or_else(|| self.known.get(&hash).and_then(|known| known.blocked));
        self.known.put(hash, Known { identity, blocked });
    }

    pub(crate) fn refuse(&mut self, hash: KeyHash, reason: Unauthenticated, until: Timestamp) {
        self.known.pop(&hash);
        self.refused.put(hash, (reason, until));
    }
}
