//! Tests of which changes of a record make which events.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::fields;

const ID: &str = "3f1c7a52-9d0b-4b86-8a51-6f0d2f0e7c11";

/// The names of the events of a change, with their data.
fn events_of(table: &str, before: Option<&Value>, after: &Value) -> Vec<(EventType, Value)> {
    let read = |data: &RawValue| serde_json::from_str(data.get()).expect("JSON");
    occurrences(table, before, after).iter().map(|happened| (happened.event, read(&happened.data))).collect()
}

fn occurrences(table: &str, before: Option<&Value>, after: &Value) -> Vec<Occurrence> {
    let before = before.map(|before| before.as_object().expect("an item"));
    let after = after.as_object().expect("an item");
    Change { table, before, after }.occurrences().expect("a record")
}

/// A call as voice events leave it: with its bookkeeping.
fn call(fields: Value) -> Value {
    with(
        json!({
            "organization_id": "8f3d0324-ac89-48ba-bffd-aac009b8c000", "id": ID, "revision": 3,
            "status": "in-progress", "created_at": "2026-02-24T20:59:00.000Z",
            "known_as_of": "2026-02-24T20:59:00.000Z e1", "known_earlier": {"status": "-"},
        }),
        fields,
    )
}

/// A record as an import leaves it: without the bookkeeping of voice events.
fn imported(mut record: Value) -> Value {
    let fields = record.as_object_mut().expect("an item");
    fields.retain(|name, _| name != REVISION && !name.starts_with("known_"));
    record
}

fn with(mut record: Value, fields: Value) -> Value {
    let all = record.as_object_mut().expect("an item");
    all.extend(fields.as_object().expect("fields").clone());
    record
}

fn status(status: &str) -> Value {
    call(json!({"status": status}))
}

#[test]
fn a_call_is_told_of_when_it_is_first_completed_or_first_handed_over() {
    use EventType::{CallCompleted as Completed, CallTransferred as Transferred};
    let rang = |at: &str| call(json!({"status": at, "transfer_status": "ringing"}));
    let [begun, handed, done, failed] = ["in-progress", "forwarding", "completed", "failed"].map(status);
    let summarised = call(json!({"status": "completed", "summary": "A quote.", "revision": 4}));
    let cases: [(Option<Value>, Value, &[EventType]); 17] = [
        (None, begun.clone(), &[]),
        (None, done.clone(), &[Completed]),
        (Some(begun.clone()), done.clone(), &[Completed]),
        (Some(handed.clone()), done.clone(), &[Completed]),
        (Some(failed.clone()), done.clone(), &[Completed]),
        (Some(done.clone()), done.clone(), &[]),
        (Some(done.clone()), summarised, &[]),
        (Some(done.clone()), begun.clone(), &[]),
        (Some(begun.clone()), failed, &[]),
        (None, handed.clone(), &[Transferred]),
        (Some(begun.clone()), handed.clone(), &[Transferred]),
        (Some(begun.clone()), rang("in-progress"), &[Transferred]),
        (Some(begun.clone()), rang("forwarding"), &[Transferred]),
        (Some(handed), rang("forwarding"), &[]),
        (Some(rang("in-progress")), rang("forwarding"), &[]),
        (Some(begun), rang("completed"), &[Transferred, Completed]),
        (None, rang("completed"), &[Transferred, Completed]),
    ];
    for (nth, (before, after, expected)) in cases.into_iter().enumerate() {
        let found: Vec<EventType> =
            events_of("Calls", before.as_ref(), &after).into_iter().map(|(event, _)| event).collect();
        assert_eq!(found, expected, "case {nth}");
    }
}

#[test]
fn what_was_imported_is_no_news_until_an_event_makes_some() {
    let lead = json!({"id": ID, "status": "new"});
    for (table, record) in [
        ("Calls", status("completed")),
        ("Calls", status("forwarding")),
        ("Leads", lead.clone()),
        ("Appointments", json!({"id": ID, "status": "booked"})),
    ] {
        let record = imported(record);
        assert!(events_of(table, None, &record).is_empty(), "{table}");
        assert!(events_of(table, Some(&imported(status("in-progress"))), &record).is_empty(), "{table}");
    }
    let (begun, done) = (imported(status("in-progress")), imported(status("completed")));
    assert_eq!(events_of("Calls", Some(&begun), &status("completed"))[0].0, EventType::CallCompleted);
    assert!(events_of("Calls", Some(&done), &status("completed")).is_empty());
    assert!(events_of("Leads", Some(&lead), &with(lead.clone(), json!({"revision": 1}))).is_empty());
}

#[test]
fn the_data_of_a_call_is_as_documented() {
    let known = call(json!({
        "status": "completed", "caller_phone": "+14155550101", "caller_name": "Dave",
        "caller_email": "dave@example.com", "duration_seconds": 55, "summary": "A quote.", "intent": "quote",
        "urgency": "high", "recording_url": "https://recordings.example.com/1.mp3", "transcript": "Hi.",
        "transfer_status": "completed", "assistant_id": ID, "contact_id": ID,
        "started_at": "2026-02-24T20:59:00.000Z", "ended_at": "2026-02-24T21:00:00.500Z",
    }));
    let [transferred, completed] = &occurrences("Calls", None, &known)[..] else { panic!("two events") };
    let documented = format!(
        r#"{{"call_id":"{ID}","caller_phone":"+14155550101","caller_name":"Dave","caller_email":"dave@example.com","duration_seconds":55,"summary":"A quote.","intent":"quote","urgency":"high","recording_url":"https://recordings.example.com/1.mp3","started_at":"2026-02-24T20:59:00Z","ended_at":"2026-02-24T21:00:00.500Z""#
    );
    assert_eq!(completed.data.get(), format!("{documented}}}"));
    assert_eq!(transferred.data.get(), format!(r#"{documented},"transfer_status":"completed"}}"#));

    let nulls = r#""caller_phone":null,"caller_name":null,"caller_email":null,"duration_seconds":null,"summary":null,"intent":null,"urgency":null,"recording_url":null,"started_at":null,"ended_at":null"#;
    let bare = occurrences("Calls", None, &status("completed"));
    assert_eq!(bare[0].data.get(), format!(r#"{{"call_id":"{ID}",{nulls}}}"#));
    let bare = occurrences("Calls", None, &status("forwarding"));
    assert_eq!(bare[0].data.get(), format!(r#"{{"call_id":"{ID}",{nulls},"transfer_status":null}}"#));
}

#[test]
fn a_lead_is_told_of_when_it_is_created_under_the_names_of_events() {
    let lead = json!({
        "organization_id": ID, "id": ID, "revision": 1, "known_as_of": "x", "status": "new",
        "caller_phone": "+14155550101", "interest": "brakes", "call_log_id": ID,
        "created_at": "2026-02-24T21:00:00.000Z", "updated_at": "2026-02-24T21:00:00.500Z",
    });
    let created = occurrences("Leads", None, &lead);
    let printed = with(lead.clone(), json!({"created_at": "2026-02-24T21:00:00Z"}));
    let name = |field| match field {
        "id" => "lead_id",
        "call_log_id" => "call_id",
        field => field,
    };
    let expected = fields::of::<Lead>().iter().map(|field| (name(field).to_owned(), printed[*field].clone()));
    let expected = Value::Object(expected.collect()).to_string();
    assert_eq!((created.len(), created[0].data.get()), (1, expected.as_str()));
    assert_eq!(created[0].event, EventType::LeadCreated);
    let contacted = with(lead.clone(), json!({"status": "contacted", "revision": 2}));
    assert!(occurrences("Leads", Some(&lead), &contacted).is_empty());
}

#[test]
fn an_appointment_is_told_of_when_it_first_stands() {
    let appointment = |status: &str| {
        json!({
            "organization_id": ID, "id": ID, "revision": 1, "status": status, "appointment_date": "2026-02-26",
            "appointment_time_start": "2026-02-26T15:00:00Z", "service_type": "Diagnosis", "call_log_id": ID,
            "contact_id": ID, "created_at": "2026-02-24T21:00:00.000Z", "updated_at": "2026-02-24T21:00:00Z",
        })
    };
    for (before, after, is_published) in [
        (None, "booked", true),
        (None, "confirmed", true),
        (None, "cancelled", false),
        (Some("cancelled"), "booked", true),
        (Some("booked"), "confirmed", false),
        (Some("booked"), "booked", false),
        (Some("confirmed"), "cancelled", false),
        (Some("no_show"), "completed", false),
    ] {
        let found = events_of("Appointments", before.map(appointment).as_ref(), &appointment(after));
        assert_eq!(found.len(), usize::from(is_published), "{before:?} {after}");
    }
    let booked = occurrences("Appointments", None, &appointment("confirmed"));
    let expected = format!(
        r#"{{"appointment_id":"{ID}","caller_phone":null,"caller_name":null,"appointment_date":"2026-02-26","appointment_time_start":"2026-02-26T15:00:00Z","appointment_time_end":null,"service_type":"Diagnosis","status":"confirmed","calendar_event_link":null,"call_id":"{ID}","contact_id":"{ID}","created_at":"2026-02-24T21:00:00Z","updated_at":"2026-02-24T21:00:00Z"}}"#
    );
    assert_eq!((booked[0].event, booked[0].data.get()), (EventType::AppointmentBooked, expected.as_str()));
}

fn webhook(status: &str, reason: Option<&str>, updated_at: &str) -> Value {
    let webhook = json!({
        "organization_id": ID, "id": ID, "url": "https://example.com/hook", "events": ["call.completed"],
        "status": status, "failing_since": "2026-02-19T21:00:00.000Z", "secrets": {"current": "none"},
        "created_at": "2026-02-01T00:00:00.000Z", "updated_at": updated_at,
    });
    reason.map_or(webhook.clone(), |reason| with(webhook, json!({"disabled_reason": reason})))
}

#[test]
fn an_endpoint_is_told_of_when_it_was_not_its_owner_who_disabled_it() {
    let at = "2026-02-24T21:00:00.000Z";
    let enabled = webhook("enabled", None, "2026-02-01T00:00:00.000Z");
    for (reason, is_published) in [("failing", true), ("gone", true), ("requested", false)] {
        let disabled = webhook("disabled", Some(reason), at);
        let found = events_of("Webhooks", Some(&enabled), &disabled);
        assert_eq!(found.len(), usize::from(is_published), "{reason}");
        assert!(events_of("Webhooks", Some(&disabled), &disabled).is_empty());
        assert!(events_of("Webhooks", Some(&disabled), &enabled).is_empty());
        if is_published {
            let expected = json!({
                "webhook_id": ID, "url": "https://example.com/hook", "reason": reason,
                "failing_since": "2026-02-19T21:00:00Z", "disabled_at": "2026-02-24T21:00:00Z",
            });
            assert_eq!(found, [(EventType::WebhookDisabled, expected)]);
        }
    }
    let id = |at| occurrences("Webhooks", Some(&enabled), &webhook("disabled", Some("gone"), at))[0].id;
    assert_eq!(id(at), id(at));
    assert_ne!(id(at), id("2026-03-24T21:00:00.000Z"), "it was enabled and disabled once more");
}

#[test]
fn other_tables_tell_nothing_and_a_record_that_is_none_is_refused() {
    assert!(events_of("Contacts", None, &status("completed")).is_empty());
    let broken = json!({"id": "7", "revision": 1, "status": "completed"});
    let fields = broken.as_object().expect("an item");
    for table in ["Calls", "Leads"] {
        assert!(Change { table, before: None, after: fields }.occurrences().is_err(), "{table}");
    }
}

proptest! {
    #[test]
    fn however_often_and_in_whatever_order_changes_are_seen_the_same_is_published(
        history in prop::collection::vec((0..5_usize, any::<bool>()), 1..8),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
    ) {
        let words = ["in-progress", "forwarding", "completed", "failed", "blocked"];
        let states: Vec<Value> = history
            .iter()
            .map(|(word, rang)| match rang {
                true => call(json!({"status": words[*word], "transfer_status": "ringing"})),
                false => status(words[*word]),
            })
            .collect();
        let change = |nth: usize| {
            occurrences("Calls", nth.checked_sub(1).map(|before| &states[before]), &states[nth])
        };
        let again = order.iter().map(|nth| nth.index(states.len()));
        let seen = again.chain((0..states.len()).rev()).flat_map(change);
        let ids: BTreeSet<RecordId> = seen.map(|happened| happened.id).collect();
        let call: RecordId = ID.parse().expect("an id");
        let mut expected = BTreeSet::new();
        if history.iter().any(|(word, rang)| words[*word] == "forwarding" || *rang) {
            expected.insert(call.derived("call.transferred"));
        }
        if history.iter().any(|(word, _)| words[*word] == "completed") {
            expected.insert(call.derived("call.completed"));
        }
        prop_assert_eq!(ids, expected);
    }
}
