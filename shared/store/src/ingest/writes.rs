//! The writes of one event, each on the condition that nobody wrote there since it was read.

use domain::{
    Error, OrganizationId, Phone, Record, Timestamp, catalogue,
    ingest::{Fields, REVISION, Rejection, RejectionKind},
};
use dynamodb::sdk::types::{Put, TransactWriteItem, Update};
use serde_json::Value;

use super::{LAST_CREATED_AT, Stopped};
use crate::{
    Store,
    bulk::fitting_bytes,
    contacts::phone_marker,
    item::{self, Item, n, s},
};

pub(super) struct Writes<'a> {
    store: &'a Store,
    organization: OrganizationId,
    items: Vec<TransactWriteItem>,
    creates: bool,
}

/// What an item must be like to be as it was read.
struct Condition {
    expression: &'static str,
    revision: Option<i64>,
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
        let condition = Condition::of(before);
        let mut item: Item = item::from_value(after)?;
        item.extend(Item::from([
            ("organization_id".to_owned(), s(self.organization.to_string())),
            (REVISION.to_owned(), n(condition.revision.unwrap_or_default() + 1)),
        ]));
        fitting_bytes(&item).map_err(|error| {
            Rejection::new(RejectionKind::TooLarge, format!("{}: {error}", T::RESOURCE.name))
        })?;
        // Nothing is written that the API could not read.
        item::into_value::<T>(item.clone())?;
        let put = Put::builder()
            .table_name(self.store.table(T::RESOURCE.table))
            .set_item(Some(item))
            .condition_expression(condition.expression)
            .set_expression_attribute_values(condition.values())
            .build()
            .map_err(Error::internal)?;
        self.items.push(TransactWriteItem::builder().put(put).build());
        Ok(())
    }

    /// Writes an item whatever is there: what else is in the transaction says that it may.
    pub(super) fn put_item(&mut self, table: &str, item: Item) -> Result<(), Stopped> {
        let put = Put::builder().table_name(self.store.table(table)).set_item(Some(item));
        self.items.push(TransactWriteItem::builder().put(put.build().map_err(Error::internal)?).build());
        Ok(())
    }

    /// Keeps a phone number for a new contact: it was nobody's, or that of a contact that is gone.
    pub(super) fn mark_phone(
        &mut self,
        phone: &Phone,
        contact: &Fields,
        gone: Option<&str>,
    ) -> Result<(), Stopped> {
        let id = contact.get("id").and_then(Value::as_str).unwrap_or_default();
        let mut marker = item::key(self.organization, phone_marker(phone));
        marker.insert("contact_id".to_owned(), s(id));
        let put = Put::builder()
            .table_name(self.store.table(catalogue::CONTACTS.table))
            .set_item(Some(marker))
            .condition_expression("attribute_not_exists(id) OR contact_id = :gone")
            .expression_attribute_values(":gone", s(gone.unwrap_or("nobody")))
            .build()
            .map_err(Error::internal)?;
        self.items.push(TransactWriteItem::builder().put(put).build());
        Ok(())
    }

    /// Where a record is created, says so to those that create others: theirs come after it, or they try
    /// again.
    pub(super) fn advance_creation(&mut self, at: Timestamp) -> Result<(), Stopped> {
        if !self.creates {
            return Ok(());
        }
        let update = Update::builder()
            .table_name(self.store.table(catalogue::ME.table))
            .key("organization_id", s(self.organization.to_string()))
            .update_expression(format!("SET {LAST_CREATED_AT} = :at"))
            .condition_expression(format!(
                "attribute_exists(organization_id) AND (attribute_not_exists({LAST_CREATED_AT}) OR {LAST_CREATED_AT} < :at)"
            ))
            .expression_attribute_values(":at", s(at.fixed_width()))
            .build()
            .map_err(Error::internal)?;
        self.items.push(TransactWriteItem::builder().update(update).build());
        Ok(())
    }

    pub(super) fn finish(self) -> Vec<TransactWriteItem> {
        self.items
    }
}

impl Condition {
    fn of(before: Option<&Fields>) -> Self {
        let revision = before.and_then(|before| before.get(REVISION)?.as_i64());
        let expression = match (before, revision) {
            (None, _) => "attribute_not_exists(id)",
            // Made by a request or an import.
            (Some(_), None) => "attribute_exists(id) AND attribute_not_exists(revision)",
            (Some(_), Some(_)) => "revision = :revision",
        };
        Self { expression, revision }
    }

    fn values(&self) -> Option<Item> {
        self.revision.map(|revision| Item::from([(":revision".to_owned(), n(revision))]))
    }
}
