//! Values of a voice event's fields: each test goes over all fields that the schema has.

use domain::{
    Timestamp,
    ingest::{Body, RejectionKind},
    schema::schema,
};
use serde_json::{Value, json};

use crate::{
    ingest::documented::{Validator, documented},
    ingest::page::fields_of_the_schema,
};

/// A field as the page calls it, as a JSON pointer.
fn pointer_to(field: &str) -> String {
    format!("/{}", field.replace("[]", ".0").replace('.', "/"))
}

fn with(event: &Value, field: &str, value: Value) -> Value {
    let pointer = pointer_to(field);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let mut event = event.clone();
    event.pointer_mut(parent).unwrap_or_else(|| panic!("an example with {parent}"))[name] = value;
    event
}

#[test]
fn blank_is_null_in_every_nullable_field_and_text_in_no_other() {
    let validator = Validator::new();
    let event = &documented()[1];
    let read = |event: &Value| {
        assert!(validator.verdict(event), "{event:#}");
        serde_json::to_value(Body::parse(&event.to_string()).unwrap()).unwrap()
    };
    let mut seen = 0;
    for (field, is_nullable) in fields_of_the_schema() {
        if !is_nullable {
            continue;
        }
        let nothing = read(&with(event, &field, Value::Null));
        for blank in ["", " ", "\t\r\n \u{a0}\u{2003}"] {
            assert_eq!(
                read(&with(event, &field, blank.into()))["call"],
                nothing["call"],
                "{field}: {blank:?}"
            );
            assert_eq!(
                read(&with(event, &field, blank.into()))["lead"],
                nothing["lead"],
                "{field}: {blank:?}"
            );
        }
        seen += 1;
    }
    assert!(seen > 25, "{seen}");
    let said = read(&with(event, "call.messages[].content", " ".into()));
    assert_eq!(said["call"]["messages"][0]["content"], " ");
    for (field, expected) in [
        ("event_id", "event_id: expected 1 to 64 visible ASCII characters"),
        ("occurred_at", "occurred_at: expected an RFC 3339 date and time such as 2026-02-24T20:59:00Z"),
        ("call.status", "call.status: unknown variant ``, expected one of `completed`"),
        ("appointment.date", "appointment.date: expected a date such as 2026-02-25"),
    ] {
        let refusal = Body::parse(&with(event, field, "".into()).to_string()).unwrap_err();
        assert!(refusal.message.starts_with(expected), "{refusal}");
    }
}

#[test]
fn every_whole_number_of_an_event_has_its_bounds_in_the_schema() {
    fn check(schema: &Value, at: &str, seen: &mut usize) {
        if let Some(fields) = schema.as_object() {
            let kinds = |kind: &Value| {
                kind == "integer" || kind.as_array().is_some_and(|it| it.contains(&json!("integer")))
            };
            if fields.get("type").is_some_and(kinds) && !fields.contains_key("const") {
                assert_eq!(
                    (&fields["minimum"], &fields["maximum"]),
                    (&json!(0), &json!(9_007_199_254_740_991_u64)),
                    "{at}"
                );
                *seen += 1;
            }
        }
        let inner = schema.as_object().into_iter().flatten();
        inner.for_each(|(name, schema)| check(schema, &format!("{at}/{name}"), seen));
        schema.as_array().into_iter().flatten().for_each(|schema| check(schema, at, seen));
    }
    let mut seen = 0;
    check(&schema(), "", &mut seen);
    assert_eq!(seen, 1);
}

/// Each field of an event that holds a time, as the page calls it.
fn times_of_the_schema() -> Vec<String> {
    let validator = Validator::new();
    let full = &documented()[1];
    let is_time = |field: &String| {
        let takes = |value: &str| validator.takes(&with(full, field, value.into()));
        takes("2026-02-24T20:59:00Z") && !takes("x")
    };
    let of_a_call = |field: &String| !field.contains("change.") && !field.starts_with("s3.");
    fields_of_the_schema().into_keys().filter(of_a_call).filter(is_time).collect()
}

#[test]
fn every_time_of_an_event_is_refused_far_ahead_of_the_clock_but_those_that_may_be() {
    let may_be_ahead = ["appointment.start", "appointment.end", "call.messages[].timestamp"];
    let now = Timestamp::parse("2026-03-01T18:00:00Z").unwrap();
    let (taken, refused) = ("2026-03-02T18:00:00Z", "2026-03-02T18:00:00.001Z");
    let id = "48e27c75-c142-49a4-8bd4-ea73c8ddbfa7";
    let head =
        json!({"version": 1, "event_id": "a", "organization_id": id, "occurred_at": "2026-03-01T18:00:00Z"});
    let with_part = |part: &str, value: Value| with(&head, part, value);
    let message = json!([{"role": "user", "content": "Hi"}]);
    let mut call = with_part("call", json!({"id": id, "status": "completed", "messages": message}));
    call["appointment"] = json!({"date": "2026-03-02"});
    let times = times_of_the_schema();
    assert!(times.len() >= 6, "{times:?}");
    let check = |event: &Value| Body::parse(&event.to_string()).unwrap().check_clock(now);
    for field in &times {
        assert_eq!(check(&with(&call, field, taken.into())), Ok(()), "{field}");
        let refusal = check(&with(&call, field, refused.into())).err();
        assert_eq!(refusal.is_none(), may_be_ahead.contains(&field.as_str()), "{field}");
        if let Some(refusal) = refusal {
            assert_eq!(refusal.kind, RejectionKind::InTheFuture);
            assert!(refusal.message.starts_with(&format!("{field}: {refused} is more than")), "{refusal}");
        }
    }
    for (part, status) in [("lead", "lost"), ("appointment", "cancelled")] {
        let event = with_part(part, json!({"id": id, "status": status}));
        assert_eq!(check(&with(&event, "occurred_at", taken.into())), Ok(()));
        let refusal = check(&with(&event, "occurred_at", refused.into())).unwrap_err();
        assert_eq!(refusal.kind, RejectionKind::InTheFuture);
    }
}

#[test]
fn an_appointment_that_ends_before_it_begins_is_refused_and_one_that_ends_as_it_begins_is_not() {
    let event = with(&documented()[1], "appointment.start", "2026-02-24T20:59:00Z".into());
    let ends = |at: &str| Body::parse(&with(&event, "appointment.end", at.into()).to_string()).err();
    assert_eq!(ends("2026-02-24T20:59:00Z"), None);
    let refusal = ends("2026-02-24T20:58:59.999Z").unwrap();
    assert_eq!(refusal.kind, RejectionKind::InvalidEvent);
    assert_eq!(
        refusal.message,
        "appointment.end: 2026-02-24T20:58:59.999Z is before appointment.start, 2026-02-24T20:59:00Z"
    );
}

#[test]
fn a_call_is_not_lost_to_two_clocks_that_differ() {
    let event = with(&documented()[1], "call.started_at", "2026-02-24T20:59:00Z".into());
    let event = with(&event, "call.ended_at", "2026-02-24T20:58:59.999Z".into());
    assert_eq!(Body::parse(&event.to_string()).err(), None);
}
