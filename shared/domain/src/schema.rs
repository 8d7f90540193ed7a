//! The JSON Schemas of voice events, of the API's records and of request bodies.

mod answers;
mod bodies;
mod patterns;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

pub use answers::answers;
pub use bodies::{bodies, cursor, phone, time};

use crate::{
    CalendarDate, OrganizationId, Phone, RecordId, Timestamp, WholeNumber,
    caller::{KEYPAD, WITHHELD},
    ingest::{Body, BucketName, EventId, MAX_KEY_BYTES, ObjectKey, PARTS, VERSION, Version},
    phone::MAX_CHARACTERS,
};
use patterns::{PHONE, ZERO_IN_BRACKETS};

/// The schema of a type that is read in more forms than it is written in.
macro_rules! schema_of_two_forms {
    ($($type:ty, $name:literal: written $written:tt, read $read:tt;)+) => {$(
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                if generator.contract().is_serialize() { json_schema!($written) } else { json_schema!($read) }
            }
        }
    )+};
}

/// The schema of a type that is read in the form in which it is written.
macro_rules! schema {
    ($($type:ty, $name:literal: $schema:tt;)+) => {
        schema_of_two_forms! { $($type, $name: written $schema, read $schema;)+ }
    };
}

schema! {
    BucketName, "BucketName": {
        "type": "string", "minLength": 3, "maxLength": 63, "pattern": r"^[a-z0-9](\.?[a-z0-9-])*\.?[a-z0-9]$",
    };
    CalendarDate, "CalendarDate": { "type": "string", "format": "date", "examples": ["2026-02-25"] };
    EventId, "EventId": {
        "type": "string", "pattern": "^[!-~]{1,64}$", "examples": ["0b7c2f6e-3a54-4f0e-9b65-8a3f2a7d1c90"],
    };
    // The service counts the key's bytes, a schema its characters.
    ObjectKey, "ObjectKey": { "type": "string", "minLength": 1, "maxLength": MAX_KEY_BYTES };
    OrganizationId, "OrganizationId": {
        "type": "string", "format": "uuid", "examples": ["8f3d0324-ac89-48ba-bffd-aac009b8c000"],
    };
    RecordId, "RecordId": {
        "type": "string", "format": "uuid", "examples": ["48e27c75-c142-49a4-8bd4-ea73c8ddbfa7"],
    };
    Version, "Version": { "type": "integer", "const": VERSION };
    WholeNumber, "WholeNumber": { "type": "integer", "minimum": 0, "maximum": WholeNumber::MAX };
}

schema_of_two_forms! {
    Phone, "Phone":
        written { "type": "string", "pattern": r"^\+[1-9][0-9]{2,14}$" },
        read {
            "type": "string", "maxLength": MAX_CHARACTERS, "pattern": PHONE,
            "not": { "type": "string", "pattern": ZERO_IN_BRACKETS }, "examples": ["+14155551234"],
        };
    Timestamp, "Timestamp":
        written { "type": "string", "format": "date-time", "pattern": "Z$" },
        read {
            "type": "string", "format": "date-time",
            "examples": ["2026-02-24T20:59:00Z", "2026-02-24T20:59:00.250+02:00"],
        };
}

/// The schema of what `Phone::of_caller` takes, as far as a schema can say it.
pub(crate) fn caller(generator: &mut SchemaGenerator) -> Schema {
    let of_any_case = |word: &str| -> String {
        word.chars()
            .map(|letter| match letter {
                ' ' => "[ _-]".to_owned(),
                letter => format!("[{}{letter}]", letter.to_ascii_uppercase()),
            })
            .collect()
    };
    let words: Vec<String> = WITHHELD.into_iter().map(of_any_case).collect();
    let withheld =
        format!(r"^\s*({}|\+?({}|0*))\s*$", words.join("|"), KEYPAD.map(|number| &number[1..]).join("|"));
    let sip = of_any_case("sip") + "[Ss]?";
    let tel = of_any_case("tel");
    json_schema!({"anyOf": [
        generator.subschema_for::<Option<Phone>>(),
        {
            "description": "The caller withheld the number, or it is not known: as good as null.",
            "type": "string",
            "pattern": withheld,
        },
        {
            "description": "The number in an address (RFC 3261, RFC 3966).",
            "type": "string",
            "pattern": format!(r"^(({sip}):\+[1-9][0-9]{{2,14}}([@;:?].*)?|{tel}:\+[1-9][0-9]{{2,14}}(;.*)?)$"),
        },
        {
            "description": "An address without a number: as good as null.",
            "type": "string",
            "pattern": format!(r"^{sip}:[A-Za-z][A-Za-z0-9._-]*(@.*)?$"),
        },
    ]})
}

/// The JSON Schema (draft 2020-12) of a message on the ingest queue.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Body).to_value();
    schema["examples"] = examples();
    for event in ["CallEvent", "LeadEvent", "AppointmentEvent", "Pointer"] {
        for part in PARTS {
            let properties = &mut schema["$defs"][event]["properties"];
            if properties.get(part).is_none() {
                properties[part] = json!({"type": "null", "description": "Not in such an event."});
            }
        }
    }
    // Null, which is as good as none.
    if let Some(phone) = schema["$defs"]["CallSnapshot"]["properties"]["caller_phone"].as_object_mut() {
        phone.shift_remove("default");
    }
    allow_blanks(&mut schema);
    let order = ["$schema", "title", "description", "anyOf", "examples", "$defs"];
    order.map(|name| (name.to_owned(), schema[name].take())).into_iter().collect::<Map<_, _>>().into()
}

/// Lets blank text stand wherever null may.
fn allow_blanks(schema: &mut Value) {
    let Some(definitions) = schema["$defs"].as_object_mut() else { return };
    let properties = definitions.values_mut().filter_map(|it| it.get_mut("properties")?.as_object_mut());
    for property in properties.flat_map(|properties| properties.values_mut()) {
        let blank = json!({"$ref": "#/$defs/Blank"});
        match property.as_object_mut() {
            Some(alternatives) if is_nullable(alternatives) && !takes_any_text(alternatives) => {
                let description = alternatives.shift_remove("description");
                let any_of = match alternatives.get_mut("anyOf").and_then(Value::as_array_mut) {
                    Some(any_of) => std::mem::take(any_of),
                    None => vec![Value::Object(std::mem::take(alternatives))],
                };
                *property = json!({"anyOf": any_of.into_iter().chain([blank]).collect::<Vec<_>>()});
                if let Some(description) = description {
                    property["description"] = description;
                }
            }
            _ => {}
        }
    }
    let blank = json!({"description": "Blank text: as good as null.", "type": "string", "pattern": r"^\s*$"});
    definitions.insert("Blank".to_owned(), blank);
}

fn is_nullable(schema: &Map<String, Value>) -> bool {
    let is_null =
        |kind: &Value| kind == "null" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("null")));
    let any_of = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    schema.get("type").is_some_and(is_null) || any_of.into_iter().any(|schema| is_null(&schema["type"]))
}

/// Whether a schema has nothing to say of a string.
fn takes_any_text(schema: &Map<String, Value>) -> bool {
    let is_text =
        schema.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.contains(&json!("string")));
    is_text && !["format", "pattern", "enum"].iter().any(|keyword| schema.contains_key(*keyword))
}

fn examples() -> Value {
    let organization = OrganizationId::from_u128(0x8f3d0324_ac89_48ba_bffd_aac009b8c000);
    let call = RecordId::from_u128(0x48e27c75_c142_49a4_8bd4_ea73c8ddbfa7);
    json!([
        {
            "version": VERSION, "event_id": "48e27c75-started", "organization_id": organization,
            "occurred_at": "2026-02-24T20:59:00Z",
            "call": {
                "id": call, "caller_phone": "+14155551234", "status": "in-progress",
                "started_at": "2026-02-24T20:59:00Z",
            },
        },
        {
            "version": VERSION, "event_id": "48e27c75-lead-contacted", "organization_id": organization,
            "occurred_at": "2026-02-25T09:12:00Z",
            "lead": {"id": call.derived("lead"), "status": "contacted"},
        },
        {"version": VERSION, "s3": {"bucket": "inboundflow-eventsbucket", "key": "48e27c75-ended.json"}},
    ])
}
