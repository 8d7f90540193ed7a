//! The data of test events.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{EventType, change::data};
use crate::{Appointment, Lead};

const CALL: &str = r#"{"call_id":"3f1c7a52-9d0b-4b86-8a51-6f0d2f0e7c11","caller_phone":"+12015550123","caller_name":"Dave","caller_email":"dave@example.com","duration_seconds":55,"summary":"A made-up call: Dave would like his brakes looked at.","intent":"book appointment","urgency":"medium","recording_url":null,"started_at":"2026-02-24T20:59:00Z","ended_at":"2026-02-24T21:00:00Z""#;
const APPOINTMENT: &str = r#"{"id":"5b0e3d94-2f6a-4c1f-9a37-0f4f5a1f8c22","caller_phone":"+12015550123","caller_name":"Dave","appointment_date":"2026-02-25","appointment_time_start":"2026-02-25T11:00:00Z","appointment_time_end":"2026-02-25T12:00:00Z","service_type":"Brake inspection (made up)","status":"booked","calendar_event_link":null,"call_log_id":"3f1c7a52-9d0b-4b86-8a51-6f0d2f0e7c11","contact_id":null,"created_at":"2026-02-24T21:00:00Z","updated_at":"2026-02-24T21:00:00Z"}"#;
const LEAD: &str = r#"{"id":"8c41f2a6-7e35-4f0c-b1d8-2a9c6e5d4b33","caller_phone":"+12015550123","caller_name":"Dave","caller_email":"dave@example.com","status":"new","urgency":"medium","interest":"brakes (made up)","qualification_reason":"asked for a price","call_summary":"A made-up call: Dave would like his brakes looked at.","call_log_id":"3f1c7a52-9d0b-4b86-8a51-6f0d2f0e7c11","contact_id":null,"created_at":"2026-02-24T21:00:00Z","updated_at":"2026-02-24T21:00:00Z"}"#;
const WEBHOOK: &str = r#"{"webhook_id":"d7a9e8b4-1c52-4e63-9f80-3b6d1a7c5e44","url":"https://example.com/made-up","reason":"failing","failing_since":"2026-02-19T21:00:00Z","disabled_at":"2026-02-24T21:00:00Z"}"#;

/// The `data` of a test event, with every field that a real one has.
#[must_use]
pub fn sample(event: EventType) -> Box<RawValue> {
    let json = match event {
        EventType::CallCompleted => format!("{CALL}}}"),
        EventType::CallTransferred => format!("{CALL},\"transfer_status\":\"completed\"}}"),
        EventType::AppointmentBooked => data_of::<Appointment>(APPOINTMENT, "appointment_id"),
        EventType::LeadCreated => data_of::<Lead>(LEAD, "lead_id"),
        EventType::WebhookDisabled => WEBHOOK.to_owned(),
    };
    #[expect(clippy::expect_used, reason = "each is JSON, as the test below finds")]
    RawValue::from_string(json).expect("JSON")
}

/// The `data` of an event about a record, with every field of the record.
#[expect(clippy::expect_used, reason = "each is a record, as the test below finds")]
fn data_of<T: Serialize + DeserializeOwned>(stored: &str, id: &str) -> String {
    let stored = serde_json::from_str(stored).expect("JSON");
    let data = data::<T>(&stored, id).expect("a record");
    serde_json::to_string(&data).expect("JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_sample() {
        for word in EventType::VALUES {
            let event = serde_json::from_value((*word).into()).expect("an event");
            let data: serde_json::Value = serde_json::from_str(sample(event).get()).expect("JSON");
            let name = word.split('.').next().unwrap_or_default();
            assert!(data[format!("{name}_id")].is_string(), "{data}");
        }
    }
}
