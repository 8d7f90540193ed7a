//! Voice events, as the pipeline sends them.

use domain::{OrganizationId, RecordId, ingest::Body};
use serde_json::{Value, json};

/// A call's event, with the least that one may have; a test adds what it is about.
#[must_use]
pub fn call_event(organization: OrganizationId, call: RecordId, occurred_at: &str) -> Value {
    json!({
        "version": 1, "event_id": RecordId::random(), "organization_id": organization, "occurred_at": occurred_at,
        "call": {"id": call, "caller_phone": "+14155550101", "status": "in-progress"},
    })
}

/// A change of status by a person; `kind` is `lead` or `appointment`.
#[must_use]
pub fn status_event(
    organization: OrganizationId,
    kind: &str,
    id: RecordId,
    status: &str,
    occurred_at: &str,
) -> Value {
    let mut event = json!({
        "version": 1, "event_id": RecordId::random(), "organization_id": organization, "occurred_at": occurred_at,
    });
    event[kind] = json!({"id": id, "status": status});
    event
}

/// The event as the function reads it.
///
/// # Panics
/// When it is none.
#[must_use]
pub fn body(event: &Value) -> Body {
    Body::parse(&event.to_string()).expect("an event")
}
