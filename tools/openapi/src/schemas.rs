//! Schemas of responses, of request bodies, and of the envelope around them.

use domain::{MAX_LIMIT, schema, webhooks::MAX_ATTEMPTS};
use serde_json::{Map, Value, json};

use crate::{
    errors::errors,
    events, operations,
    shapes::{SCHEMAS, extend, object, reference},
};

/// All schemas by name.
pub(crate) fn components() -> Map<String, Value> {
    let mut schemas = schema::answers(SCHEMAS);
    schemas.values_mut().for_each(plain);
    schemas.extend(schema::bodies(SCHEMAS));
    extended(&mut schemas);
    events::add_schemas(&mut schemas);
    schemas.extend(envelope());
    for operation in operations::ALL.iter() {
        let data = match &operation.response.content {
            operations::Content::List(record) => list(record),
            operations::Content::One(record) => one(record),
        };
        schemas.insert(operation.response.schema(), data);
    }
    schemas.sort_keys();
    schemas
}

/// Drops what schemars says of Rust and not of JSON, and says in one list which words there are.
fn plain(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    object.shift_remove("description");
    object.shift_remove("additionalProperties");
    // It is what stored records lack, not what answers may.
    object.shift_remove("default");
    if object.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint")) {
        object.shift_remove("format");
    }
    let word = |it: &Value| it["const"].as_str().map(str::to_owned);
    if let Some(words) = object.get("oneOf").and_then(Value::as_array)
        && let Some(words) = words.iter().map(word).collect::<Option<Vec<_>>>()
    {
        *schema = json!({"type": "string", "enum": words});
        return;
    }
    for (member, value) in object {
        match value {
            // Its members are names of fields, not words of JSON Schema.
            Value::Object(fields) if member == "properties" => fields.values_mut().for_each(plain),
            Value::Object(_) => plain(value),
            Value::Array(values) => values.iter_mut().for_each(plain),
            _ => {}
        }
    }
}

/// Adds the schemas that only the functions know: a record and something more.
fn extended(schemas: &mut Map<String, Value>) {
    let messages = json!({"type": "array", "items": reference("Message")});
    let secret = json!({"type": "string", "pattern": "^whsec_"});
    let time = json!({"type": "string", "format": "date-time", "pattern": "Z$"});
    let scopes = json!({"type": "array", "items": reference("Scope"), "uniqueItems": true});
    let text = json!({"type": ["string", "null"]});
    extend(schemas, "CallWithMessages", "Call", &[("messages", messages)]);
    extend(schemas, "Account", "Organization", &[("scopes", scopes)]);
    schemas.shift_remove("Organization");
    extend(schemas, "WebhookWithSecret", "Webhook", &[("secret", secret.clone())]);
    extend(
        schemas,
        "RotatedWebhook",
        "Webhook",
        &[("secret", secret), ("previous_secret_expires_at", time.clone())],
    );
    extend(schemas, "AttemptWithAnswer", "Attempt", &[("response_body", text)]);
    let attempts =
        json!({"type": "array", "items": reference("AttemptWithAnswer"), "maxItems": MAX_ATTEMPTS});
    extend(schemas, "DeliveryWithAnswers", "Delivery", &[("attempts", attempts)]);
    let deleted = json!({"id": {"type": "string", "format": "uuid"}, "deleted": {"const": true}});
    schemas.insert("Deleted".to_owned(), object(deleted));
    let next_until = json!({"type": ["string", "null"], "format": "date-time", "pattern": "Z$"});
    let replayed = json!({"replayed": {"type": "integer", "minimum": 0}, "next_until": next_until});
    schemas.insert("Replayed".to_owned(), object(replayed));
}

/// The envelope. Where the gateway itself answers, before it has looked at the key, id and time of an error are in forms
/// of its own, or empty.
fn envelope() -> [(String, Value); 5] {
    let meta = object(json!({
        "request_id": {"type": "string", "pattern": "^req_[0-9a-f]{12}$"},
        "timestamp": {"type": "string", "format": "date-time", "pattern": "Z$"},
    }));
    let mut codes: Vec<&str> = errors().iter().map(|error| error.code).collect();
    codes.dedup();
    let mut details = object(json!({
        "code": reference("ErrorCode"),
        "message": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
    }));
    details["properties"]["param"] = json!({"type": "string"});
    details["properties"]["existing_id"] = json!({"type": "string", "format": "uuid"});
    let error = object(json!({"error": reference("ErrorDetails"), "meta": reference("ErrorMeta")}));
    [
        ("Meta".to_owned(), meta),
        (
            "ErrorMeta".to_owned(),
            object(json!({"request_id": {"type": "string"}, "timestamp": {"type": "string"}})),
        ),
        ("ErrorCode".to_owned(), json!({"type": "string", "enum": codes})),
        ("ErrorDetails".to_owned(), details),
        ("Error".to_owned(), error),
    ]
}

/// The name of the schema that allows these words and no others.
pub(crate) fn of_words(words: &[&str]) -> Option<String> {
    let schemas = schema::answers(SCHEMAS);
    let has_them = |schema: &Value| {
        let consts = schema["oneOf"].as_array().into_iter().flatten().filter_map(|one| one["const"].as_str());
        consts.eq(words.iter().copied())
    };
    schemas.iter().find(|(_, schema)| has_them(schema)).map(|(name, _)| name.clone())
}

fn one(record: &str) -> Value {
    object(json!({"data": reference(record), "meta": reference("Meta")}))
}

fn list(record: &str) -> Value {
    let next_cursor = json!({"anyOf": [schema::cursor(), {"type": "null"}]});
    object(json!({
        "data": {"type": "array", "items": reference(record), "maxItems": MAX_LIMIT},
        "has_more": {"type": "boolean"},
        "next_cursor": next_cursor,
        "meta": reference("Meta"),
    }))
}
