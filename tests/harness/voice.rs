//! Voice events, as the pipeline sends them, and the function that takes them.

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use domain::{OrganizationId, RecordId, ingest::Body};
use ingest::{Ingest, Parking};
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

/// The function over a store, with SQS and S3 at `endpoint`.
#[must_use]
pub fn ingest(store: &Store, endpoint: &str, max_receives: u32) -> Ingest {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let objects = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials.clone())
        .http_client(dynamodb::aws::http_client())
        .retry_config(RetryConfig::disabled())
        .force_path_style(true)
        .endpoint_url(endpoint);
    let queues = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials)
        .http_client(dynamodb::aws::http_client())
        .retry_config(RetryConfig::disabled())
        .endpoint_url(endpoint);
    let queue_url = format!("{endpoint}/000000000000/Test-events-dead-letters");
    let parking = Parking::new(aws_sdk_sqs::Client::from_conf(queues.build()), &queue_url, max_receives);
    Ingest::new(store.clone(), aws_sdk_s3::Client::from_conf(objects.build()), parking)
}
