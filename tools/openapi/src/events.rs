//! The document's webhooks section: the requests that receivers get.

use domain::webhooks::{self, DisabledReason, EventType, sample};
use serde_json::{Map, Value, json};

use crate::shapes::{extend, object, reference};

/// The schemas of the events, made of those of the records that they tell of.
pub(crate) fn add_schemas(schemas: &mut Map<String, Value>) {
    let call = told_of_a_call(&schemas["Call"]["properties"], &schemas["Lead"]["properties"]);
    schemas.insert("CallCompletedData".to_owned(), object(call));
    let transfer = schemas["Call"]["properties"]["transfer_status"].clone();
    extend(schemas, "CallTransferredData", "CallCompletedData", &[("transfer_status", transfer)]);
    for (name, record, id) in
        [("AppointmentBookedData", "Appointment", "appointment_id"), ("LeadCreatedData", "Lead", "lead_id")]
    {
        let data = renamed(&schemas[record]["properties"], &[("id", id), ("call_log_id", "call_id")]);
        schemas.insert(name.to_owned(), object(data));
    }
    let webhook = &schemas["Webhook"]["properties"];
    let by_the_service = |word: &&&str| **word != DisabledReason::Requested.as_str();
    let reasons: Vec<&&str> = DisabledReason::VALUES.iter().filter(by_the_service).collect();
    let disabled = json!({
        "webhook_id": webhook["id"], "url": webhook["url"],
        "reason": {"type": "string", "enum": reasons},
        "failing_since": webhook["failing_since"], "disabled_at": webhook["updated_at"],
    });
    schemas.insert("WebhookDisabledData".to_owned(), object(disabled));
    for word in EventType::VALUES {
        schemas.insert(schema_name(word), body(word));
    }
    let one_of: Vec<Value> = EventType::VALUES.iter().map(|word| reference(&schema_name(word))).collect();
    let mapping: Map<String, Value> = EventType::VALUES
        .iter()
        .map(|word| ((*word).to_owned(), json!(format!("#/components/schemas/{}", schema_name(word)))))
        .collect();
    let event = json!({"oneOf": one_of, "discriminator": {"propertyName": "event", "mapping": mapping}});
    schemas.insert("Event".to_owned(), event);
}

/// The webhooks section: one request for each event.
pub(crate) fn section() -> Map<String, Value> {
    let request = |word: &&str| {
        let name = schema_name(word);
        let content = json!({"application/json": {"schema": reference(&name), "example": example(word)}});
        let post = json!({
            "operationId": format!("on{}", name.trim_end_matches("Event")),
            "tags": ["webhooks"],
            "security": [],
            "parameters": headers(),
            "requestBody": {"required": true, "content": content},
            "responses": {"2XX": {}, "410": {}, "default": {}},
        });
        ((*word).to_owned(), json!({"post": post}))
    };
    EventType::VALUES.iter().map(request).collect()
}

/// The name of an event's schema: `call.completed` is a `CallCompletedEvent`.
fn schema_name(word: &str) -> String {
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    word.split('.').map(capital).chain(["Event".to_owned()]).collect()
}

fn body(word: &str) -> Value {
    object(json!({
        "event": {"type": "string", "const": word},
        "timestamp": {"type": "string", "format": "date-time", "pattern": r"\.[0-9]{3}Z$"},
        "organization_id": {"type": "string", "format": "uuid"},
        "delivery_id": {"type": "string", "format": "uuid"},
        "data": reference(&schema_name(word).replace("Event", "Data")),
    }))
}

/// The schema of a call's data in events, which have less than the record in one way, and more in another.
fn told_of_a_call(call: &Value, lead: &Value) -> Value {
    json!({
        "call_id": call["id"], "caller_phone": call["caller_phone"], "caller_name": call["caller_name"],
        "caller_email": lead["caller_email"], "duration_seconds": call["duration_seconds"],
        "summary": call["summary"], "intent": {"type": ["string", "null"]}, "urgency": lead["urgency"],
        "recording_url": call["recording_url"], "started_at": call["started_at"], "ended_at": call["ended_at"],
    })
}

fn renamed(properties: &Value, names: &[(&str, &str)]) -> Value {
    let new = |name: &String| {
        names.iter().find(|(old, _)| old == name).map_or(name.clone(), |(_, new)| (*new).to_owned())
    };
    properties.as_object().into_iter().flatten().map(|(name, schema)| (new(name), schema.clone())).collect()
}

fn headers() -> Vec<Value> {
    let text = || json!({"type": "string"});
    let seconds = || json!({"type": "integer"});
    let uuid = || json!({"type": "string", "format": "uuid"});
    let events = json!({"type": "string", "enum": EventType::VALUES});
    let signature = json!({"type": "string", "pattern": "^sha256=[0-9a-f]{64}$"});
    let header = |(name, required, schema): (&str, bool, Value)| json!({"name": name, "in": "header", "required": required, "schema": schema});
    let all = [
        (webhooks::EVENT, true, events),
        (webhooks::DELIVERY_ID, true, uuid()),
        (webhooks::TIMESTAMP, true, seconds()),
        (webhooks::SIGNATURE, true, signature),
        (webhooks::TEST, false, json!({"const": "true"})),
        ("User-Agent", true, json!({"const": webhooks::USER_AGENT})),
        (webhooks::STANDARD_ID, true, uuid()),
        (webhooks::STANDARD_TIMESTAMP, true, seconds()),
        (webhooks::STANDARD_SIGNATURE, true, text()),
    ];
    all.map(header).into()
}

fn example(word: &str) -> Value {
    let event = serde_json::from_value::<EventType>(json!(word));
    let data = event.ok().and_then(|event| serde_json::from_str::<Value>(sample(event).get()).ok());
    json!({
        "event": word,
        "timestamp": "2026-02-24T21:00:00.000Z",
        "organization_id": "8f3d0324-ac89-48ba-bffd-aac009b8c000",
        "delivery_id": "0b234231-8ab7-580d-b4f4-d50dd28535ce",
        "data": data,
    })
}
