//! Creating contacts: each phone number once per organization, each idempotency key once a day.
//!
//! Two marker items stand beside the contact in its table, `phone#…` and `idempotency#…`. They have
//! no `created_at` and so are in no index. One transaction writes all three.

use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    builders::PutBuilder,
};
use domain::{Conflict, Contact, Error, Kind as _, NewContact, Phone, key::sha256_hex};
use serde::{Deserialize, Serialize};

use crate::{
    Changes,
    error::{condition_failed, corrupt},
    item::{self, Item, n, s},
    tables::DELETE_AFTER,
    transaction::Outcome,
};

const REMEMBER_ANSWER: Duration = Duration::from_secs(24 * 60 * 60);
const ATTEMPTS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// Where each condition stands in the transaction.
const CONTACT: usize = 0;
const PHONE: usize = 1;
const IDEMPOTENCY: usize = 2;

/// An idempotency key: its hash, so that what a client put into it is not kept.
#[derive(Clone, Debug)]
pub struct IdempotencyKey(String);

/// The outcome of a creation.
#[derive(Debug)]
pub struct Created<T> {
    /// What there is now, or was when the idempotency key first came.
    pub record: T,
    /// Whether this repeats an earlier answer.
    pub replayed: bool,
}

/// What an idempotency key's first request asked and was answered.
#[derive(Serialize, Deserialize)]
struct Marker {
    request: String,
    answer: Contact,
}

impl IdempotencyKey {
    /// The key that a client sent.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(sha256_hex(text.as_bytes()))
    }
}

impl Changes<Contact> {
    /// Creates a contact.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the organization has that phone number, or the idempotency key came
    /// with another body before.
    pub async fn create(
        &self,
        new: NewContact,
        key: Option<IdempotencyKey>,
    ) -> Result<Created<Contact>, Error> {
        let request = serde_json::to_vec(&new).map(|json| sha256_hex(&json)).map_err(Error::internal)?;
        let now = self.store.now();
        let contact = new.into_contact(now);
        let mut writes = self.writes(&contact, None)?;
        if let Some(key) = &key {
            let marker = Marker { request: request.clone(), answer: contact.clone() };
            let mut item = item::from_value(&marker)?;
            item.extend(item::key(self.organization, format!("idempotency#{}", key.0)));
            item.insert(DELETE_AFTER.to_owned(), n(now.plus(REMEMBER_ANSWER).unix_seconds()));
            // DynamoDB deletes what is over within days, not at once.
            let free = format!("attribute_not_exists(id) OR {DELETE_AFTER} <= :now");
            writes.push(self.put_if(item, &free, ":now", n(now.unix_seconds()))?);
        }
        match self.transact(writes).await? {
            Outcome::Written => Ok(Created { record: contact, replayed: false }),
            Outcome::Refused(reasons) => explain(&reasons, &request),
            Outcome::Again(error) => Err(error),
        }
    }

    /// Writes a contact as it is, with its phone's marker: for imports, and safe to run again.
    ///
    /// # Errors
    /// [`Error::Conflict`] where another contact of the organization has that phone number.
    pub async fn put(&self, contact: &Contact) -> Result<(), Error> {
        for _ in 0..ATTEMPTS {
            let old = self.get_item(contact.id.to_string()).await?;
            let old = old.map(item::into_value::<Contact>).transpose()?.map(|old| old.phone);
            let mut writes = self.writes(contact, old.as_ref())?;
            if let Some(old) = old.filter(|old| *old != contact.phone) {
                writes.push(self.release(&old, contact)?);
            }
            match self.transact(writes).await? {
                Outcome::Written => return Ok(()),
                // Somebody else wrote it since it was read.
                Outcome::Refused(reasons) if condition_failed(&reasons, CONTACT).is_some() => {}
                Outcome::Refused(reasons) => return explain(&reasons, "").map(|_| ()),
                Outcome::Again(error) => return Err(error),
            }
        }
        Err(corrupt("TransactWriteItems", "the contact changed at each try"))
    }

    /// The contact over what is known to be there, nothing or one with the phone `old`; and its phone's
    /// marker, which another contact's marker prevents.
    fn writes(&self, contact: &Contact, old: Option<&Phone>) -> Result<Vec<TransactWriteItem>, Error> {
        let record = item::from_record(self.organization, contact)?;
        let record = match old {
            Some(old) => self.put_if(record, "phone = :old", ":old", s(old.as_str()))?,
            None => {
                let put = self.put_item(record).condition_expression("attribute_not_exists(id)").build();
                TransactWriteItem::builder().put(put.map_err(Error::internal)?).build()
            }
        };
        let mut marker = self.phone_key(&contact.phone);
        let id = s(contact.id.to_string());
        marker.insert("contact_id".to_owned(), id.clone());
        let free = "attribute_not_exists(id) OR contact_id = :contact";
        Ok(vec![record, self.put_if(marker, free, ":contact", id)?])
    }

    fn put_item(&self, item: Item) -> PutBuilder {
        Put::builder().table_name(self.store.table(Contact::RESOURCE.table)).set_item(Some(item))
    }

    fn put_if(
        &self,
        item: Item,
        condition: &str,
        name: &str,
        value: AttributeValue,
    ) -> Result<TransactWriteItem, Error> {
        let put = self
            .put_item(item)
            .condition_expression(condition)
            .expression_attribute_values(name, value)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(Error::internal)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Gives a phone number back, unless it is another contact's by now.
    fn release(&self, phone: &Phone, contact: &Contact) -> Result<TransactWriteItem, Error> {
        let delete = Delete::builder()
            .table_name(self.store.table(Contact::RESOURCE.table))
            .set_key(Some(self.phone_key(phone)))
            .condition_expression("attribute_not_exists(id) OR contact_id = :contact")
            .expression_attribute_values(":contact", s(contact.id.to_string()))
            .build()
            .map_err(Error::internal)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    fn phone_key(&self, phone: &Phone) -> Item {
        item::key(self.organization, phone_marker(phone))
    }

    /// Runs a transaction, again where another one was under way on the same items.
    async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Outcome, Error> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS {
            let outcome = self.store.transact(writes.clone()).await?;
            let Outcome::Again(_) = outcome else { return Ok(outcome) };
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.store.transact(writes).await
    }
}

/// The id of the item that keeps a phone number for its contact.
pub(crate) fn phone_marker(phone: &Phone) -> String {
    format!("phone#{phone}")
}

/// An idempotency key that was there before comes first: the phone it created is taken, of course.
fn explain(reasons: &[CancellationReason], request: &str) -> Result<Created<Contact>, Error> {
    if let Some(item) = condition_failed(reasons, IDEMPOTENCY).and_then(|reason| reason.item()) {
        let marker: Marker = item::into_value(item.clone())?;
        if marker.request != request {
            return Err(Error::Conflict(Conflict::IdempotencyKeyReused));
        }
        return Ok(Created { record: marker.answer, replayed: true });
    }
    let taken = condition_failed(reasons, PHONE).and_then(|reason| reason.item());
    let existing_id =
        taken.map(|item| item::text(item, "contact_id")).transpose()?.and_then(|id| id.parse().ok());
    match existing_id {
        Some(existing_id) => Err(Error::Conflict(Conflict::PhoneTaken { existing_id })),
        None => Err(corrupt("TransactWriteItems", "canceled for no reason that we know")),
    }
}
