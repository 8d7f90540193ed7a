//! DynamoDB's JSON, where every value names its type (`{"S": "text"}`), read straight into our types:
//! the map of maps that the SDK makes of it first is half of a list's CPU time.

use std::{borrow::Cow, fmt, marker::PhantomData};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, Error, IgnoredAny, IntoDeserializer, MapAccess, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};

/// A value that is read from an item.
#[derive(Debug)]
pub struct FromItem<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for FromItem<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(Attributes(deserializer)).map(Self)
    }
}

/// An attribute's value as it is sent.
#[derive(Debug, Deserialize)]
pub enum Attribute<'a> {
    /// A string.
    S(#[serde(borrow)] Cow<'a, str>),
    /// A number.
    N(#[serde(borrow)] Cow<'a, str>),
    /// Binary, in Base64.
    B(#[serde(borrow)] Cow<'a, str>),
    /// A boolean.
    #[serde(rename = "BOOL")]
    Bool(bool),
    /// Null.
    #[serde(rename = "NULL")]
    Null(IgnoredAny),
    /// A set, which no item of ours has; an attribute that nobody asks for may be one.
    #[serde(rename = "SS", alias = "NS", alias = "BS")]
    Set(IgnoredAny),
    /// A list.
    #[serde(borrow)]
    L(Vec<Attribute<'a>>),
    /// A map.
    #[serde(borrow)]
    M(Map<'a>),
}

/// A map within an item, in its order.
#[derive(Debug)]
pub struct Map<'a>(pub Vec<(Cow<'a, str>, Attribute<'a>)>);

/// An item whose attributes are read as the fields of a structure; none is kept.
struct Attributes<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Attributes<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(OfItem(visitor))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct OfItem<T>(T);

impl<'de, V: Visitor<'de>> Visitor<'de> for OfItem<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an item")
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<V::Value, M::Error> {
        self.0.visit_map(OfItem(map))
    }
}

impl<'de, M: MapAccess<'de>> MapAccess<'de> for OfItem<M> {
    type Error = M::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, M::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, M::Error> {
        let value = self.0.next_value::<Attribute<'de>>()?;
        seed.deserialize(value.into_deserializer())
    }
}

/// An attribute as serde's source of what it holds.
pub struct Value<'a, E>(Attribute<'a>, PhantomData<E>);

impl<'a, E: Error> IntoDeserializer<'a, E> for Attribute<'a> {
    type Deserializer = Value<'a, E>;

    fn into_deserializer(self) -> Value<'a, E> {
        Value(self, PhantomData)
    }
}

impl<'de, E: Error> Deserializer<'de> for Value<'de, E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0 {
            Attribute::S(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Attribute::S(Cow::Owned(text)) => visitor.visit_string(text),
            Attribute::N(number) => visit_number(&number, visitor),
            Attribute::B(base64) => visitor.visit_byte_buf(STANDARD.decode(&*base64).map_err(E::custom)?),
            Attribute::Bool(value) => visitor.visit_bool(value),
            Attribute::Null(_) | Attribute::Set(_) => visitor.visit_unit(),
            Attribute::L(values) => visitor.visit_seq(SeqDeserializer::new(values.into_iter())),
            Attribute::M(Map(entries)) => visitor.visit_map(MapDeserializer::new(entries.into_iter())),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0 {
            Attribute::Null(_) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, E> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        match self.0 {
            Attribute::S(text) => text.into_deserializer().deserialize_enum(name, variants, visitor),
            _ => Err(E::custom("a word is expected")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

fn visit_number<'de, V: Visitor<'de>, E: Error>(number: &str, visitor: V) -> Result<V::Value, E> {
    if let Ok(number) = number.parse::<i64>() {
        return visitor.visit_i64(number);
    }
    number.parse().map_err(E::custom).and_then(|number| visitor.visit_f64(number))
}

impl<'de: 'a, 'a> Deserialize<'de> for Map<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Map<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of attributes")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Map<'de>, M::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        Yes,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Inner {
        text: String,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Record {
        id: String,
        count: u32,
        least: i64,
        share: f64,
        flag: bool,
        word: Word,
        maybe: Option<String>,
        null: Option<String>,
        missing: Option<Inner>,
        list: Vec<String>,
        map: Inner,
        word_or_none: Option<Word>,
    }

    const ITEM: &str = r#"{
        "id": {"S": "a \"quoted\" é text"}, "count": {"N": "7"}, "least": {"N": "-9223372036854775808"},
        "share": {"N": "0.25"}, "flag": {"BOOL": true}, "word": {"S": "yes"}, "maybe": {"S": ""},
        "null": {"NULL": true}, "list": {"L": [{"S": "one"}, {"S": "two"}]},
        "map": {"M": {"text": {"S": "inside"}, "more": {"L": [{"M": {}}]}}}, "word_or_none": {"S": "yes"},
        "unknown": {"M": {"of": {"NULL": true}}}, "strings": {"SS": ["a"]}, "numbers": {"NS": ["1"]}
    }"#;

    #[test]
    fn every_kind_of_attribute_is_read() {
        let FromItem(record) = serde_json::from_str::<FromItem<Record>>(ITEM).expect("an item");
        let text = |text: &str| Some(text.to_owned());
        let expected = Record {
            id: "a \"quoted\" é text".to_owned(),
            count: 7,
            least: i64::MIN,
            share: 0.25,
            flag: true,
            word: Word::Yes,
            maybe: text(""),
            null: None,
            missing: None,
            list: vec!["one".to_owned(), "two".to_owned()],
            map: Inner { text: "inside".to_owned() },
            word_or_none: Some(Word::Yes),
        };
        assert_eq!(record, expected);
    }

    #[test]
    fn an_attribute_that_does_not_fit_is_refused() {
        for (good, bad) in [
            (r#"{"N": "7"}"#, r#"{"N": "-7"}"#),
            (r#"{"N": "7"}"#, r#"{"N": "seven"}"#),
            (r#"{"N": "7"}"#, r#"{"S": "7"}"#),
            (r#"{"BOOL": true}"#, r#"{"S": "true"}"#),
            (r#"{"S": "yes"}, "maybe""#, r#"{"S": "no"}, "maybe""#),
            (r#"{"S": "yes"}, "maybe""#, r#"{"N": "1"}, "maybe""#),
            (r#"{"L": [{"S": "one"}"#, r#"{"L": [{"N": "1"}"#),
            (r#""map": {"M""#, r#""map": {"X""#),
            (r#""map": {"#, r#""other": {"#),
        ] {
            let odd = ITEM.replace(good, bad);
            assert_ne!(odd, ITEM, "{good}");
            assert!(serde_json::from_str::<FromItem<Record>>(&odd).is_err(), "{bad}");
        }
    }
}
