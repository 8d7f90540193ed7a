//! The creation of contacts: each phone number once per organization, each idempotency key once a day.
//!
//! Two marker items stand beside the contact in its table, `phone#…` and `idempotency#…`. They have
//! no `created_at` and so are in no index. One transaction writes all three.

use std::{fmt, time::Duration};

use domain::{Conflict, Contact, Error, Kind as _, NewContact, key::sha256_hex};
use dynamodb::{
    Condition, Transacted, check_missing, condition_failed, delete, put,
    sdk::types::{CancellationReason, TransactWriteItem},
};
use serde::{Deserialize, Serialize};

use crate::{
    Changes,
    error::{contended, corrupt, failed},
    item::{self, Item, n, s},
    tables::DELETE_AFTER,
};

const REMEMBER_ANSWER: Duration = Duration::from_secs(24 * 60 * 60);
const ATTEMPTS: u32 = 5;
/// The place of each condition in the transaction.
const CONTACT: usize = 0;
const PHONE: usize = 1;
const IDEMPOTENCY: usize = 2;

/// An idempotency key: its hash, so that what a client put into it is not kept.
#[derive(Clone, Debug)]
pub struct IdempotencyKey(String);

/// The result of a creation.
#[derive(Debug)]
pub struct Created<T> {
    /// The record as it is now, or was when the idempotency key first came.
    pub record: T,
    /// Whether the record repeats an earlier response.
    pub replayed: bool,
}

/// The item of an idempotency key: what its first request asked, and the contact that it was answered with.
#[derive(Serialize, Deserialize)]
pub(crate) struct Marker {
    request: String,
    answer: Contact,
}

impl IdempotencyKey {
    /// The idempotency key that a client sent.
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
        let request =
            serde_json::to_vec(&new).map(|json| sha256_hex(&json)).map_err(|error| Error::internal(error))?;
        let now = self.store.now();
        let contact = new.into_contact(now);
        let marker = key.map(|key| self.remember(&key, &request, &contact)).transpose()?;
        let mut gone = None;
        for _ in 0..ATTEMPTS {
            let mut writes = self.writes(&contact, None, gone.as_deref())?;
            writes.splice(IDEMPOTENCY..IDEMPOTENCY, marker.clone());
            match self.store.transact_patiently(writes).await? {
                Transacted::Written => return Ok(Created { record: contact, replayed: false }),
                Transacted::Retryable(error) => return Err(failed(error)),
                Transacted::Refused(reasons) => {
                    // Comes first: the phone it created is taken, of course.
                    if let Some(record) = answered_before(&reasons, &request)? {
                        return Ok(Created { record, replayed: true });
                    }
                    gone = self.gone_holder(&reasons).await?;
                }
            }
        }
        Err(contended("TransactWriteItems", "the phone's marker changed at each attempt"))
    }

    /// Writes a contact as it is, with its phone's marker: for imports, and safe to run again.
    ///
    /// # Errors
    /// [`Error::Conflict`] where another contact of the organization has that phone number.
    pub async fn put(&self, contact: &Contact) -> Result<(), Error> {
        let (mut gone, mut gives_back) = (None, true);
        for _ in 0..ATTEMPTS {
            let old = self.get_item(contact.id.to_string()).await?;
            // No more of it has to read: an import mends what does not.
            let old = old.as_ref().map(|old| item::text(old, "phone")).transpose()?;
            let mut writes = self.writes(contact, old, gone.as_deref())?;
            if let Some(old) = old.filter(|old| gives_back && *old != contact.phone.as_str()) {
                writes.push(self.release(old, contact));
            }
            match self.store.transact_patiently(writes).await? {
                Transacted::Written => return Ok(()),
                // Somebody else wrote it since it was read.
                Transacted::Refused(reasons) if condition_failed(&reasons, CONTACT).is_some() => {}
                Transacted::Refused(reasons) => {
                    // Where nothing else was in the way, the number that it had is another's by now.
                    gives_back &= gone.is_some() || condition_failed(&reasons, PHONE).is_some();
                    gone = self.gone_holder(&reasons).await?;
                }
                Transacted::Retryable(error) => return Err(failed(error)),
            }
        }
        Err(contended("TransactWriteItems", "the contact changed at each attempt"))
    }

    /// The contact over what is there, nothing or one with the phone `old`; and its phone's marker, which another
    /// contact's marker prevents, unless that one is `gone`.
    fn writes(
        &self,
        contact: &Contact,
        old: Option<&str>,
        gone: Option<&str>,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let as_read = match old {
            Some(old) => Condition::new("phone = :old").value(":old", s(old)),
            None => Condition::new("attribute_not_exists(id)"),
        };
        let id = s(contact.id.to_string());
        let mut marker = item::key(self.organization, phone_marker(&contact.phone));
        marker.insert("contact_id".to_owned(), id.clone());
        let free = Condition::new("attribute_not_exists(id) OR contact_id IN (:contact, :gone)")
            .value(":contact", id.clone())
            .value(":gone", gone.map_or(id, s));
        let record = item::from_record(self.organization, contact)?;
        let mut writes = vec![self.put_if(record, as_read), self.put_if(marker, free)];
        if let Some(gone) = gone {
            let key = item::key(self.organization, gone);
            writes.push(check_missing(self.table(), key, "id"));
        }
        Ok(writes)
    }

    /// The write of an idempotency key's item, on the condition that there is none yet.
    fn remember(
        &self,
        key: &IdempotencyKey,
        request: &str,
        answer: &Contact,
    ) -> Result<TransactWriteItem, Error> {
        let now = self.store.now();
        let mut item = item::from_value(&Marker { request: request.to_owned(), answer: answer.clone() })?;
        item.extend(item::key(self.organization, format!("idempotency#{}", key.0)));
        item.insert(DELETE_AFTER.to_owned(), n(now.plus(REMEMBER_ANSWER).unix_seconds()));
        // DynamoDB deletes what is over within days, not at once.
        let free = Condition::new(format!("attribute_not_exists(id) OR {DELETE_AFTER} <= :now"));
        Ok(self.put_if(item, free.value(":now", n(now.unix_seconds()))))
    }

    /// The contact that the phone's marker names and that is not there any more: its number may be taken over. None
    /// where the marker was not what stood in the way.
    async fn gone_holder(&self, reasons: &[CancellationReason]) -> Result<Option<String>, Error> {
        let Some(marker) = condition_failed(reasons, PHONE).and_then(CancellationReason::item) else {
            return Ok(None);
        };
        let id = item::text(marker, "contact_id")?;
        match (self.get_item(id.to_owned()).await?, id.parse()) {
            (None, _) => Ok(Some(id.to_owned())),
            (Some(_), Ok(existing_id)) => Err(Error::Conflict(Conflict::PhoneTaken { existing_id })),
            (Some(_), Err(_)) => Err(corrupt("item", "a phone's marker names no contact")),
        }
    }

    fn put_if(&self, item: Item, condition: Condition) -> TransactWriteItem {
        put(self.table(), item, condition)
    }

    /// Gives a phone number back, unless it is another contact's by now.
    fn release(&self, phone: &str, contact: &Contact) -> TransactWriteItem {
        let own = Condition::new("attribute_not_exists(id) OR contact_id = :contact");
        let own = own.value(":contact", s(contact.id.to_string()));
        delete(self.table(), item::key(self.organization, phone_marker(phone)), own)
    }

    fn table(&self) -> String {
        self.store.table(Contact::RESOURCE.table)
    }
}

/// The id of the item that keeps a phone number for its contact.
pub(crate) fn phone_marker(phone: impl fmt::Display) -> String {
    format!("phone#{phone}")
}

/// The contact that the idempotency key's first request was answered with, where there was one before.
fn answered_before(reasons: &[CancellationReason], request: &str) -> Result<Option<Contact>, Error> {
    let Some(marker) = condition_failed(reasons, IDEMPOTENCY).and_then(CancellationReason::item) else {
        return Ok(None);
    };
    let marker: Marker = item::into_value(marker.clone())?;
    match marker.request == request {
        true => Ok(Some(marker.answer)),
        false => Err(Error::Conflict(Conflict::IdempotencyKeyReused)),
    }
}
