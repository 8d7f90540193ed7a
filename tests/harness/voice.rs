//! Voice events as the pipeline sends them, and the ingest function.

use aws_sdk_sqs::config::retry::RetryConfig;
use domain::{OrganizationId, RecordId, ingest::Body};
use ingest::{DeadLetters, Ingest, Objects};
use serde_json::{Value, json};
use store::Store;

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

/// The function `ingest` over a store, with SQS and S3 at `endpoint`.
#[must_use]
pub fn ingest(store: &Store, endpoint: &str, max_receives: u32) -> Ingest {
    let config = local::configuration(endpoint).into_builder().retry_config(RetryConfig::disabled()).build();
    let queue_url = format!("{endpoint}/000000000000/Test-events-dead-letters");
    let dead_letters = DeadLetters::new(aws_sdk_sqs::Client::new(&config), &queue_url);
    Ingest::new(store.clone(), Objects::new(config), dead_letters, max_receives)
}
