//! The merge of an event's fields into a record: the newest event that has a field wins it, in whatever order events arrive.

use std::cmp::Ordering;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    nullable::is_blank,
    record::{AS_OF, EARLIER, Fields, HIDDEN, NEVER, Stamp},
    span,
};
use crate::Timestamp;

/// The fields of a snapshot without nulls and blank texts, which mean "not known".
pub(super) fn known(snapshot: &impl Serialize) -> Fields {
    let mut fields = match serde_json::to_value(snapshot) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    fields.retain(|_, value| match value {
        Value::Null => false,
        Value::String(text) => !is_blank(text),
        _ => true,
    });
    fields
}

/// Merges the `known` fields of an event into a record whose `fields` events write. `precedence` compares two values, the old one
/// first, before their stamps are compared.
pub(super) fn merge(
    record: &mut Fields,
    known: Fields,
    stamp: &Stamp,
    fields: &[&str],
    now: Timestamp,
    precedence: impl Fn(&str, &Value, &Value) -> Ordering,
) {
    span::put_back(record);
    // A value with a stamp far ahead of the clock could not be overruled before that time.
    let credible = |stamp: &&str| !Stamp::time(stamp).is_some_and(|time| time.is_ahead_of(now));
    let as_of = record.get(AS_OF).and_then(Value::as_str).filter(credible).unwrap_or(NEVER).to_owned();
    let mut earlier = match record.remove(EARLIER) {
        Some(Value::Object(earlier)) => earlier,
        _ => Map::new(),
    };
    let incredible = |since: &&mut Value| !since.as_str().is_some_and(|stamp| credible(&stamp));
    earlier.values_mut().filter(incredible).for_each(|since| *since = NEVER.into());
    for field in fields.iter().filter(|field| record.contains_key(**field)) {
        earlier.entry(*field).or_insert_with(|| as_of.clone().into());
    }
    for (field, value) in known {
        let wins = record.get(&field).is_none_or(|old| {
            let since = earlier.get(&field).and_then(Value::as_str).unwrap_or(NEVER);
            precedence(&field, old, &value).then_with(|| since.cmp(stamp.as_str())).is_lt()
        });
        if wins {
            earlier.insert(field.clone(), stamp.as_str().into());
            record.insert(field, value);
        }
    }
    let as_of = as_of.max(stamp.as_str().to_owned());
    earlier.retain(|_, since| *since != as_of);
    if !earlier.is_empty() {
        record.insert(EARLIER.to_owned(), earlier.into());
    }
    record.insert(AS_OF.to_owned(), as_of.into());
    span::set_aside(record);
}

/// Gives an empty field a default, which any event overrules.
pub(super) fn presume(record: &mut Fields, field: &str, value: &str) {
    if record.contains_key(field) {
        return;
    }
    record.insert(field.to_owned(), value.into());
    let earlier = record.entry(EARLIER).or_insert_with(|| Map::new().into());
    if let Value::Object(earlier) = earlier {
        earlier.insert(field.to_owned(), NEVER.into());
    }
}

/// Fills an empty field; of several events the earliest that has a value wins. What a person wrote stays.
pub(super) fn fill(record: &mut Fields, field: &str, value: Option<&str>, stamp: &str) {
    let Some(value) = value.filter(|value| !is_blank(value)) else { return };
    let fills = match record.get(field) {
        None => true,
        Some(Value::String(text)) if is_blank(text) => true,
        Some(_) => since(record, field).is_some_and(|since| stamp < since),
    };
    if fills {
        record.insert(field.to_owned(), value.into());
        record.insert(since_of(field), stamp.into());
    }
}

/// The stamp of the event that filled a field, if one did.
pub(super) fn since<'a>(record: &'a Fields, field: &str) -> Option<&'a str> {
    record.get(&since_of(field)).and_then(Value::as_str)
}

fn since_of(field: &str) -> String {
    format!("{HIDDEN}{}_since", field.trim_start_matches(HIDDEN))
}

/// Whether a consumer of the API can tell two states of a record apart.
pub(super) fn differ(before: &Fields, after: &Fields) -> bool {
    let visible = |record: &Fields| -> Fields {
        record
            .iter()
            .filter(|(name, _)| !name.starts_with(HIDDEN))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    visible(before) != visible(after)
}
