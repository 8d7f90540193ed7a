//! Records as DynamoDB's items, and back.

use std::collections::HashMap;

use domain::{Error, OrganizationId, Record, Timestamp};
use dynamodb::sdk::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};

use crate::error::{corrupt, left_out};

pub(crate) use dynamodb::{Item, n, s};

/// The primary key of an organization's item.
pub(crate) fn key(organization: OrganizationId, id: impl Into<String>) -> Item {
    HashMap::from([("organization_id".to_owned(), s(organization.to_string())), ("id".to_owned(), s(id))])
}

/// A record as it is stored: nulls left out (an index key cannot be null), `created_at` of fixed
/// width so that it sorts as time.
pub(crate) fn from_record<T: Record>(organization: OrganizationId, record: &T) -> Result<Item, Error> {
    let mut item = from_value(record)?;
    item.insert("organization_id".to_owned(), s(organization.to_string()));
    item.insert("created_at".to_owned(), time(record.created_at()));
    Ok(item)
}

/// Any structure as an item, nulls left out.
pub(crate) fn from_value<T: Serialize>(value: &T) -> Result<Item, Error> {
    let mut item: Item = serde_dynamo::to_item(value).map_err(|error| Error::internal(error))?;
    item.retain(|_, value| !matches!(value, AttributeValue::Null(_)));
    Ok(item)
}

/// Reads one item of several; one that does not read is left out.
pub(crate) fn readable<T: DeserializeOwned>(item: Item, table: &str) -> Option<T> {
    let id = id_of(&item);
    let read = serde_dynamo::from_item(item).ok();
    if read.is_none() {
        left_out(table, id.as_deref());
    }
    read
}

/// Reads an item. serde's error for one that does not read quotes it, and so is dropped.
pub(crate) fn into_value<T: DeserializeOwned>(item: Item) -> Result<T, Error> {
    let id = id_of(&item);
    let kind = std::any::type_name::<T>();
    serde_dynamo::from_item(item)
        .map_err(|_| corrupt("item", format!("{} does not read as {kind}", id.unwrap_or_default())))
}

fn id_of(item: &Item) -> Option<String> {
    ["id", "key_id", "organization_id"].iter().find_map(|name| item.get(*name)?.as_s().ok().cloned())
}

/// A string that every item of its kind has.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, Error> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(corrupt("item", format!("{name} is missing or no string"))),
    }
}

/// A number that an item may have; 0 where it has none.
pub(crate) fn number(item: &Item, name: &str) -> u32 {
    item.get(name).and_then(|number| number.as_n().ok()?.parse().ok()).unwrap_or_default()
}

/// Any value as an attribute.
pub(crate) fn attribute<T: Serialize>(value: &T) -> Result<AttributeValue, Error> {
    serde_dynamo::to_attribute_value(value).map_err(|error| Error::internal(error))
}

/// A time as an attribute, of fixed width so that it sorts.
pub(crate) fn time(at: Timestamp) -> AttributeValue {
    s(at.fixed_width())
}
