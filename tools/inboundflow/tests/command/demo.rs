//! `demo --events`: the voice events of the days whose records `demo` prints.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use domain::{OrganizationId, RecordId, Timestamp, ingest::Body};
use local::demo;
use serde_json::{Map, Value, json};

use crate::{out, run};

const CALLS: u32 = 300;

fn until() -> Timestamp {
    Timestamp::parse("2026-03-01T18:00:00Z").unwrap()
}

fn events() -> Vec<Value> {
    let organization = Some(OrganizationId::from_u128(7));
    demo::events(CALLS, 7, until(), organization).map(|line| serde_json::from_str(&line).unwrap()).collect()
}

fn records(resource: &str) -> Vec<Value> {
    let lines =
        demo::lines(CALLS, 7, until(), None).map(|line| serde_json::from_str::<Value>(&line).unwrap());
    lines.filter(|line| line["resource"] == resource).map(|line| line["record"].clone()).collect()
}

fn time(field: &Value) -> Timestamp {
    Timestamp::parse(field.as_str().unwrap()).unwrap()
}

/// The id of what came out of a record's call.
fn derived(record: &Value, what: &str) -> String {
    record["call_log_id"].as_str().unwrap().parse::<RecordId>().unwrap().derived(what).to_string()
}

#[test]
fn every_line_is_an_event_that_the_queue_takes() {
    let organization = Some(OrganizationId::from_u128(7));
    let mut kinds = HashSet::new();
    let mut ids = HashSet::new();
    for line in demo::events(CALLS, 7, until(), organization) {
        let (kind, event_id) = match Body::parse(&line).unwrap() {
            Body::Call(event) => ("call", event.event_id),
            Body::Lead(event) => ("lead", event.event_id),
            Body::Appointment(event) => ("appointment", event.event_id),
            Body::Pointer(_) => panic!("{line}"),
        };
        kinds.insert(kind);
        assert!(ids.insert(event_id.to_string()), "two events are called {event_id}");
    }
    assert_eq!(kinds.len(), 3);
}

#[test]
fn the_same_seed_gives_the_same_events_in_the_order_of_their_time() {
    let arguments = ["demo", "--events", "--calls", "300", "--seed", "7"];
    let text = out(&run(&arguments));
    assert_eq!(text, out(&run(&arguments)));
    assert_ne!(text, out(&run(&["demo", "--events", "--calls", "300", "--seed", "8"])));
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|event| event.get("organization_id").is_none()), "none was named");
    assert!(lines.is_sorted_by_key(|event| time(&event["occurred_at"])));
    assert!(lines.iter().all(|event| time(&event["occurred_at"]) < until()));
    let name = "8f3d0324-ac89-48ba-bffd-aac009b8c000";
    let named = out(&run(&[&arguments[..], &["--organization", name]].concat()));
    let mut named: Vec<Value> = named.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for event in &mut named {
        assert_eq!(event.as_object_mut().unwrap().shift_remove("organization_id"), Some(json!(name)));
    }
    assert_eq!(named, lines, "the rest is the same");
}

#[test]
fn what_is_known_of_a_call_in_the_end_is_its_record() {
    let mut known: HashMap<String, Map<String, Value>> = HashMap::new();
    for event in events() {
        let Some(call) = event["call"].as_object() else { continue };
        known.entry(call["id"].as_str().unwrap().to_owned()).or_default().extend(call.clone());
    }
    let records = records("calls");
    assert_eq!((known.len(), records.len()), (300, 300));
    let mut statuses = HashSet::new();
    for record in records {
        let call = &known[record["id"].as_str().unwrap()];
        statuses.insert(call["status"].to_string());
        for (name, value) in record.as_object().unwrap() {
            let made_by_the_service = name == "contact_id" || name == "created_at";
            if !made_by_the_service && !value.is_null() && name != "messages" {
                assert_eq!(call.get(name), Some(value), "{name} of {}", record["id"]);
            }
        }
    }
    assert_eq!(statuses.len(), 5, "every status");
}

#[test]
fn a_change_of_status_is_about_what_an_earlier_call_made() {
    let mut made: HashMap<String, Vec<Value>> = HashMap::new();
    let events = events();
    for event in &events {
        for what in ["lead", "appointment"] {
            let part = &event[what];
            if event["call"].is_object() && part.is_object() {
                let call: RecordId = event["call"]["id"].as_str().unwrap().parse().unwrap();
                assert!(made.insert(call.derived(what).to_string(), Vec::new()).is_none(), "made once");
            } else if part.is_object() {
                let changes = made.get_mut(part["id"].as_str().unwrap());
                changes.expect("made before").push(part["status"].clone());
            }
        }
    }
    let (leads, appointments) = (records("leads"), records("appointments"));
    assert_eq!(made.len(), leads.len() + appointments.len());
    let mut settled = HashSet::new();
    for (what, first, records) in [("lead", "new", leads), ("appointment", "booked", appointments)] {
        for record in records {
            let a_day_later = time(&record["created_at"]).plus(Duration::from_secs(24 * 60 * 60));
            let takes_place = record["status"] == "completed" || record["status"] == "no_show";
            if a_day_later >= until() || takes_place && time(&record["appointment_time_end"]) >= until() {
                continue;
            }
            let changes = &made[&derived(&record, what)];
            assert_eq!(changes.last().unwrap_or(&json!(first)), &record["status"], "{what} {}", record["id"]);
            settled.insert(format!("{what} {}", record["status"]));
        }
    }
    assert_eq!(settled.len(), 10, "every status: {settled:?}");
}
