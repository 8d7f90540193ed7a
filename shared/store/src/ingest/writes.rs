//! The writes of one event, each on the condition that nobody wrote there since it was read.

use domain::{
    OrganizationId, Phone, Record, Timestamp, catalogue,
    ingest::{Fields, REVISION, Rejection, RejectionKind},
};
use dynamodb::{Condition, UpdateExpression, put, sdk::types::TransactWriteItem};
use serde_json::Value;

use super::not_applied::Stopped;
use crate::{
    Store,
    bulk::fitting_bytes,
    contacts::phone_marker,
    item::{self, Item, n, s, time},
};

/// The creation of the newest record that events made in an organization.
pub(super) const LAST_CREATED_AT: &str = "last_created_at";

/// The writes of one event's transaction.
pub(super) struct Writes<'a> {
    store: &'a Store,
    organization: OrganizationId,
    items: Vec<TransactWriteItem>,
    creates: bool,
}

impl<'a> Writes<'a> {
    pub(super) fn new(store: &'a Store, organization: OrganizationId) -> Self {
        Self { store, organization, items: Vec::new(), creates: false }
    }

    /// Writes a record that has changed.
    pub(super) fn put<T: Record>(
        &mut self,
        before: Option<&Fields>,
        after: Option<&Fields>,
    ) -> Result<(), Stopped> {
        self.put_always::<T>(before, after.filter(|after| before != Some(after)))
    }

    /// Writes a record, changed or not: whoever else has read it has to read again.
    pub(super) fn put_always<T: Record>(
        &mut self,
        before: Option<&Fields>,
        after: Option<&Fields>,
    ) -> Result<(), Stopped> {
        let Some(after) = after else { return Ok(()) };
        self.creates |= before.is_none();
        let revision = before.and_then(|before| before.get(REVISION)?.as_i64());
        let mut item: Item = item::from_value(after)?;
        item.extend(Item::from([
            ("organization_id".to_owned(), s(self.organization.to_string())),
            (REVISION.to_owned(), n(revision.unwrap_or_default() + 1)),
        ]));
        fitting_bytes(&item).map_err(|error| {
            Rejection::new(RejectionKind::TooLarge, format!("{}: {error}", T::RESOURCE.name))
        })?;
        // Nothing is written that the API could not read.
        item::into_value::<T>(item.clone())?;
        self.put_if(T::RESOURCE.table, item, as_read(before, revision));
        Ok(())
    }

    /// Writes an item whatever is there: what else is in the transaction says that it may.
    pub(super) fn put_item(&mut self, table: &str, item: Item) {
        self.put_if(table, item, Condition::default());
    }

    fn put_if(&mut self, table: &str, item: Item, condition: Condition) {
        self.items.push(put(self.store.table(table), item, condition));
    }

    /// Keeps a phone number for a new contact: it was nobody's, or that of a contact that is gone.
    pub(super) fn mark_phone(&mut self, phone: &Phone, contact: &Fields, gone: Option<&str>) {
        let id = contact.get("id").and_then(Value::as_str).unwrap_or_default();
        let mut marker = item::key(self.organization, phone_marker(phone));
        marker.insert("contact_id".to_owned(), s(id));
        let free = Condition::new("attribute_not_exists(id) OR contact_id = :gone");
        let free = free.value(":gone", s(gone.unwrap_or("nobody")));
        self.put_if(catalogue::CONTACTS.table, marker, free);
    }

    /// Where a record is created, moves the organization's last creation on: records that others create come after it,
    /// or their transactions fail and are made again.
    pub(super) fn advance_creation(&mut self, at: Timestamp) {
        if !self.creates {
            return;
        }
        let update = UpdateExpression::default()
            .set(LAST_CREATED_AT, time(at))
            .only_if("attribute_exists(organization_id)")
            .only_if(&format!(
                "attribute_not_exists(#{LAST_CREATED_AT}) OR #{LAST_CREATED_AT} < :{LAST_CREATED_AT}"
            ));
        let key = Item::from([("organization_id".to_owned(), s(self.organization.to_string()))]);
        self.items.push(update.in_transaction(self.store.table(catalogue::ME.table), key));
    }

    pub(super) fn finish(self) -> Vec<TransactWriteItem> {
        self.items
    }
}

/// The condition that an item is as it was read.
fn as_read(before: Option<&Fields>, revision: Option<i64>) -> Condition {
    match (before, revision) {
        (None, _) => Condition::new("attribute_not_exists(id)"),
        // Made by a request or an import.
        (Some(_), None) => Condition::new("attribute_exists(id) AND attribute_not_exists(revision)"),
        (Some(_), Some(revision)) => Condition::new("revision = :revision").value(":revision", n(revision)),
    }
}
