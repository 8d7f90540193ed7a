//! The names of a struct's fields, read off its `Deserialize`, so that they are written only once.

use serde::{
    Deserializer,
    de::{DeserializeOwned, Error as _, Visitor, value::Error},
    forward_to_deserialize_any,
};

/// A deserializer that records the fields that a struct asks for, and then fails.
struct Asked<'a>(&'a mut &'static [&'static str]);

/// The fields of `T`, in the order in which it prints them.
#[must_use]
pub fn of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut fields: &'static [&'static str] = &[];
    // It always fails; the names have been recorded by then.
    let _ = T::deserialize(Asked(&mut fields));
    fields
}

impl<'de> Deserializer<'de> for Asked<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        *self.0 = fields;
        Err(Error::custom("only the names were wanted"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("only a struct has fields"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_records_fields_are_in_the_order_in_which_they_are_printed() {
        assert_eq!(of::<crate::Message>(), ["role", "content", "timestamp"]);
        assert_eq!(of::<crate::Contact>().first(), Some(&"id"));
        assert_eq!(of::<crate::Contact>().last(), Some(&"updated_at"));
        assert!(of::<String>().is_empty());
    }
}
