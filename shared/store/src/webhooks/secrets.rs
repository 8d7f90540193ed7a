//! The signing secrets of endpoints: in a table of their own, which only the functions that sign and rotate may read.
//!
//! Earlier versions kept them in the endpoint's item. Such an endpoint signs and rotates as any other: a rotation moves
//! its secrets, and so does an operator. Each move is one transaction, on the condition that the secrets are still those
//! that were read. Of several at once one takes place, and a secret that was shown is in one of the two places at any
//! moment. Whoever signs moves nothing: an update that is taken back finds the secrets where they were.

use std::time::Duration;

use domain::{
    Error, Kind as _, OrganizationId, RecordId, Timestamp,
    webhooks::{Secret, Secrets, Webhook},
};
use dynamodb::{Condition, Transacted, UpdateExpression, delete, put, sdk::types::TransactWriteItem};
use futures_util::try_join;

use crate::{
    Changes, Items, Store,
    error::{contended, corrupt, failed},
    item::{self, Item, attribute, s, time},
    tables::WEBHOOK_SECRETS,
};

/// The attribute with the secrets of an endpoint.
pub const SECRETS: &str = "secrets";
/// How many attempts a rotation has that is overtaken by other writes.
const ATTEMPTS: usize = 5;

/// An endpoint that is read for the rotation of its secret.
pub struct Rotatable {
    id: RecordId,
    endpoint: StoredEndpoint,
}

/// An endpoint's item, and its secrets.
pub(super) struct StoredEndpoint {
    pub(super) item: Item,
    pub(super) secrets: Secrets,
    /// Whether the secrets stand in the endpoint's item itself.
    is_old: bool,
}

impl Store {
    /// An endpoint with its secrets as they are now, if there is one with that id.
    pub(super) async fn endpoint(
        &self,
        organization: OrganizationId,
        id: RecordId,
    ) -> Result<Option<StoredEndpoint>, Error> {
        let key = || item::key(organization, id.to_string());
        // Between the two reads the secrets may have moved from the one item to the other: once, and never back.
        for _ in 0..2 {
            let (item, apart) = try_join!(
                self.get_item(Webhook::RESOURCE.table, key()),
                self.get_item(WEBHOOK_SECRETS, key())
            )?;
            let Some(item) = item else { return Ok(None) };
            let is_old = apart.is_none();
            if let Some(secrets) = apart.as_ref().unwrap_or(&item).get(SECRETS).cloned() {
                // What serde says of it might quote it.
                let secrets = serde_dynamo::from_attribute_value(secrets)
                    .map_err(|_| corrupt("item", "an endpoint's secrets do not read"))?;
                return Ok(Some(StoredEndpoint { item, secrets, is_old }));
            }
        }
        Err(corrupt("item", "an endpoint has no secrets"))
    }

    /// Moves the secrets that an earlier version left in the items of an organization's endpoints. Returns how many.
    ///
    /// # Errors
    /// When DynamoDB refuses, or an endpoint's secrets do not read.
    pub async fn move_old_secrets(&self, organization: OrganizationId) -> Result<u64, Error> {
        let mut moved = 0;
        for id in self.webhooks(organization).await?.into_iter().map(|webhook| webhook.id) {
            let endpoint = self.endpoint(organization, id).await?.filter(|endpoint| endpoint.is_old);
            let Some(endpoint) = endpoint else { continue };
            let item = UpdateExpression::default().only_if("attribute_exists(id)");
            match self
                .transact(self.replace_secrets(organization, id, &endpoint, &endpoint.secrets, item)?)
                .await?
            {
                Transacted::Written => moved += 1,
                // Somebody else moved, rotated or deleted them.
                Transacted::Refused(_) => {}
                Transacted::Retryable(error) => return Err(failed(error)),
            }
        }
        Ok(moved)
    }

    /// Writes the secrets of an endpoint where they belong, if they are still those that were read, and takes them out
    /// of the endpoint's item, with what else is to `change` there.
    fn replace_secrets(
        &self,
        organization: OrganizationId,
        id: RecordId,
        endpoint: &StoredEndpoint,
        secrets: &Secrets,
        change: UpdateExpression,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let only_if_seen = |change: UpdateExpression| {
            let seen = s(endpoint.secrets.current.reveal());
            let change = change.only_if("#secrets.#current = :seen").name(SECRETS).name("current");
            change.value("seen", seen)
        };
        let secrets = UpdateExpression::default().set(SECRETS, attribute(secrets)?);
        let (secrets, change) = match endpoint.is_old {
            true => (secrets.only_if("attribute_not_exists(id)"), only_if_seen(change.remove(&[SECRETS]))),
            false => (only_if_seen(secrets), change),
        };
        let key = || item::key(organization, id.to_string());
        Ok(vec![
            change.in_transaction(self.table(Webhook::RESOURCE.table), key()),
            secrets.in_transaction(self.table(WEBHOOK_SECRETS), key()),
        ])
    }
}

impl Items<Webhook> {
    /// An endpoint with its secrets as they are now.
    ///
    /// # Errors
    /// [`Error::NotFound`] where this organization has no such endpoint.
    pub async fn rotatable(&self, id: RecordId) -> Result<Rotatable, Error> {
        let endpoint = self.store.endpoint(self.organization, id).await?.ok_or(Error::NotFound)?;
        Ok(Rotatable { id, endpoint })
    }
}

impl Changes<Webhook> {
    /// Writes a new endpoint and its secret, both or neither.
    pub(super) async fn put(&self, webhook: &Webhook, secret: &Secret) -> Result<(), Error> {
        let is_new = Condition::new("attribute_not_exists(id)");
        let record = item::from_record(self.organization, webhook)?;
        let record = put(self.store.table(Webhook::RESOURCE.table), record, is_new);
        let secrets = UpdateExpression::default()
            .set(SECRETS, attribute(&Secrets::new(secret.clone()))?)
            .only_if("attribute_not_exists(id)");
        let key = item::key(self.organization, webhook.id.to_string());
        let secrets = secrets.in_transaction(self.store.table(WEBHOOK_SECRETS), key);
        match self.store.transact(vec![record, secrets]).await? {
            // Refused by what an attempt left whose reply was lost: nobody else has this id.
            Transacted::Written | Transacted::Refused(_) => Ok(()),
            Transacted::Retryable(error) => Err(failed(error)),
        }
    }

    /// Gives an endpoint another secret; the one until now signs beside it for as long as `overlap`.
    /// Returns the endpoint, and when the old secret ends.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the endpoint was deleted meanwhile.
    pub async fn rotate_secret(
        &self,
        Rotatable { id, mut endpoint }: Rotatable,
        next: &Secret,
        overlap: Duration,
    ) -> Result<(Webhook, Timestamp), Error> {
        let now = self.store.now();
        for _ in 0..ATTEMPTS {
            let StoredEndpoint { item, secrets, .. } = &endpoint;
            if let Some(previous) = secrets.previous.as_ref().filter(|_| secrets.current == *next) {
                // The reply to the last attempt was lost on its way.
                let until = previous.until;
                return Ok((item::into_value(endpoint.item)?, until));
            }
            // Of two rotations at once the later one follows the other: no secret that was shown is lost. And what is
            // answered is the endpoint as it is.
            let change = UpdateExpression::default()
                .set("updated_at", time(now))
                .only_if("#updated_at = :read")
                .value("read", s(item::text(item, "updated_at")?));
            let secrets = secrets.clone().rotated(next.clone(), now, overlap);
            let writes = self.store.replace_secrets(self.organization, id, &endpoint, &secrets, change)?;
            if let Transacted::Written = self.store.transact(writes).await? {
                endpoint.item.insert("updated_at".to_owned(), time(now));
                return Ok((item::into_value(endpoint.item)?, now.plus(overlap)));
            }
            endpoint = self.rotatable(id).await?.endpoint;
        }
        Err(contended("TransactWriteItems", "an endpoint's secret was rotated again and again meanwhile"))
    }

    /// Deletes an endpoint and its secrets. What is on its way to it will be cancelled.
    ///
    /// # Errors
    /// [`Error::NotFound`] where this organization has no such endpoint.
    pub async fn delete(&self, id: RecordId) -> Result<(), Error> {
        let key = || item::key(self.organization, id.to_string());
        let is_there = Condition::new("attribute_exists(id)");
        let writes = vec![
            delete(self.store.table(Webhook::RESOURCE.table), key(), is_there),
            delete(self.store.table(WEBHOOK_SECRETS), key(), Condition::default()),
        ];
        match self.store.transact_patiently(writes).await? {
            Transacted::Written => Ok(()),
            Transacted::Refused(_) => Err(Error::NotFound),
            Transacted::Retryable(error) => Err(failed(error)),
        }
    }
}
