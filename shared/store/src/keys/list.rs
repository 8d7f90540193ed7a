//! Keys as operators see them: listed, revoked, and where each one stands.

use std::time::Duration;

use domain::{Error, OrganizationId, RecordId, Timestamp, key::KeyHash};
use dynamodb::{UpdateExpression, Updated};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    error::{corrupt, failed, internal},
    item::{self, Item, s, time},
    tables::{API_KEYS, BY_KEY_ID, BY_ORGANIZATION},
};

/// The attributes of a key's item, but for its slots.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredKey {
    pub(crate) key_id: RecordId,
    pub(crate) organization_id: OrganizationId,
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) hint: String,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) revoked_at: Option<Timestamp>,
    pub(crate) last_used_at: Option<Timestamp>,
    pub(crate) rotated_at: Option<Timestamp>,
    pub(crate) requests_per_minute: u32,
}

/// A key in a list.
#[derive(Clone, Debug, Serialize)]
pub struct KeySummary {
    /// The key's id.
    pub key_id: RecordId,
    /// The part of the key that it is recognised by.
    pub hint: String,
    /// The name that its owner gave the key.
    pub name: String,
    /// The key's scopes.
    pub scopes: Vec<String>,
    /// The key's rate limit, in requests a minute.
    pub requests_per_minute: u32,
    /// When the key was created.
    pub created_at: Timestamp,
    /// When the key expires, if ever.
    pub expires_at: Option<Timestamp>,
    /// When the key was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// When the key was last used, if it was.
    pub last_used_at: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Standing {
    key_id: RecordId,
    requests_per_minute: u32,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

/// The state of a key, for what is kept about keys outside of the table.
#[derive(Clone, Debug)]
pub struct KeyStanding {
    /// The key's id.
    pub key_id: RecordId,
    /// The hash that the key is found by.
    pub hash: KeyHash,
    /// The key's rate limit, in requests a minute.
    pub requests_per_minute: u32,
    /// When the key expires, if ever.
    pub expires_at: Option<Timestamp>,
    /// When the key was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

impl KeyStanding {
    /// When the key ended, if it had by `now`.
    #[must_use]
    pub fn ended(&self, now: Timestamp) -> Option<Timestamp> {
        self.revoked_at.into_iter().chain(self.expires_at).min().filter(|end| *end <= now)
    }
}

impl From<StoredKey> for KeySummary {
    fn from(key: StoredKey) -> Self {
        Self {
            key_id: key.key_id,
            hint: key.hint,
            name: key.name,
            scopes: key.scopes,
            requests_per_minute: key.requests_per_minute,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            last_used_at: key.last_used_at,
        }
    }
}

impl Store {
    /// An organization's keys, newest first.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn keys(&self, organization: OrganizationId) -> Result<Vec<KeySummary>, Error> {
        let query = self.query_of(API_KEYS, organization, "").index_name(BY_ORGANIZATION);
        let mut pages = query.scan_index_forward(false).into_paginator().items().send();
        let mut keys = Vec::new();
        while let Some(found) = pages.next().await {
            let found = found.map_err(|error| internal(error))?;
            let found = self.key_item(item::text(&found, "key_hash")?).await?;
            let Some(key) = item::readable::<StoredKey>(found, API_KEYS) else { continue };
            keys.push(key.into());
        }
        Ok(keys)
    }

    /// The state of every key of every organization: for operators, since it reads the whole table.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn key_standings(&self) -> Result<Vec<KeyStanding>, Error> {
        let mut pages = self
            .client
            .scan()
            .table_name(self.table(API_KEYS))
            // Whoever compares must not take a key just made for one that is gone.
            .consistent_read(true)
            .projection_expression("key_hash, key_id, requests_per_minute, expires_at, revoked_at")
            .into_paginator()
            .items()
            .send();
        let mut standings = Vec::new();
        while let Some(found) = pages.next().await {
            let found = found.map_err(|error| internal(error))?;
            let hash = KeyHash::from_hex(item::text(&found, "key_hash")?);
            let Standing { key_id, requests_per_minute, expires_at, revoked_at } = item::into_value(found)?;
            let hash = hash.ok_or_else(|| corrupt("item", format!("{key_id} has no SHA-256 as its hash")))?;
            standings.push(KeyStanding { key_id, hash, requests_per_minute, expires_at, revoked_at });
        }
        Ok(standings)
    }

    /// Ends a key at once. Revoking it again changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such key.
    pub async fn revoke_key(&self, key_id: RecordId) -> Result<(), Error> {
        let hash = self.hash_of(key_id).await?;
        self.revoke_hash(&hash).await
    }

    pub(crate) async fn revoke_hash(&self, hash: &str) -> Result<(), Error> {
        let revoke = UpdateExpression::default()
            .set_if_missing("revoked_at", time(self.now()))
            .only_if("attribute_exists(key_hash)");
        match revoke
            .send(self.update_item(API_KEYS, key_of_hash(hash)))
            .await
            .map_err(|error| failed(error))?
        {
            Updated::Written(_) => Ok(()),
            Updated::Refused(_) => Err(corrupt("UpdateItem", "there is no key with that hash")),
        }
    }

    /// The hash of a key, by an index which a key just made reaches a moment later.
    pub(crate) async fn hash_of(&self, key_id: RecordId) -> Result<String, Error> {
        for pause_ms in [0, 100, 400] {
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            let reply = self
                .client
                .query()
                .table_name(self.table(API_KEYS))
                .index_name(BY_KEY_ID)
                .key_condition_expression("key_id = :key_id")
                .expression_attribute_values(":key_id", s(key_id.to_string()))
                .customize()
                .send()
                .await
                .map_err(|error| internal(error))?;
            if let Some(found) = reply.items().first() {
                return item::text(found, "key_hash").map(str::to_owned);
            }
        }
        Err(Error::NotFound)
    }

    pub(crate) async fn stored_key(&self, hash: &str) -> Result<StoredKey, Error> {
        item::into_value(self.key_item(hash).await?)
    }

    async fn key_item(&self, hash: &str) -> Result<Item, Error> {
        self.get_item(API_KEYS, key_of_hash(hash)).await?.ok_or(Error::NotFound)
    }
}

pub(super) fn key_of_hash(hash: &str) -> Item {
    Item::from([("key_hash".to_owned(), s(hash))])
}
