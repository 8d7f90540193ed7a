//! The creation of a key, which is prepared, then stored; and its rotation, where one key takes another's place.

use std::{fmt, time::Duration};

use domain::{
    Error, KeyProblem, OrganizationId, RecordId, Scope, Scopes, Timestamp,
    key::{ApiKey, KeyHash},
};
use dynamodb::{Condition, Transacted, UpdateExpression, put};

use super::list::{StoredKey, key_of_hash};
use crate::{
    Store,
    error::{failed, internal},
    item::{self, Item, s, time},
    tables::API_KEYS,
};

/// The properties of a new key.
#[derive(Clone, Debug)]
pub struct KeyRequest {
    /// The organization that the key belongs to.
    pub organization: OrganizationId,
    /// The name that its owner gave the key.
    pub name: String,
    /// The key's scopes.
    pub scopes: Scopes,
    /// When the key expires, if ever.
    pub expires_at: Option<Timestamp>,
    /// The key's rate limit, in requests a minute.
    pub requests_per_minute: u32,
}

/// A key that is not stored yet, so that what depends on its hash can be made first. Storing takes it:
/// there is no second time, and nobody sees the key before.
pub struct PreparedKey {
    key: ApiKey,
    stored: StoredKey,
}

/// A rotation that is prepared: a new key that is about to take another one's place.
#[derive(Debug)]
pub struct Rotation {
    /// The new key.
    pub prepared: PreparedKey,
    old_hash: String,
    old_end: Option<Timestamp>,
}

/// A key that was just created: the only time that it can be seen.
#[derive(Debug)]
pub struct IssuedKey {
    /// The key's id.
    pub key_id: RecordId,
    /// The key in clear.
    pub key: ApiKey,
    /// When the key expires, if ever.
    pub expires_at: Option<Timestamp>,
}

impl PreparedKey {
    /// The key's id.
    #[must_use]
    pub fn key_id(&self) -> RecordId {
        self.stored.key_id
    }

    /// The hash that the key will be found by.
    #[must_use]
    pub fn hash(&self) -> KeyHash {
        self.key.hash()
    }

    fn item(&self) -> Result<Item, Error> {
        let mut item = item::from_value(&self.stored)?;
        item.insert("key_hash".to_owned(), s(self.hash().to_hex()));
        item.insert("created_at".to_owned(), time(self.stored.created_at));
        if let Some(expires_at) = self.stored.expires_at {
            item.insert("expires_at".to_owned(), time(expires_at));
        }
        Ok(item)
    }
}

impl fmt::Debug for PreparedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PreparedKey({})", self.stored.key_id)
    }
}

/// The result of comparing a key with a request for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFit {
    /// The key works, and is what is asked for.
    Fits,
    /// The key works, and has another organization, other scopes or another limit.
    IsOther,
    /// The key was revoked, has expired, or never was.
    Ended,
}

impl Store {
    /// Creates a key. Only its hash is stored.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such organization.
    pub async fn create_key(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        let prepared = self.prepare_key(request).await?;
        self.put_key(prepared).await
    }

    /// Compares a key with what `request` would create. Asking does not count as a request.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn fit(&self, key: &ApiKey, request: &KeyRequest) -> Result<KeyFit, Error> {
        let stored = match self.stored_key(&key.hash().to_hex()).await {
            Err(Error::NotFound) => return Ok(KeyFit::Ended),
            stored => stored?,
        };
        let scopes: Scopes = stored.scopes.iter().filter_map(|scope| scope.parse().ok()).collect();
        let has_ended = stored.revoked_at.is_some() || stored.expires_at.is_some_and(|at| at <= self.now());
        let is_asked_for = stored.organization_id == request.organization
            && scopes == request.scopes
            && stored.requests_per_minute == request.requests_per_minute;
        Ok(match (has_ended, is_asked_for) {
            (true, _) => KeyFit::Ended,
            (false, true) => KeyFit::Fits,
            (false, false) => KeyFit::IsOther,
        })
    }

    /// Prepares a key, which does not work before [`Store::put_key`].
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such organization.
    pub async fn prepare_key(&self, request: &KeyRequest) -> Result<PreparedKey, Error> {
        self.organization(request.organization).await?;
        let key = ApiKey::generate().map_err(|error| Error::internal(error))?;
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
        Ok(PreparedKey { key, stored })
    }

    /// Stores a key, which works from then on.
    ///
    /// # Errors
    /// When DynamoDB refuses. The key does not work then, unless DynamoDB cannot be reached any more
    /// after it was stored: nobody has seen it.
    pub async fn put_key(&self, prepared: PreparedKey) -> Result<IssuedKey, Error> {
        let hash = prepared.hash().to_hex();
        let item = prepared.item()?;
        let PreparedKey { key, stored } = prepared;
        let stored_now = self
            .client
            .put_item()
            .table_name(self.table(API_KEYS))
            .set_item(Some(item))
            // The SDK sends it again where an answer was lost; then the key is there, and it is this one.
            .condition_expression("attribute_not_exists(key_hash) OR key_id = :key_id")
            .expression_attribute_values(":key_id", s(stored.key_id.to_string()))
            .customize()
            .send()
            .await;
        if let Err(error) = stored_now {
            // It may be stored all the same: an answer can get lost. It shall not work then.
            let _ = self.revoke_hash(&hash).await;
            return Err(internal(error));
        }
        Ok(IssuedKey { key_id: stored.key_id, key, expires_at: stored.expires_at })
    }

    /// Prepares a key like another one; neither changes before [`Store::rotate_key`].
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such key; [`Error::Invalid`] where it no longer works, or
    /// was rotated before.
    pub async fn prepare_rotation(&self, key_id: RecordId) -> Result<Rotation, Error> {
        let old_hash = self.hash_of(key_id).await?;
        let old = self.stored_key(&old_hash).await?;
        if old.revoked_at.is_some() || old.expires_at.is_some_and(|at| at <= self.now()) {
            return Err(Error::invalid("key_id", KeyProblem::Ended));
        }
        if old.rotated_at.is_some() {
            return Err(Error::invalid("key_id", KeyProblem::Rotated));
        }
        let request = KeyRequest {
            organization: old.organization_id,
            name: old.name,
            scopes: old.scopes.iter().filter_map(|scope| scope.parse().ok()).collect(),
            expires_at: old.expires_at,
            requests_per_minute: old.requests_per_minute,
        };
        Ok(Rotation { prepared: self.prepare_key(&request).await?, old_hash, old_end: old.expires_at })
    }

    /// Stores the new key of a rotation; the old one goes on working for `overlap` at the most. Returns
    /// when it ends as well.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the old key was revoked or rotated meanwhile; when DynamoDB refuses. Neither
    /// key has changed then.
    pub async fn rotate_key(
        &self,
        rotation: Rotation,
        overlap: Duration,
    ) -> Result<(IssuedKey, Timestamp), Error> {
        let Rotation { prepared, old_hash, old_end } = rotation;
        let now = self.now();
        // A key that ends sooner anyway keeps its own end.
        let end = old_end.map_or(now.plus(overlap), |own| own.min(now.plus(overlap)));
        let is_new = Condition::new("attribute_not_exists(key_hash)");
        let end_old = UpdateExpression::default()
            .set("expires_at", time(end))
            .set("rotated_at", time(now))
            .name("revoked_at")
            .only_if("attribute_exists(key_hash)")
            .only_if("attribute_not_exists(#revoked_at) AND attribute_not_exists(#rotated_at)");
        // The SDK gives the transaction a token, so that sending it again does nothing twice.
        let writes = vec![
            put(self.table(API_KEYS), prepared.item()?, is_new),
            end_old.in_transaction(self.table(API_KEYS), key_of_hash(&old_hash)),
        ];
        match self.transact(writes).await? {
            Transacted::Written => {}
            Transacted::Refused(_) => return Err(Error::invalid("key_id", KeyProblem::Changed)),
            Transacted::Retryable(error) => return Err(failed(error)),
        }
        let PreparedKey { key, stored } = prepared;
        Ok((IssuedKey { key_id: stored.key_id, key, expires_at: stored.expires_at }, end))
    }
}
