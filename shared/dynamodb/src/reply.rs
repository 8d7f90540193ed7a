//! DynamoDB's replies: the items in them.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::wire::Attribute;

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

/// A binary attribute.
pub struct Bytes(pub Vec<u8>);

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
pub fn number(item: &RawValue, name: &str) -> Option<i64> {
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
