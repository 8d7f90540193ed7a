//! Events, as endpoints are sent them.

use serde::Serialize;
use serde_json::{Value, value::RawValue};

use crate::{OrganizationId, RecordId, Timestamp, words};

words! {
    /// The type of an event.
    EventType {
        /// A call ended.
        CallCompleted = "call.completed",
        /// The assistant handed a call to a person.
        CallTransferred = "call.transferred",
        /// An appointment was booked.
        AppointmentBooked = "appointment.booked",
        /// A lead came out of a call.
        LeadCreated = "lead.created",
        /// An endpoint was disabled, since it had failed for too long or said that it is gone.
        WebhookDisabled = "webhook.disabled",
    }
}

/// A published event.
#[derive(Clone, Debug)]
pub struct Event {
    /// The id, which is derived from what happened: publishing it again makes the same one.
    pub id: RecordId,
    /// The event's type.
    pub event: EventType,
    /// The organization that the event belongs to.
    pub organization_id: OrganizationId,
    /// The time of publication.
    pub created_at: Timestamp,
    /// The `data` of the body: the record as it was then.
    pub data: Box<RawValue>,
}

#[derive(Serialize)]
struct Body<'a> {
    event: EventType,
    timestamp: String,
    organization_id: OrganizationId,
    delivery_id: RecordId,
    data: &'a RawValue,
}

impl Event {
    /// The id of the event's delivery to an endpoint, whether or not there is one.
    #[must_use]
    pub fn delivery_id(&self, webhook: RecordId) -> RecordId {
        self.id.derived(&webhook.to_string())
    }

    /// Whether the event is the end of this endpoint, which only other endpoints are sent.
    #[must_use]
    pub fn is_about(&self, webhook: RecordId) -> bool {
        self.event == EventType::WebhookDisabled
            && serde_json::from_str::<Value>(self.data.get())
                .is_ok_and(|data| data["webhook_id"] == webhook.to_string())
    }

    /// The exact body of a delivery.
    #[must_use]
    pub fn body(&self, delivery_id: RecordId) -> String {
        let body = Body {
            event: self.event,
            timestamp: self.created_at.fixed_width(),
            organization_id: self.organization_id,
            delivery_id,
            data: &self.data,
        };
        // A struct of strings around JSON always has a JSON form.
        serde_json::to_string(&body).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_the_documented_form_and_each_endpoint_its_own_delivery() {
        let (webhook, other) = (RecordId::from_u128(2), RecordId::from_u128(3));
        let event = Event {
            id: RecordId::from_u128(1).derived("call.completed"),
            event: EventType::CallCompleted,
            organization_id: OrganizationId::from_u128(7),
            created_at: Timestamp::parse("2026-02-24T21:00:00Z").expect("a time"),
            data: RawValue::from_string(r#"{"call_id": "x"}"#.to_owned()).expect("JSON"),
        };
        let delivery = event.delivery_id(webhook);
        assert_eq!(delivery, event.clone().delivery_id(webhook));
        assert_ne!(delivery, event.delivery_id(other));
        let expected = format!(
            "{{\"event\":\"call.completed\",\"timestamp\":\"2026-02-24T21:00:00.000Z\",\
             \"organization_id\":\"00000000-0000-0000-0000-000000000007\",\"delivery_id\":\"{delivery}\",\
             \"data\":{{\"call_id\": \"x\"}}}}"
        );
        assert_eq!(event.body(delivery), expected);
    }

    #[test]
    fn that_an_endpoint_was_disabled_is_about_that_endpoint_alone() {
        let (webhook, other) = (RecordId::from_u128(2), RecordId::from_u128(3));
        let of = |event| Event {
            id: RecordId::from_u128(1),
            event,
            organization_id: OrganizationId::from_u128(7),
            created_at: Timestamp::parse("2026-02-24T21:00:00Z").expect("a time"),
            data: RawValue::from_string(format!("{{\"webhook_id\":\"{webhook}\"}}")).expect("JSON"),
        };
        assert!(of(EventType::WebhookDisabled).is_about(webhook));
        assert!(!of(EventType::WebhookDisabled).is_about(other));
        assert!(!of(EventType::CallCompleted).is_about(webhook));
    }
}
