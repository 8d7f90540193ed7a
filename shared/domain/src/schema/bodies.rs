//! The schemas of what requests carry. Handlers read fields by hand, so that an error names one; here stands
//! what they take.

use serde_json::{Map, Value, json};

use super::{MAX_PHONE, PHONE};
use crate::{
    cursor::MAX_LEN,
    records::{MAX_LINE, MAX_NOTES},
    webhooks::{
        DEFAULT_OVERLAP_HOURS, EventType, MAX_DESCRIPTION, MAX_OVERLAP_HOURS, MAX_URL_BYTES, WebhookStatus,
    },
};

/// The schemas of request bodies by name.
#[must_use]
pub fn bodies() -> Map<String, Value> {
    let bodies = [
        ("NewContact", object(&["phone"], new_contact())),
        ("NewWebhook", object(&["url", "events"], new_webhook())),
        ("WebhookPatch", object(&[], webhook_patch())),
        ("TestRequest", object(&[], json!({"event": {"enum": words_or_null(EventType::VALUES)}}))),
        ("RotationRequest", object(&[], rotation_request())),
        ("ReplayRange", object(&["since"], replay_range())),
        ("DeliveryReplay", object(&[], json!({}))),
    ];
    bodies.map(|(name, schema)| (name.to_owned(), schema)).into_iter().collect()
}

/// What a phone number may look like in a request.
#[must_use]
pub fn phone() -> Value {
    json!({"type": "string", "maxLength": MAX_PHONE, "pattern": PHONE})
}

/// What a cursor looks like. No schema can tell whether one is of this list and these filters.
#[must_use]
pub fn cursor() -> Value {
    json!({"type": "string", "maxLength": MAX_LEN, "pattern": "^eyJ[A-Za-z0-9_-]+$"})
}

/// An object with these properties and no others: a field that is not known is refused.
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

fn new_webhook() -> Value {
    json!({
        "url": {"type": "string", "maxLength": MAX_URL_BYTES, "format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"},
        "events": {
            "type": "array", "items": {"type": "string", "enum": EventType::VALUES},
            "minItems": 1, "uniqueItems": true,
        },
        "description": {"type": ["string", "null"], "maxLength": MAX_DESCRIPTION},
    })
}

fn webhook_patch() -> Value {
    let mut properties = new_webhook();
    properties["status"] = json!({"type": "string", "enum": WebhookStatus::VALUES});
    properties
}

fn rotation_request() -> Value {
    json!({"overlap_hours": {
        "type": "integer", "minimum": 0, "maximum": MAX_OVERLAP_HOURS, "default": DEFAULT_OVERLAP_HOURS,
    }})
}

fn replay_range() -> Value {
    json!({
        "since": time(&["string"]),
        "until": time(&["string", "null"]),
        "include_succeeded": {"type": ["boolean", "null"], "default": false},
    })
}

/// A time with its offset, or a date.
fn time(types: &[&str]) -> Value {
    json!({"type": types, "anyOf": [{"format": "date-time"}, {"format": "date"}]})
}

fn words_or_null(words: &[&str]) -> Vec<Value> {
    words.iter().map(|word| json!(word)).chain([Value::Null]).collect()
}
