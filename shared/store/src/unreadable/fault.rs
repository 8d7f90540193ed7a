//! Descriptions of what is wrong with an item. They quote nothing of it; serde's own sentences do.

use std::{borrow::Cow, fmt, vec};

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Expected, IntoDeserializer, MapAccess, Unexpected,
    value::MapAccessDeserializer,
};
use serde_json::value::RawValue;

use dynamodb::{Attribute, Map};

/// What is wrong with an item.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The attribute at fault, where it is a single one.
    pub(super) field: Option<String>,
    pub(super) reason: String,
}

/// What is wrong with an item that should be a `T`, if it does not read as one.
pub(super) fn fault<T: DeserializeOwned>(item: &RawValue) -> Option<Fault> {
    let Ok(Map(attributes)) = serde_json::from_str(item.get()) else {
        return Some(Fault { field: None, reason: "is no item of DynamoDB".to_owned() });
    };
    let attributes = Attributes { left: attributes.into_iter(), current: None };
    T::deserialize(MapAccessDeserializer::new(attributes)).err()
}

impl Fault {
    pub(super) fn of(field: &str, reason: &str) -> Self {
        Self { field: Some(field.to_owned()), reason: reason.to_owned() }
    }

    fn because(reason: String) -> Self {
        Self { field: None, reason }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    /// A type's own error, which may quote what it could not read.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::because("is not of the form that it must have".to_owned())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::because(format!("is {}, expected {expected}", kind(found)))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::because(format!("is out of bounds, expected {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::because(format!("is none of {}", expected.join(", ")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::of(field, "is missing")
    }
}

fn kind(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a fraction, or a number that is too large",
        Unexpected::Str(_) | Unexpected::Char(_) => "a string",
        Unexpected::Bytes(_) => "binary",
        Unexpected::Unit | Unexpected::Option => "null, or a set",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a map",
        _ => "something else",
    }
}

/// An item's attributes, which a fault names.
struct Attributes<'a> {
    left: vec::IntoIter<(Cow<'a, str>, Attribute<'a>)>,
    current: Option<(Cow<'a, str>, Attribute<'a>)>,
}

impl<'de> MapAccess<'de> for Attributes<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.current = self.left.next();
        let name = self.current.as_ref().map(|(name, _)| name.clone());
        name.map(|name| seed.deserialize(name.into_deserializer())).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let (name, value) = self.current.take().ok_or_else(|| de::Error::missing_field("value"))?;
        seed.deserialize(value.into_deserializer())
            .map_err(|fault: Fault| Fault { field: Some(name.into_owned()), ..fault })
    }
}

#[cfg(test)]
mod tests {
    use domain::Call;

    use super::*;

    const CALL: &str = r#"{
        "organization_id": {"S": "4f6a5b0e-8a1c-4d3e-9f52-0c7d1e2a3b4c"}, "id": {"S": "c6af9ac6-7b61-41e6-9a41-93e8deadbeef"},
        "status": {"S": "completed"}, "duration_seconds": {"N": "55"}, "caller_name": {"S": "Maria"},
        "started_at": {"S": "2026-02-24T20:59:00Z"}, "created_at": {"S": "2026-02-24T20:59:00.000Z"}
    }"#;

    #[test]
    fn what_is_wrong_is_said_and_nothing_is_quoted() {
        let of = |good: &str, bad: &str| {
            let item = RawValue::from_string(CALL.replace(good, bad)).expect("JSON");
            fault::<Call>(&item)
        };
        assert_eq!(of("", ""), None);
        for (good, bad, field, reason) in [
            (
                r#"{"N": "55"}"#,
                r#"{"N": "9223372036854775808"}"#,
                "duration_seconds",
                "is out of bounds, expected a whole number from 0 to ",
            ),
            (r#"{"N": "55"}"#, r#"{"S": "Secret"}"#, "duration_seconds", "is a string, expected "),
            (r#""completed""#, r#""Secret""#, "status", "is none of completed, "),
            (r#"2026-02-24T20:59:00Z"#, "Secret", "started_at", "is not of the form"),
            (r#"c6af9ac6-7b61-41e6-9a41-93e8deadbeef"#, "Secret", "id", "is not of the form"),
            (r#""status""#, r#""Secret""#, "status", "is missing"),
            (r#"{"S": "Maria"}"#, r#"{"L": [{"S": "Secret"}]}"#, "caller_name", "is a list, expected "),
        ] {
            let fault = of(good, bad).expect("it does not read");
            assert_eq!(fault.field.as_deref(), Some(field), "{fault:?}");
            assert!(
                fault.reason.starts_with(reason) && !format!("{fault:?}").contains("Secret"),
                "{fault:?}"
            );
        }
    }
}
