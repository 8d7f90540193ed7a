//! What is known of a record, and since when: of each field, the newest event that said anything of it
//! counts, in whatever order events arrive.
//!
//! A record's item holds the newest event's stamp (`known_as_of`), and the stamps of those fields that
//! only an earlier event knew (`known_earlier`). Where each snapshot repeats what the one before it
//! said, there are none of the latter.

use std::cmp::Ordering;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    nullable::is_blank,
    record::{AS_OF, EARLIER, Fields, HIDDEN, NEVER, Stamp},
    span,
};
use crate::Timestamp;

/// What a snapshot knows, by field; nulls and blank texts are not knowledge.
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

/// Merges what an event knows into a record, of which events can tell `fields`. `precedence` compares
/// two values (the old one first) before their stamps are.
pub(super) fn merge(
    record: &mut Fields,
    known: Fields,
    stamp: &Stamp,
    fields: &[&str],
    now: Timestamp,
    precedence: impl Fn(&str, &Value, &Value) -> Ordering,
) {
    span::put_back(record);
    // What was known since a time far ahead would not be overruled before that.
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

/// Gives a field a value that any event's overrules, where it has none.
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

/// Fills a field that is empty; of several events the earliest that knew it counts. What a person wrote
/// stays.
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

/// Which event filled a field, if one did.
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
