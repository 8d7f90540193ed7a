//! Sample records as `import` takes them. Each is complete; a test changes what it is about.

use domain::{Language, RecordId, catalogue};
use serde_json::{Value, json};

/// When the records of [`record`] were created.
const CREATED_AT: &str = "2026-02-24T20:59:00Z";

/// A record of a resource by its name; none of what is not imported.
#[must_use]
pub fn record(resource: &str) -> Option<Value> {
    match resource {
        "calls" => Some(call(CREATED_AT)),
        "contacts" => Some(contact("+14155551234", CREATED_AT)),
        "leads" => Some(lead(CREATED_AT)),
        "appointments" => Some(appointment(CREATED_AT)),
        other => catalogue::IMPORTED.iter().any(|resource| resource.name == other).then(|| example(other)),
    }
}

/// The record that the OpenAPI document shows in the resource's list, with an id and times of its own.
fn example(resource: &str) -> Value {
    let document = openapi::document(Language::English).expect("the document");
    let response = &document["paths"][format!("/v1/{resource}")]["get"]["responses"]["200"];
    let mut record = response["content"]["application/json"]["example"]["data"][0].clone();
    record["id"] = json!(RecordId::random());
    record["created_at"] = json!(CREATED_AT);
    record["updated_at"] = json!(CREATED_AT);
    record
}

/// A call at `created_at`.
#[must_use]
pub fn call(created_at: &str) -> Value {
    json!({
        "id": RecordId::random(), "caller_phone": "+1234567890", "caller_name": "Dave", "status": "completed",
        "duration_seconds": 55, "summary": "Called about auto repair...",
        "transcript": "Full conversation transcript...", "recording_url": "https://recordings.example.com/1.mp3",
        "transfer_status": null, "started_at": "2026-02-24T20:59:00Z", "ended_at": "2026-02-24T21:00:00Z",
        "assistant_id": RecordId::random(), "contact_id": RecordId::random(), "created_at": created_at,
    })
}

/// A message of a call.
#[must_use]
pub fn message(role: &str, content: &str) -> Value {
    json!({"role": role, "content": content, "timestamp": "2026-02-24T20:59:05Z"})
}

/// A contact with this phone.
#[must_use]
pub fn contact(phone: &str, created_at: &str) -> Value {
    json!({
        "id": RecordId::random(), "phone": phone, "name": "Maria Garcia", "email": "maria.garcia@gmail.com",
        "company": null, "source": "inbound_call", "total_calls": 5, "last_call_at": "2026-02-23T15:00:00Z",
        "notes": "Regular customer, Toyota Camry 2019", "created_at": created_at,
        "updated_at": "2026-02-23T15:00:00Z",
    })
}

/// A lead at `created_at`.
#[must_use]
pub fn lead(created_at: &str) -> Value {
    json!({
        "id": RecordId::random(), "caller_phone": "+1234567890", "caller_name": "Dave",
        "caller_email": "dave@example.com", "status": "new", "urgency": "medium", "interest": "auto body work",
        "qualification_reason": "pricing inquiry", "call_summary": "Called about getting a quote...",
        "call_log_id": RecordId::random(), "contact_id": RecordId::random(), "created_at": created_at,
        "updated_at": "2026-02-24T21:00:00Z",
    })
}

/// An appointment at `created_at`.
#[must_use]
pub fn appointment(created_at: &str) -> Value {
    json!({
        "id": RecordId::random(), "caller_phone": "+1234567890", "caller_name": "Sarah",
        "appointment_date": "2026-02-25", "appointment_time_start": "2026-02-25T11:00:00Z",
        "appointment_time_end": "2026-02-25T12:00:00Z", "service_type": "Auto Repair Appointment",
        "status": "booked", "calendar_event_link": "https://calendar.google.com/...",
        "call_log_id": RecordId::random(), "contact_id": RecordId::random(), "created_at": created_at,
        "updated_at": "2026-02-24T21:00:00Z",
    })
}

/// An import's line.
#[must_use]
pub fn line(resource: &str, record: &Value) -> String {
    json!({"resource": resource, "record": record}).to_string()
}

/// The values of these fields, as an array.
#[must_use]
pub fn fields<const N: usize>(record: &Value, names: [&str; N]) -> Value {
    names.iter().map(|name| record[*name].clone()).collect()
}
