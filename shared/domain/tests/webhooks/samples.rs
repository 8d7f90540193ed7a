//! The published bodies, held against what the service makes of such records.

use domain::{
    RecordId, Timestamp, catalogue,
    ingest::{Fields, REVISION},
    webhooks::{Change, DisabledReason, Event, EventType, WebhookStatus},
};
use serde_json::{Value, json};

use crate::Case;

/// The endpoint that the published deliveries go to, and another one of the same organization.
const WEBHOOK: &str = "0e3a4c55-9d0b-4a55-8a53-6b1b0c3f7d21";
const ANOTHER: &str = "2f1c9d7e-6a0b-4f58-9f43-8f0e5b7c1a90";

/// A stored record of which an event's data differ in these fields.
fn stored(data: &Fields, renamed: &[(&str, &str)], further: Value) -> Fields {
    let stored_name = |told: &str| {
        renamed.iter().find(|(name, _)| *name == told).map_or(told, |(_, name)| *name).to_owned()
    };
    let mut fields: Fields = data.iter().map(|(name, value)| (stored_name(name), value.clone())).collect();
    fields.extend(further.as_object().cloned().unwrap_or_default());
    fields.insert(REVISION.to_owned(), 1.into());
    fields
}

fn body_of(event: EventType, table: &str, after: &Fields, published: &Value, webhook: &str) -> String {
    let happened = Change { table, before: None, after }.occurrences().expect("a record");
    let one = happened.into_iter().find(|one| one.event == event).expect("this event");
    // What was published stays as it is: fields that came later are null in such a record.
    let mut data: Fields = serde_json::from_str(one.data.get()).expect("an object");
    data.retain(|name, value| !value.is_null() || published["data"].get(name).is_some());
    let event = Event {
        id: one.id,
        event,
        organization_id: serde_json::from_value(published["organization_id"].clone()).expect("an id"),
        created_at: published["timestamp"].as_str().and_then(Timestamp::parse).expect("a time"),
        data: serde_json::value::to_raw_value(&data).expect("JSON"),
    };
    let webhook: RecordId = webhook.parse().expect("an id");
    event.body(event.delivery_id(webhook))
}

#[test]
fn the_published_bodies_are_what_the_service_makes_of_such_records() {
    for word in EventType::VALUES {
        let case = Case::named(word);
        let published: Value = serde_json::from_str(&case.body).expect("JSON");
        let data = published["data"].as_object().expect("an object");
        let event: EventType = serde_json::from_value(published["event"].clone()).expect("an event");
        let (table, after, webhook) = match event {
            EventType::CallCompleted => {
                let further = json!({"status": "completed", "created_at": "2026-01-07T09:00:00.000Z"});
                let call = stored(data, &[("call_id", "id")], further);
                (catalogue::CALLS.table, call, WEBHOOK)
            }
            EventType::CallTransferred => {
                let further = json!({"status": "forwarding", "created_at": "2026-01-07T09:00:00.000Z"});
                let call = stored(data, &[("call_id", "id")], further);
                (catalogue::CALLS.table, call, WEBHOOK)
            }
            EventType::AppointmentBooked => {
                let names = [("appointment_id", "id"), ("call_id", "call_log_id")];
                (catalogue::APPOINTMENTS.table, stored(data, &names, json!({})), WEBHOOK)
            }
            EventType::LeadCreated => {
                let names = [("lead_id", "id"), ("call_id", "call_log_id")];
                (catalogue::LEADS.table, stored(data, &names, json!({})), WEBHOOK)
            }
            EventType::WebhookDisabled => {
                let names =
                    [("webhook_id", "id"), ("reason", "disabled_reason"), ("disabled_at", "updated_at")];
                let further = json!({
                    "status": WebhookStatus::Disabled, "disabled_reason": DisabledReason::Failing, "description": null,
                    "events": ["call.completed"], "created_at": "2026-01-07T09:00:00.000Z",
                });
                (catalogue::WEBHOOKS.table, stored(data, &names, further), ANOTHER)
            }
        };
        assert_eq!(body_of(event, table, &after, &published, webhook), case.body, "{word}");
        assert_eq!(published["delivery_id"], case.header("webhook-id"), "{word}");
        assert_eq!(published["event"], case.header("X-InboundFlow-Event"), "{word}");
    }
}
