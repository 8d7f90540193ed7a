//! No field is lost on its way: each field of an event reaches a record, and each field of a record has a source.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::{
    Appointment, Call, Contact, Lead, Timestamp, fields,
    webhooks::{Change, EventType, sample},
};

const ID: &str = "48e27c75-c142-49a4-8bd4-ea73c8ddbfa7";

/// An event with every field that one may have.
fn event(nth: u32) -> Value {
    let text = |field: &str| format!("{field} {nth}");
    let time = |hour: u32| format!("2026-02-{:02}T{hour:02}:00:00Z", 10 + nth);
    let word = |words: &[&str]| words[nth as usize % words.len()].to_owned();
    let lead = fields::of::<LeadSnapshot>().iter().map(|field| {
        let value = match *field {
            "urgency" => word(&["low", "high"]),
            "status" => word(&["new", "lost"]),
            field => text(field),
        };
        ((*field).to_owned(), value)
    });
    let lead: BTreeMap<String, String> = lead.collect();
    json!({
        "version": 1, "event_id": format!("e{nth}"), "organization_id": ID, "occurred_at": time(20),
        "call": {
            "id": ID, "caller_phone": format!("+1415555010{nth}"), "caller_name": text("name"),
            "caller_email": format!("caller{nth}@example.com"), "status": word(&["completed", "failed"]),
            "duration_seconds": nth, "summary": text("summary"), "transcript": text("transcript"),
            "messages": [{"role": "user", "content": text("content"), "timestamp": time(18)}],
            "recording_url": text("recording"), "transfer_status": text("transfer"),
            "assistant_id": format!("48e27c75-c142-49a4-8bd4-ea73c8ddbfa{nth}"), "intent": text("intent"),
            "urgency": word(&["low", "high"]), "started_at": time(18), "ended_at": time(19),
        },
        "lead": lead,
        "appointment": {
            "service_type": text("service"), "date": format!("2026-03-{:02}", 10 + nth), "start": time(8),
            "end": time(9), "calendar_event_link": text("link"), "status": word(&["booked", "confirmed"]),
        },
    })
}

fn now() -> Timestamp {
    Timestamp::parse("2026-03-01T18:00:00Z").expect("a time")
}

fn apply(events: &[&Value]) -> Records {
    events.iter().fold(Records::default(), |records, event| match Body::parse(&event.to_string()) {
        Ok(Body::Call(event)) => event.apply(&records, now()),
        other => panic!("{other:?}"),
    })
}

/// The parts of an event, what they are made of, and where each of their fields is stored.
fn parts(records: &Records) -> [(&'static str, &'static [&'static str], Fields); 3] {
    let record = |record: &Option<Fields>| record.clone().expect("a record");
    [
        ("call", fields::of::<CallSnapshot>(), record(&records.call)),
        ("lead", fields::of::<LeadSnapshot>(), record(&records.lead)),
        ("appointment", fields::of::<AppointmentSnapshot>(), record(&records.appointment)),
    ]
}

#[test]
fn every_field_of_an_event_reaches_its_record_and_the_newest_event_counts_for_each() {
    let (older, newer) = (event(0), event(1));
    for events in [[&older, &newer], [&newer, &older]] {
        for (part, fields, record) in parts(&apply(&events)) {
            assert!(!fields.is_empty(), "{part}");
            for field in fields {
                let sent = &newer[part][*field];
                assert!(!sent.is_null(), "{part}.{field} is missing in the event of this test");
                let stored = record.get(lead_and_appointment::stored_name(field));
                match (part, *field) {
                    ("call", "messages") => {
                        let Ok(Body::Call(newer)) = Body::parse(&newer.to_string()) else {
                            panic!("{newer}")
                        };
                        let name = record.get(MESSAGES_VERSION).and_then(Value::as_str);
                        assert_eq!(name, newer.messages_version().as_deref());
                    }
                    _ => assert_eq!(stored, Some(sent), "{part}.{field} is lost"),
                }
            }
        }
    }
}

#[test]
fn every_field_of_a_record_is_told_by_an_event_or_is_a_persons_to_write() {
    let records = apply(&[&event(0), &event(1)]);
    let contact = records.contacts.last().cloned().expect("a contact");
    let [(_, _, call), (_, _, lead), (_, _, appointment)] = parts(&records);
    for (name, fields, record) in [
        ("call", fields::of::<Call>(), call),
        ("contact", fields::of::<Contact>(), contact),
        ("lead", fields::of::<Lead>(), lead),
        ("appointment", fields::of::<Appointment>(), appointment),
    ] {
        for field in fields.iter().filter(|field| !["company", "notes"].contains(field)) {
            assert!(record.get(*field).is_some_and(|value| !value.is_null()), "{name}.{field} has no source");
        }
    }
}

#[test]
fn every_field_of_a_call_is_told_to_receivers_or_known_not_to_be() {
    let not_in_events = [
        "id",
        "status",
        "transcript",
        "messages",
        "transfer_status",
        "assistant_id",
        "contact_id",
        "created_at",
    ];
    let sample: Value = serde_json::from_str(sample(EventType::CallCompleted).get()).expect("JSON");
    for field in fields::of::<Call>().iter().chain(fields::of::<CallSnapshot>()) {
        assert!(sample.get(*field).is_some() != not_in_events.contains(field), "{field}");
    }
}

#[test]
fn a_made_up_event_has_the_fields_of_a_real_one() {
    let records = apply(&[&event(0)]);
    let [(_, _, call), (_, _, lead), (_, _, appointment)] = parts(&records);
    let mut seen = Vec::new();
    for (table, mut record) in [("Calls", call), ("Leads", lead), ("Appointments", appointment)] {
        record.insert(REVISION.to_owned(), 1.into());
        let change = Change { table, before: None, after: &record };
        for happened in change.occurrences().expect("a record") {
            let names = |json: &str| -> Vec<String> {
                serde_json::from_str::<Fields>(json).expect("JSON").keys().cloned().collect()
            };
            let made_up = names(sample(happened.event).get());
            assert_eq!(made_up, names(happened.data.get()), "{}", happened.event.as_str());
            seen.push(happened.event.as_str());
        }
    }
    let ours = EventType::WebhookDisabled.as_str();
    assert_eq!(seen.len(), EventType::VALUES.iter().filter(|word| **word != ours).count(), "{seen:?}");
}

#[test]
fn a_count_of_calls_stays_a_number_that_can_be_read() {
    let most = crate::WholeNumber::MAX;
    let contact = json!({"id": ID, "phone": "+14155550100", "source": "api", "total_calls": most});
    let before =
        Records { contacts: vec![contact.as_object().expect("fields").clone()], ..Records::default() };
    let Ok(Body::Call(event)) = Body::parse(&event(0).to_string()) else { panic!("no event") };
    assert_eq!(event.apply(&before, now()).contacts[0]["total_calls"], most);
}
