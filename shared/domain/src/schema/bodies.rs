//! The schemas of request bodies and parameters. They are written by hand, as their parsers are.

use serde_json::{Map, Value, json};

use super::patterns::{PHONE, ZERO_IN_BRACKETS};
use crate::{
    cursor::MAX_LEN,
    phone::MAX_CHARACTERS,
    records::{MAX_LINE, MAX_NOTES},
    webhooks::{MAX_DESCRIPTION, MAX_OVERLAP_HOURS, MAX_URL_BYTES},
};

/// The schemas of request bodies by name, with `$ref`s to those of [`answers`](super::answers) below `path`.
#[must_use]
pub fn bodies(path: &str) -> Map<String, Value> {
    let words = |name: &str| json!({"$ref": format!("#{path}/{name}")});
    let bodies = [
        ("NewContact", object(&["phone"], new_contact())),
        ("NewWebhook", object(&["url", "events"], new_webhook(&words))),
        ("WebhookPatch", object(&[], webhook_patch(&words))),
        ("TestRequest", object(&[], json!({"event": {"anyOf": [words("EventType"), {"type": "null"}]}}))),
        ("RotationRequest", object(&[], rotation_request())),
        ("ReplayRange", object(&["since"], replay_range())),
        ("DeliveryReplay", object(&[], json!({}))),
    ];
    bodies.map(|(name, schema)| (name.to_owned(), schema)).into_iter().collect()
}

/// The schema of a phone number in a request.
#[must_use]
pub fn phone() -> Value {
    json!({
        "type": "string", "maxLength": MAX_CHARACTERS, "pattern": PHONE,
        "not": {"type": "string", "pattern": ZERO_IN_BRACKETS},
    })
}

/// The schema of a cursor. No schema can tell whether it belongs to this list and these filters.
#[must_use]
pub fn cursor() -> Value {
    json!({"type": "string", "maxLength": MAX_LEN, "pattern": "^eyJ[A-Za-z0-9_-]+$"})
}

/// The schema of an object with these properties and no others.
fn object(required: &[&str], properties: Value) -> Value {
    let mut schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn new_contact() -> Value {
    json!({
        "phone": phone(),
        "name": {"type": ["string", "null"], "maxLength": MAX_LINE},
        "email": {"type": ["string", "null"], "maxLength": MAX_LINE, "format": "email"},
        "company": {"type": ["string", "null"], "maxLength": MAX_LINE},
        "notes": {"type": ["string", "null"], "maxLength": MAX_NOTES},
    })
}

fn new_webhook(words: &impl Fn(&str) -> Value) -> Value {
    json!({
        "url": {"type": "string", "maxLength": MAX_URL_BYTES, "format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"},
        "events": {
            "type": "array", "items": words("EventType"),
            "minItems": 1, "uniqueItems": true,
        },
        "description": {"type": ["string", "null"], "maxLength": MAX_DESCRIPTION},
    })
}

fn webhook_patch(words: &impl Fn(&str) -> Value) -> Value {
    let mut properties = new_webhook(words);
    properties["status"] = words("WebhookStatus");
    properties
}

fn rotation_request() -> Value {
    json!({"overlap_hours": {
        "type": "integer", "minimum": 0, "maximum": MAX_OVERLAP_HOURS}})
}

fn replay_range() -> Value {
    json!({
        "since": {"anyOf": time()},
        "until": {"anyOf": time().into_iter().chain([json!({"type": "null"})]).collect::<Vec<_>>()},
        "include_succeeded": {"type": ["boolean", "null"]},
    })
}

/// The schemas of a time with its offset and of a date.
#[must_use]
pub fn time() -> Vec<Value> {
    ["date-time", "date"].map(|format| json!({"type": "string", "format": format})).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Error, FromFields, NewContact, Problem,
        webhooks::{DeliveryReplay, NewWebhook, ReplayRange, RotationRequest, TestRequest, WebhookPatch},
    };

    /// The fields that a body may have, as the refusal of another one names them.
    fn taken<T: FromFields>() -> Vec<&'static str> {
        let unknown = Map::from_iter([("no such field".to_owned(), Value::Null)]);
        match T::from_fields(&unknown) {
            Err(Error::Invalid { problem: Problem::UnknownField { allowed }, .. }) => allowed.to_vec(),
            other => panic!("{:?}", other.err()),
        }
    }

    #[test]
    fn the_schema_of_a_body_has_the_fields_that_are_taken() {
        let all = [
            ("NewContact", taken::<NewContact>()),
            ("NewWebhook", taken::<NewWebhook>()),
            ("WebhookPatch", taken::<WebhookPatch>()),
            ("TestRequest", taken::<TestRequest>()),
            ("RotationRequest", taken::<RotationRequest>()),
            ("ReplayRange", taken::<ReplayRange>()),
            ("DeliveryReplay", taken::<DeliveryReplay>()),
        ];
        let schemas = bodies("/");
        assert!(schemas.keys().eq(all.iter().map(|(name, _)| name)), "a body is missing in this test");
        for (name, mut fields) in all {
            let mut known: Vec<&String> =
                schemas[name]["properties"].as_object().expect("fields").keys().collect();
            known.sort();
            fields.sort_unstable();
            assert_eq!(known, fields, "{name}");
        }
    }
}
