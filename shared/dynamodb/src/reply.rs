//! DynamoDB's replies: the items in them, and parts of an item.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use serde_json::value::RawValue;

use crate::wire::{Attribute, Map};

/// The item of a `GetItem`'s reply, if it is there.
///
/// # Errors
/// Where the reply is none.
pub fn item(reply: &[u8]) -> Result<Option<&RawValue>, serde_json::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Found<'a> {
        #[serde(borrow)]
        item: Option<&'a RawValue>,
    }
    serde_json::from_slice::<Found<'_>>(reply).map(|found| found.item)
}

/// The number that an item has under a name, if it has one there.
#[must_use]
pub fn number(item: &RawValue, name: &str) -> Option<i64> {
    let Map(attributes) = serde_json::from_str(item.get()).ok()?;
    let (_, number) = attributes.into_iter().find(|(found, _)| found == name)?;
    let Attribute::N(number) = number else { return None };
    number.parse().ok()
}

/// A binary attribute.
pub struct Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Binary;
        impl Visitor<'_> for Binary {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("binary")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }

            fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Binary)
    }
}
