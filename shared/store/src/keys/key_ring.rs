//! Authentication and the rate limit: one `UpdateItem` says whose a key is, and whether its minute has room.
//!
//! Each key's item has 13 slots, one per minute modulo 13. A slot's number is
//! `minute × 1 000 000 + count`, so that one left over from 13 minutes ago is told from a fresh one.
//! The neighbouring slots stay: clocks straddle a minute's end, and removing a neighbour's slot
//! would let its minute be used twice.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Error, Rate, Timestamp, Unauthenticated, WINDOW_SECONDS, key::KeyHash, window_end};
use dynamodb::{
    Value, Values, is_throttle,
    sdk::{error::SdkError, operation::update_item::UpdateItemError},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    cache::KeyCache,
    identity::{Admission, Identity, Recall},
};
use crate::{
    Store,
    error::{corrupt, internal},
    item::Item,
    raw_item,
    tables::API_KEYS,
};

const SLOTS: i64 = 13;
const BASE: i64 = 1_000_000;
/// How many attempts a count has where others reset the same stale slot meanwhile.
const ATTEMPTS: usize = 4;
/// How long an unknown, revoked or expired key is refused from the cache.
const CACHED_REFUSAL: Duration = Duration::from_secs(10);

/// Authenticates keys and counts their requests; caches what spares a look-up.
pub struct KeyRing {
    store: Store,
    cache: Mutex<KeyCache>,
}

/// The `UpdateItem` request that counts on a key's item.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CountRequest {
    table_name: String,
    key: Values,
    update_expression: String,
    condition_expression: String,
    expression_attribute_values: Values,
    return_values: &'static str,
    return_values_on_condition_check_failure: &'static str,
}

/// The reply to a [`CountRequest`]: what the key's item holds after it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CountReply<'a> {
    #[serde(borrow)]
    attributes: &'a RawValue,
}

#[derive(Clone, Copy)]
struct Window {
    minute: i64,
    now: Timestamp,
}

enum Count {
    Done(Admission),
    /// The slot still holds an old minute's count.
    Stale,
}

impl KeyRing {
    /// A key ring with an empty cache.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, cache: Mutex::default() }
    }

    /// This moment, by the clock that counts requests.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.store.now()
    }

    /// What is cached of a key: no I/O.
    #[must_use]
    pub fn recall(&self, hash: &KeyHash) -> Recall {
        let now = self.store.now();
        match self.cache().recall(hash, now) {
            Recall::Blocked(rate) => {
                Recall::Blocked(Rate { seconds_left: (rate.reset - now.unix_seconds()).max(1), ..rate })
            }
            recall => recall,
        }
    }

    /// Authenticates a key and counts one request.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a key that is unknown, revoked or expired;
    /// [`Error::RateLimited`] where DynamoDB itself throttles that key's item.
    pub async fn count(&self, hash: &KeyHash) -> Result<Admission, Error> {
        let mut failure =
            corrupt("UpdateItem", "the key's slot holds another minute: is this machine's clock right?");
        for _ in 0..ATTEMPTS {
            let window = Window::at(self.store.now());
            match self.count_once(hash, window).await {
                Ok(Count::Done(admission)) => {
                    let blocked = (!admission.admitted).then_some((admission.rate, window_end(window.now)));
                    self.cache().admit(*hash, admission.identity.clone(), blocked);
                    return Ok(admission);
                }
                Ok(Count::Stale) => {}
                // The key is being rotated: whatever the request is, it may come again.
                Err(Error::Contended(cause)) => failure = Error::Busy(cause),
                Err(error) => return Err(error),
            }
        }
        Err(failure)
    }

    async fn count_once(&self, hash: &KeyHash, window: Window) -> Result<Count, Error> {
        match self.increment(hash, window).await? {
            Count::Stale => self.reset(hash, window).await,
            done @ Count::Done(_) => Ok(done),
        }
    }

    async fn increment(&self, hash: &KeyHash, window: Window) -> Result<Count, Error> {
        let slot = slot_name(window.minute);
        let stale: Vec<String> = (2..SLOTS - 1).map(|ahead| slot_name(window.minute + ahead)).collect();
        let expression = format!(
            "SET {slot} = if_not_exists({slot}, :base) + :one, last_used_at = :now REMOVE {}",
            stale.join(", ")
        );
        let update = self.update(hash, window, expression, USABLE.to_owned(), (":one", 1));
        let reply = self.store.client.update_item_json(&update).await;
        window.read(&reply.map_err(|error| self.refuse(hash, error))?)
    }

    /// Starts the slot's new minute, unless somebody else just did.
    async fn reset(&self, hash: &KeyHash, window: Window) -> Result<Count, Error> {
        let slot = slot_name(window.minute);
        let expression = format!("SET {slot} = :first, last_used_at = :now");
        let condition = format!("{USABLE} AND {slot} < :base");
        let update = self.update(hash, window, expression, condition, (":first", window.base() + 1));
        match self.store.client.update_item_json(&update).await {
            Ok(reply) => window.read(&reply),
            Err(error) if condition_failed(&error).is_some() => Ok(Count::Stale),
            Err(error) => Err(self.refuse(hash, error)),
        }
    }

    fn update(
        &self,
        hash: &KeyHash,
        window: Window,
        update_expression: String,
        condition_expression: String,
        (name, number): (&'static str, i64),
    ) -> CountRequest {
        CountRequest {
            table_name: self.store.table(API_KEYS),
            key: Values::from([("key_hash", Value::S(hash.to_hex()))]),
            update_expression,
            condition_expression,
            expression_attribute_values: Values::from([
                (":now", Value::S(window.now.fixed_width())),
                (":base", Value::N(window.base().to_string())),
                (name, Value::N(number.to_string())),
            ]),
            return_values: "ALL_NEW",
            return_values_on_condition_check_failure: "ALL_OLD",
        }
    }

    fn refuse(&self, hash: &KeyHash, error: SdkError<UpdateItemError>) -> Error {
        if let Some(old) = condition_failed(&error) {
            let reason = match old {
                None => Unauthenticated::Unknown,
                Some(item) if item.contains_key("revoked_at") => Unauthenticated::Revoked,
                Some(_) => Unauthenticated::Expired,
            };
            self.cache().refuse(*hash, reason, self.store.now().plus(CACHED_REFUSAL));
            return reason.into();
        }
        if is_throttle(&error) { Error::RateLimited } else { internal(error) }
    }

    fn cache(&self) -> MutexGuard<'_, KeyCache> {
        // What a panicking holder left behind is still only a cache: at worst one look-up more.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The condition on a key's item for a request to be let in.
const USABLE: &str = "attribute_exists(key_hash) AND attribute_not_exists(revoked_at) \
                      AND (attribute_not_exists(expires_at) OR expires_at > :now)";

impl Window {
    fn at(now: Timestamp) -> Self {
        Self { minute: now.unix_seconds().div_euclid(WINDOW_SECONDS), now }
    }

    fn base(self) -> i64 {
        self.minute * BASE
    }

    fn read(self, reply: &[u8]) -> Result<Count, Error> {
        let CountReply { attributes } =
            serde_json::from_slice(reply).map_err(|error| Error::internal(error))?;
        let value = dynamodb::number(attributes, &slot_name(self.minute))
            .ok_or_else(|| corrupt("UpdateItem", "the reply lacks the slot that was counted"))?;
        if value.div_euclid(BASE) != self.minute {
            return Ok(Count::Stale);
        }
        let count = value - self.base();
        let identity = raw_item::read::<Identity>(attributes)?;
        let rate = Rate::at(self.now, identity.requests_per_minute, count);
        Ok(Count::Done(Admission { admitted: count <= i64::from(rate.limit), identity, rate }))
    }
}

fn slot_name(minute: i64) -> String {
    format!("m{}", minute.rem_euclid(SLOTS))
}

/// `Some` for a failed condition, with the key's item where there is one.
fn condition_failed(error: &SdkError<UpdateItemError>) -> Option<Option<&Item>> {
    match error.as_service_error()? {
        UpdateItemError::ConditionalCheckFailedException(failed) => Some(failed.item()),
        _ => None,
    }
}
