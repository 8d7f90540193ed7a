//! Something that happened, and endpoints that are told of it.

use std::{sync::Arc, time::Duration};

use domain::{
    OrganizationId, RecordId, Timestamp,
    webhooks::{Event, EventType, NewWebhook, Secret, Webhook, sample},
};
use store::Store;

/// Makes endpoints that want these events, and events, each at a moment of its own before `now`; returns
/// the endpoints.
pub(crate) async fn told(
    store: &Store,
    organization: OrganizationId,
    wanted: &[EventType],
    now: Timestamp,
) -> Vec<Webhook> {
    let mut webhooks = Vec::new();
    for nth in (1..=3).rev() {
        let at = now.minus(Duration::from_secs(nth));
        let new = NewWebhook {
            url: "https://hooks.example.com/in".to_owned(),
            description: None,
            events: wanted.to_vec(),
        };
        let secret = Secret::generate().unwrap();
        let items = store.clone().with_clock(Arc::new(move || at)).changes::<Webhook>(organization);
        webhooks.push(items.create(new, &secret).await.unwrap());
    }
    for (nth, event) in
        (1..).zip([EventType::LeadCreated, EventType::CallCompleted, EventType::AppointmentBooked])
    {
        let event = Event {
            id: RecordId::random(),
            event,
            organization_id: organization,
            created_at: now.minus(Duration::from_secs(nth)),
            data: sample(event),
        };
        assert!(store.publish(&event, &webhooks).await.unwrap());
    }
    webhooks
}
