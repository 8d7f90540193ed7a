//! What DynamoDB answers: the items in it, and what is wrong with one that does not read.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    error::{corrupt, left_out},
    wire::{Attribute, FromItem},
};

/// The item that was asked for, if it is there.
pub(crate) fn found<T: DeserializeOwned>(answer: &[u8]) -> Result<Option<T>, domain::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Found<'a> {
        #[serde(borrow)]
        item: Option<&'a RawValue>,
    }
    let found: Found<'_> = serde_json::from_slice(answer).map_err(domain::Error::internal)?;
    found.item.map(read).transpose()
}

/// One item of an answer.
pub(crate) fn read<T: DeserializeOwned>(item: &RawValue) -> Result<T, domain::Error> {
    let read = serde_json::from_str::<FromItem<T>>(item.get());
    read.map(|FromItem(value)| value).map_err(|_| misfit::<T>(item))
}

/// One item of several, unless it does not read: that one is left out.
pub(crate) fn readable<T: DeserializeOwned>(item: &RawValue, table: &str) -> Option<FromItem<T>> {
    let read = serde_json::from_str(item.get()).ok();
    if read.is_none() {
        left_out(table, id_of(item).as_deref());
    }
    read
}

/// What serde says of an item that does not fit quotes it, and so is dropped: the item is named.
fn misfit<T>(item: &RawValue) -> domain::Error {
    let id = id_of(item).unwrap_or_default();
    corrupt("item", format!("{id} does not read as {}", std::any::type_name::<T>()))
}

fn id_of(item: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        id: Option<String>,
        key_id: Option<String>,
        organization_id: Option<String>,
    }
    let FromItem(named) = serde_json::from_str::<FromItem<Named>>(item.get()).ok()?;
    named.id.or(named.key_id).or(named.organization_id)
}

/// A binary attribute.
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("binary")
            }

            fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Any)
    }
}

/// The number that an item has under a name, if it has one there.
pub(crate) fn number(item: &RawValue, name: &str) -> Option<i64> {
    NumberOf(name).deserialize(&mut serde_json::Deserializer::from_str(item.get())).ok()?
}

struct NumberOf<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for NumberOf<'_> {
    type Value = Option<i64>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<i64>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for NumberOf<'_> {
    type Value = Option<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an item")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Option<i64>, M::Error> {
        let mut found = None;
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            if name != self.0 {
                map.next_value::<IgnoredAny>()?;
            } else if let Attribute::N(number) = map.next_value()? {
                found = number.parse().ok();
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Record {
        #[expect(dead_code, reason = "it has to be a number")]
        count: u32,
    }

    #[test]
    fn an_item_is_named_by_whichever_id_it_has() {
        for (item, name) in [
            (r#"{"organization_id": {"S": "firm"}, "id": {"S": "one"}, "count": {"S": "secret"}}"#, "one"),
            (
                r#"{"organization_id": {"S": "firm"}, "key_id": {"S": "key"}, "count": {"S": "secret"}}"#,
                "key",
            ),
            (r#"{"organization_id": {"S": "firm"}, "count": {"S": "secret"}}"#, "firm"),
        ] {
            let item = RawValue::from_string(item.to_owned()).expect("JSON");
            let shown = read::<Record>(&item).expect_err("no record").for_log();
            assert!(
                shown.contains(&format!("{name} does not read as")) && !shown.contains("secret"),
                "{shown}"
            );
        }
    }
}
