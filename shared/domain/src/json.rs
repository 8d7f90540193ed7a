//! A parser of JSON objects that refuses repeated fields. RFC 8259 leaves open what a repeated name means: readers take the first,
//! the last or both, and so two of them can see two values in one text.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Why a text is no JSON object without repeated fields.
#[derive(Debug)]
pub enum NotAnObject {
    /// The text is no JSON.
    NotJson(serde_json::Error),
    /// The text is JSON, but a value of this kind.
    Another(&'static str),
    /// The field with this path, such as `call.id`, is repeated.
    Repeated(String),
}

/// Reads a JSON object, and refuses a repeated field at any depth.
///
/// # Errors
/// [`NotAnObject`].
pub fn object(json: &[u8]) -> Result<Map<String, Value>, NotAnObject> {
    let mut repeated = None;
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = Once(&mut repeated).deserialize(&mut reader);
    let value = value.and_then(|value| reader.end().map(|()| value)).map_err(NotAnObject::NotJson)?;
    match (value, repeated) {
        (_, Some(path)) => Err(NotAnObject::Repeated(path)),
        (Value::Object(fields), None) => Ok(fields),
        (Value::Array(_), None) => Err(NotAnObject::Another("an array")),
        (Value::String(_), None) => Err(NotAnObject::Another("a string")),
        (Value::Number(_), None) => Err(NotAnObject::Another("a number")),
        (Value::Bool(_), None) => Err(NotAnObject::Another("true or false")),
        (Value::Null, None) => Err(NotAnObject::Another("null")),
    }
}

impl fmt::Display for NotAnObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(error) => write!(f, "it is no JSON object: {error}"),
            Self::Another(kind) => write!(f, "it is no JSON object: it is {kind}"),
            Self::Repeated(path) => write!(f, "{path}: it is there more than once; give it once"),
        }
    }
}

/// A reader of a value that records the path of the first repeated field.
struct Once<'a>(&'a mut Option<String>);

impl Once<'_> {
    fn note(&mut self, path: impl FnOnce() -> Option<String>) {
        if self.0.is_none() {
            *self.0 = path();
        }
    }
}

impl<'de> DeserializeSeed<'de> for Once<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        let mut inside = None;
        while let Some(item) = list.next_element_seed(Once(&mut inside))? {
            self.note(|| inside.take().map(|path| format!("[{}]{}", items.len(), after(&path))));
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            let mut inside = None;
            let value = object.next_value_seed(Once(&mut inside))?;
            let is_repeated = fields.contains_key(&name);
            self.note(|| match inside {
                _ if is_repeated => Some(name.clone()),
                inside => inside.map(|path| format!("{name}{}", after(&path))),
            });
            fields.insert(name, value);
        }
        Ok(fields.into())
    }
}

/// The continuation of a path after a name or an index.
fn after(path: &str) -> String {
    if path.starts_with('[') { path.to_owned() } else { format!(".{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_there_twice_is_named_by_its_path() {
        for (json, path) in [
            (r#"{"a": 1, "a": 1}"#, "a"),
            (r#"{"a": 1, "\u0061": 2}"#, "a"),
            (r#"{"a": 1, "b": {"c": {}, "c": null}, "d": 1, "d": 2}"#, "b.c"),
            (r#"{"a": [1, {"b": [[{"c": 1, "d": 2, "c": 3}]]}]}"#, "a[1].b[0][0].c"),
            (r#"{"a": {"b": 1, "b": 2}, "a": 1}"#, "a.b"),
            (r#"[{"": 1, "": 2}]"#, "[0]."),
        ] {
            match object(json.as_bytes()) {
                Err(NotAnObject::Repeated(named)) => assert_eq!(named, path, "{json}"),
                other => panic!("{json} gave {other:?}"),
            }
        }
    }

    #[test]
    fn everything_else_is_read_as_ever() {
        for json in [
            "{}",
            r#" {"a": null, "b": [true, -1, 1.5e3, 18446744073709551615, "\u00e9"], "c": {"a": {}, "b": []}} "#,
            r#"{"z": 1, "a": 2, "A": 3}"#,
            "[]",
            "\"x\"",
            "7",
            "false",
            "null",
            "",
            "{",
            "{} {}",
            r#"{"a": 1,}"#,
            r#"{"a": 1e999}"#,
            &"[".repeat(1000),
        ] {
            match (object(json.as_bytes()), serde_json::from_str::<Value>(json)) {
                (Ok(fields), Ok(Value::Object(expected))) => {
                    assert_eq!(fields, expected);
                    assert!(fields.keys().eq(expected.keys()), "in their order");
                }
                (Err(NotAnObject::Another(_)), Ok(value)) => assert!(!value.is_object(), "{json}"),
                (Err(NotAnObject::NotJson(error)), Err(expected)) => {
                    assert_eq!(error.to_string(), expected.to_string());
                }
                other => panic!("{json} gave {other:?}"),
            }
        }
    }
}
