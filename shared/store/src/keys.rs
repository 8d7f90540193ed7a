//! Keys as operators see them: issue, list, revoke, rotate.

use std::time::Duration;

use domain::{Error, OrganizationId, RecordId, Scope, Scopes, Timestamp, key::ApiKey};
use serde::{Deserialize, Serialize};

use crate::{
    Store,
    error::internal,
    item::{self, s},
    tables::{API_KEYS, BY_KEY_ID, BY_ORGANIZATION},
};

/// A key's item, but for its slots.
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

/// What a new key shall be.
#[derive(Clone, Debug)]
pub struct KeyRequest {
    /// Whose it is.
    pub organization: OrganizationId,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// When it stops working, if ever.
    pub expires_at: Option<Timestamp>,
    /// How many requests it may make in a minute.
    pub requests_per_minute: u32,
}

/// A key just made: the only time that it can be seen.
#[derive(Debug)]
pub struct IssuedKey {
    /// Its id.
    pub key_id: RecordId,
    /// The key in clear.
    pub key: ApiKey,
    /// When it stops working, if ever.
    pub expires_at: Option<Timestamp>,
}

/// A key in a list.
#[derive(Debug, Serialize)]
pub struct KeySummary {
    /// Its id.
    pub key_id: RecordId,
    /// Enough of it to be recognised.
    pub hint: String,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, if it was.
    pub last_used_at: Option<Timestamp>,
}

impl Store {
    /// Makes a key. Only its hash is stored.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such organization.
    pub async fn create_key(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        self.organization(request.organization).await?;
        let key = ApiKey::generate().map_err(Error::internal)?;
        let stored = StoredKey {
            key_id: RecordId::random(),
            organization_id: request.organization,
            name: request.name.clone(),
            scopes: request.scopes.iter().map(Scope::to_string).collect(),
            hint: key.hint(),
            created_at: self.now(),
            expires_at: request.expires_at,
            revoked_at: None,
            last_used_at: None,
            rotated_at: None,
            requests_per_minute: request.requests_per_minute,
        };
        let mut item = item::from_value(&stored)?;
        item.insert("key_hash".to_owned(), s(key.hash().to_hex()));
        item.insert("created_at".to_owned(), s(stored.created_at.fixed_width()));
        if let Some(expires_at) = stored.expires_at {
            item.insert("expires_at".to_owned(), s(expires_at.fixed_width()));
        }
        self.client
            .put_item()
            .table_name(self.table(API_KEYS))
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(key_hash)")
            .send()
            .await
            .map_err(|error| internal("PutItem", error))?;
        Ok(IssuedKey { key_id: stored.key_id, key, expires_at: stored.expires_at })
    }

    /// An organization's keys, newest first.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn keys(&self, organization: OrganizationId) -> Result<Vec<KeySummary>, Error> {
        let mut pages = self
            .client
            .query()
            .table_name(self.table(API_KEYS))
            .index_name(BY_ORGANIZATION)
            .key_condition_expression("organization_id = :organization")
            .expression_attribute_values(":organization", s(organization.to_string()))
            .scan_index_forward(false)
            .into_paginator()
            .items()
            .send();
        let mut keys = Vec::new();
        while let Some(found) = pages.next().await {
            let found = found.map_err(|error| internal("Query", error))?;
            let key = self.stored_key(item::text(&found, "key_hash")?).await?;
            keys.push(KeySummary {
                key_id: key.key_id,
                hint: key.hint,
                name: key.name,
                scopes: key.scopes,
                created_at: key.created_at,
                expires_at: key.expires_at,
                revoked_at: key.revoked_at,
                last_used_at: key.last_used_at,
            });
        }
        Ok(keys)
    }

    /// Ends a key at once. Revoking it again changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such key.
    pub async fn revoke_key(&self, key_id: RecordId) -> Result<(), Error> {
        let hash = self.hash_of(key_id).await?;
        self.end_key(&hash, "SET revoked_at = if_not_exists(revoked_at, :now)", &[(":now", self.now())]).await
    }

    /// Makes a key like another one, which goes on working for `overlap` at the most; returns when it
    /// ends as well.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such key; [`Error::Invalid`] where it no longer works, or
    /// was rotated before.
    pub async fn rotate_key(
        &self,
        key_id: RecordId,
        overlap: Duration,
    ) -> Result<(IssuedKey, Timestamp), Error> {
        let hash = self.hash_of(key_id).await?;
        let old = self.stored_key(&hash).await?;
        if old.revoked_at.is_some() || old.expires_at.is_some_and(|at| at <= self.now()) {
            return Err(Error::invalid("key_id", "The key no longer works: create a new one instead."));
        }
        if old.rotated_at.is_some() {
            return Err(Error::invalid(
                "key_id",
                "The key was rotated before: rotate the one that took its place.",
            ));
        }
        let request = KeyRequest {
            organization: old.organization_id,
            name: old.name,
            scopes: old.scopes.iter().filter_map(|scope| scope.parse().ok()).collect(),
            expires_at: old.expires_at,
            requests_per_minute: old.requests_per_minute,
        };
        let issued = self.create_key(&request).await?;
        // A key that ends sooner anyway keeps its own end.
        let end = old.expires_at.map_or(self.now().plus(overlap), |own| own.min(self.now().plus(overlap)));
        if let Err(error) = self
            .end_key(
                &hash,
                "SET expires_at = :end, rotated_at = :now",
                &[(":end", end), (":now", self.now())],
            )
            .await
        {
            // Nobody will see the new key, so it shall not work either.
            self.revoke_key(issued.key_id).await?;
            return Err(error);
        }
        Ok((issued, end))
    }

    async fn end_key(&self, hash: &str, update: &str, times: &[(&str, Timestamp)]) -> Result<(), Error> {
        let values = times.iter().map(|(name, time)| ((*name).to_owned(), s(time.fixed_width())));
        self.client
            .update_item()
            .table_name(self.table(API_KEYS))
            .key("key_hash", s(hash))
            .update_expression(update)
            .condition_expression("attribute_exists(key_hash)")
            .set_expression_attribute_values(Some(values.collect()))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| internal("UpdateItem", error))
    }

    /// By an index, which a key just made reaches a moment later.
    async fn hash_of(&self, key_id: RecordId) -> Result<String, Error> {
        for pause_ms in [0, 100, 400] {
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            let answer = self
                .client
                .query()
                .table_name(self.table(API_KEYS))
                .index_name(BY_KEY_ID)
                .key_condition_expression("key_id = :key_id")
                .expression_attribute_values(":key_id", s(key_id.to_string()))
                .send()
                .await
                .map_err(|error| internal("Query", error))?;
            if let Some(found) = answer.items().first() {
                return item::text(found, "key_hash").map(str::to_owned);
            }
        }
        Err(Error::NotFound)
    }

    async fn stored_key(&self, hash: &str) -> Result<StoredKey, Error> {
        let answer = self
            .client
            .get_item()
            .table_name(self.table(API_KEYS))
            .key("key_hash", s(hash))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| internal("GetItem", error))?;
        item::into_value(answer.item.ok_or(Error::NotFound)?)
    }
}
