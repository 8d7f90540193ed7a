//! Published events and the endpoints that want them.

use std::{sync::Arc, time::Duration};

use domain::{
    OrganizationId, RecordId, Timestamp,
    ingest::Body,
    webhooks::{EventType, Webhook},
};
use harness::{endpoint, sample_event};
use serde_json::json;
use store::Store;

/// Makes endpoints that want these events, and events, each at a moment of its own before `now`; returns
/// the endpoints.
pub(crate) async fn publish_events(
    store: &Store,
    organization: OrganizationId,
    wanted: &[EventType],
    now: Timestamp,
) -> Vec<Webhook> {
    let mut webhooks = Vec::new();
    for nth in (1..=3).rev() {
        let at = now.minus(Duration::from_secs(nth));
        let store = store.clone().with_clock(Arc::new(move || at));
        webhooks.push(endpoint(&store, organization, wanted).await);
    }
    for (nth, event) in
        (1..).zip([EventType::LeadCreated, EventType::CallCompleted, EventType::AppointmentBooked])
    {
        let event = sample_event(organization, event, now.minus(Duration::from_secs(nth)));
        assert!(store.publish(&event, &webhooks).await.unwrap());
    }
    webhooks
}

/// Makes the records of a call that booked nothing and became a lead, of which no event was published.
pub(crate) async fn unpublished_call(store: &Store, organization: OrganizationId, at: Timestamp) {
    let call = RecordId::random();
    let event = json!({
        "version": 1, "event_id": call, "organization_id": organization, "occurred_at": at,
        "call": {"id": call, "caller_phone": "+14155550101", "status": "completed", "started_at": at, "ended_at": at},
        "lead": {"interest": "brakes"},
    });
    let store = store.clone().with_clock(Arc::new(move || at));
    assert!(store.apply(&Body::parse(&event.to_string()).unwrap()).await.is_ok());
}
