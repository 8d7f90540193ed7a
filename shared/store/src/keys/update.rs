//! Changes of an issued key: its name, its scopes, its rate limit.

use domain::{Error, KeyProblem, RecordId, Scope, Scopes};
use dynamodb::{UpdateExpression, Updated};

use super::list::{KeySummary, key_of_hash};
use crate::{
    Store,
    error::failed,
    item::{attribute, n, s},
    tables::API_KEYS,
};

/// A change of a key: the fields that are none stay as they are.
#[derive(Clone, Debug, Default)]
pub struct KeyUpdate {
    /// The name that its owner gave the key.
    pub name: Option<String>,
    /// All scopes that the key has from then on.
    pub scopes: Option<Scopes>,
    /// The key's rate limit, in requests a minute.
    pub requests_per_minute: Option<u32>,
}

impl Store {
    /// Changes a key, from its next request on; returns the key before and after.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is no such key; [`Error::Invalid`] where it no longer works.
    pub async fn update_key(
        &self,
        key_id: RecordId,
        update: KeyUpdate,
    ) -> Result<(KeySummary, KeySummary), Error> {
        let hash = self.hash_of(key_id).await?;
        let before: KeySummary = self.stored_key(&hash).await?.into();
        if before.revoked_at.is_some() || before.expires_at.is_some_and(|at| at <= self.now()) {
            return Err(Error::invalid("key_id", KeyProblem::Ended));
        }
        let mut after = before.clone();
        let mut change = UpdateExpression::default()
            .name("revoked_at")
            .only_if("attribute_exists(key_hash) AND attribute_not_exists(#revoked_at)");
        if let Some(name) = update.name {
            change = change.set("name", s(name.clone()));
            after.name = name;
        }
        if let Some(scopes) = update.scopes {
            after.scopes = scopes.iter().map(Scope::to_string).collect();
            change = change.set("scopes", attribute(&after.scopes)?);
        }
        if let Some(number) = update.requests_per_minute {
            change = change.set("requests_per_minute", n(i64::from(number)));
            after.requests_per_minute = number;
        }
        let changed = change.send(self.update_item(API_KEYS, key_of_hash(&hash))).await;
        match changed.map_err(|error| failed(error))? {
            Updated::Written(_) => Ok((before, after)),
            Updated::Refused(_) => Err(Error::invalid("key_id", KeyProblem::Changed)),
        }
    }
}
