//! The format of voice events: what the queue takes, what the schema says and what the documentation
//! says are one.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    OrganizationId, Timestamp,
    ingest::{Body, RejectionKind},
    schema::schema,
};
use harness::World;
use local::demo;
use serde_json::{Value, json};

use crate::ingest::documented::{Validator, docs, documented};

fn until() -> Timestamp {
    Timestamp::parse("2026-03-01T18:00:00Z").unwrap()
}

/// The events that the site's page shows by themselves; those in its commands are sent by its own test.
fn shown() -> Vec<Value> {
    let page = docs("site/en/ingest.md");
    let blocks = page.split("\n```json\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
    let values = blocks.filter_map(|block| serde_json::from_str(block).ok());
    values.filter(|value: &Value| value.get("event_id").is_some()).collect()
}

/// Every place in a value, as a JSON pointer.
fn places(value: &Value) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let below = inner
        .into_iter()
        .flat_map(|(name, value)| places(value).into_iter().map(move |place| format!("/{name}{place}")));
    std::iter::once(String::new()).chain(below).collect()
}

fn changed(event: &Value, place: &str, value: Value) -> Value {
    let mut event = event.clone();
    *event.pointer_mut(place).unwrap() = value;
    event
}

fn without(event: &Value, place: &str) -> Option<Value> {
    let (parent, name) = place.rsplit_once('/')?;
    let mut event = event.clone();
    event.pointer_mut(parent)?.as_object_mut()?.shift_remove(name)?;
    Some(event)
}

#[test]
fn the_schema_in_the_documentation_is_that_of_the_types() {
    let made = format!("{:#}\n", schema());
    assert!(
        docs("ingest.schema.json") == made,
        "make it anew: cargo run -- ingest --schema > docs/ingest.schema.json"
    );
}

#[test]
fn the_examples_of_documentation_and_schema_are_events() {
    let validator = Validator::new();
    let documented = documented();
    let in_schema = schema()["examples"].as_array().unwrap().clone();
    let shown = shown();
    assert_eq!(shown.len(), 1, "the change of a status");
    for event in documented.iter().chain(&in_schema).chain(&shown) {
        assert!(validator.verdict(event), "{event:#}");
    }
    let kind = |event: &Value| match Body::parse(&event.to_string()).unwrap() {
        Body::Call(_) => "call",
        Body::Lead(_) => "lead",
        Body::Appointment(_) => "appointment",
        Body::Pointer(_) => "pointer",
    };
    let kinds: BTreeSet<_> = documented.iter().map(kind).collect();
    assert_eq!(kinds.len(), 4, "an example of each kind: {kinds:?}");
}

#[test]
fn made_up_events_are_valid_by_the_schema() {
    let validator = Validator::new();
    for line in demo::events(100, 3, until(), Some(OrganizationId::random())) {
        assert!(validator.verdict(&serde_json::from_str(&line).unwrap()));
    }
}

#[test]
fn schema_and_parser_agree_about_every_field_that_is_null_missing_unknown_or_of_another_type() {
    let validator = Validator::new();
    let (mut taken, mut refused) = (0, 0);
    for event in documented() {
        for place in places(&event) {
            let mut others = vec![changed(&event, &place, Value::Null)];
            others.extend(without(&event, &place));
            for other in [json!({}), json!([]), json!([null]), json!(""), json!("x"), json!(-1), json!(true)]
            {
                others.push(changed(&event, &place, other));
            }
            if let Some(Value::String(text)) = event.pointer(&place) {
                others.push(changed(&event, &place, json!({text: null})));
            }
            if let Some(Value::Object(fields)) = event.pointer(&place) {
                others.push(changed(&event, &place, fields.values().cloned().collect()));
                for (name, value) in [("x", json!(1)), ("x", Value::Null), ("status", json!("done"))] {
                    let mut fields = fields.clone();
                    fields.insert(name.to_owned(), value);
                    others.push(changed(&event, &place, fields.into()));
                }
            }
            for other in others {
                let count = if validator.verdict(&other) { &mut taken } else { &mut refused };
                *count += 1;
            }
        }
    }
    assert!(taken > 50 && refused > 500, "{taken} taken, {refused} refused");
}

#[test]
fn schema_and_parser_agree_about_what_the_parts_of_an_event_are() {
    let validator = Validator::new();
    let [start, end, .., lead, appointment, pointer] = &documented()[..] else { panic!("more examples") };
    let with = |event: &Value, part: &str, value: Value| {
        let mut event = event.clone();
        event[part] = value;
        event
    };
    let nobody = json!({"version": 1, "event_id": "a", "organization_id": lead["organization_id"], "occurred_at": "2026-02-24T20:59:00Z"});
    for (event, expected) in [
        (with(lead, "call", Value::Null), true),
        (with(lead, "appointment", Value::Null), true),
        (with(appointment, "s3", Value::Null), true),
        (with(end, "s3", Value::Null), true),
        (with(pointer, "call", Value::Null), true),
        (with(lead, "appointment", appointment["appointment"].clone()), false),
        (with(start, "lead", lead["lead"].clone()), false),
        (with(lead, "lead", end["lead"].clone()), false),
        (with(pointer, "call", start["call"].clone()), false),
        (with(start, "lead", json!({})), true),
        (with(start, "appointment", json!({"date": "2026-02-25"})), true),
        (nobody, false),
        (json!({}), false),
        (json!([start]), false),
        (json!(null), false),
    ] {
        assert_eq!(validator.verdict(&event), expected, "{event:#}");
    }
}

#[test]
fn schema_and_parser_agree_about_what_a_field_may_be() {
    let validator = Validator::new();
    let event = &documented()[1];
    let (id, long_id) = ("a".repeat(64), "a".repeat(65));
    let long_phone = format!("+123{:60}4", "");
    for (place, good, bad) in [
        ("/version", json!([1, 1.0]), json!([0, 2, -1, "1", null])),
        ("/event_id", json!(["!~", id]), json!(["", "a b", "ü", "a\n", long_id])),
        (
            "/occurred_at",
            json!(["2026-02-24T20:59:00.123456+05:30", "2016-12-31T23:59:60Z"]),
            json!(["2026-02-24T20:59:00", "2026-02-24", "2026-02-30T20:59:00Z", 1_771_966_740]),
        ),
        (
            "/call/id",
            json!(["48E27C75-C142-49A4-8BD4-EA73C8DDBFA7"]),
            json!(["48e27c75c14249a48bd4ea73c8ddbfa7", "{48e27c75-c142-49a4-8bd4-ea73c8ddbfa7}"]),
        ),
        (
            "/call/caller_phone",
            json!([
                "+123",
                " +1 (415) [555].12-34 ",
                "+1 (4)0 5()0(12)",
                "anonymous",
                "No Caller ID",
                "+266696687",
                "0000000000",
                "sip:+14155551234@example.com;user=phone",
                "SIPS:+14155551234@example.com",
                "tel:+14155551234",
                "sip:anonymous@anonymous.invalid",
                "sip:alice@example.com",
            ]),
            json!([
                "14155551234",
                "+1 (04)0 5",
                "+44 [ .0]20",
                "anonymously",
                "sip:14155551234@example.com",
                "tel:alice",
                "+12",
                "+0123",
                "+1234567890123456",
                "+1415555123a",
                long_phone,
            ]),
        ),
        ("/call/status", json!(["blocked"]), json!(["in_progress", "Completed"])),
        (
            "/call/duration_seconds",
            json!([0, 55.0, 5.5e1, 9_007_199_254_740_991_u64]),
            json!([-1, 12.5, "5", 9_007_199_254_740_992_u64, 9_223_372_036_854_775_808_u64, u64::MAX, 1e300]),
        ),
        (
            "/call/messages",
            json!([[], [{"role": "tool", "content": ""}]]),
            json!([[{"role": "user"}], [{"role": "caller", "content": "x"}]]),
        ),
        ("/call/recording_url", json!(["anything"]), json!([5])),
        ("/lead/urgency", json!(["low"]), json!(["urgent"])),
        (
            "/appointment/date",
            json!(["2024-02-29"]),
            json!(["2026-02-29", "2026-2-5", "2026-02-25T00:00:00Z"]),
        ),
    ] {
        for (values, expected) in [(good, true), (bad, false)] {
            for value in values.as_array().unwrap() {
                let verdict = validator.verdict(&changed(event, place, value.clone()));
                assert_eq!(verdict, expected, "{place}: {value}");
            }
        }
    }
}

#[test]
fn only_a_version_that_may_come_one_day_is_unknown() {
    let event = &documented()[1];
    for (version, kind) in [
        (json!(2), RejectionKind::UnknownVersion),
        (json!(0), RejectionKind::UnknownVersion),
        (json!(2.0), RejectionKind::UnknownVersion),
        (json!("1"), RejectionKind::InvalidEvent),
        (json!(-1), RejectionKind::InvalidEvent),
        (json!(9_007_199_254_740_992_u64), RejectionKind::InvalidEvent),
        (json!(1.5), RejectionKind::InvalidEvent),
        (Value::Null, RejectionKind::InvalidEvent),
    ] {
        let rejection = Body::parse(&changed(event, "/version", version.clone()).to_string()).unwrap_err();
        assert_eq!(rejection.kind, kind, "{version}");
        assert!(rejection.message.starts_with("version"), "{rejection}");
    }
}

#[test]
fn where_schema_and_parser_differ_is_documented() {
    let validator = Validator::new();
    let [_, event, .., pointer] = &documented()[..] else { panic!("more examples") };
    for (event, place, value, by_schema, documented) in [
        (event, "/occurred_at", "2026-02-24 20:59:00Z", false, "`\"2026-02-24 20:59:00Z\"`"),
        (
            event,
            "/call/caller_phone",
            "+1 415\u{2011}555\u{2011}1234",
            false,
            "`\"+1 415\u{2011}555\u{2011}1234\"`",
        ),
        (event, "/appointment/end", "2026-02-26T16:59:59Z", true, "ends before it begins"),
        (pointer, "/s3/key", &"ü".repeat(513), true, "counts the bytes of `s3.key`"),
    ] {
        let event = changed(event, place, value.into());
        assert_eq!(
            (validator.takes(&event), Body::parse(&event.to_string()).is_ok()),
            (by_schema, !by_schema),
            "{place}"
        );
        assert!(docs("site/en/ingest.md").contains(documented), "{documented}");
    }
}

#[test]
fn a_field_that_is_there_twice_is_named_at_any_depth() {
    let mut fields = 0;
    for event in documented() {
        for place in places(&event) {
            let Some((parent, name)) = place.rsplit_once('/') else { continue };
            let mut twice = event.clone();
            let value = event.pointer(&place).unwrap().clone();
            let Some(object) = twice.pointer_mut(parent).and_then(Value::as_object_mut) else { continue };
            object.insert("again!".to_owned(), value);
            let text = twice.to_string().replace("\"again!\"", &format!("{name:?}"));
            let rejection = Body::parse(&text).expect_err(&text);
            let parts = place.split('/').skip(1).map(|part| match part.parse::<usize>() {
                Ok(nth) => format!("[{nth}]"),
                Err(_) => format!(".{part}"),
            });
            let path = parts.collect::<String>()[1..].to_owned();
            assert_eq!(rejection.kind, RejectionKind::InvalidEvent);
            assert_eq!(rejection.message, format!("{path}: it is there more than once; give it once"));
            fields += 1;
        }
    }
    assert!(fields > 60, "{fields}");
}

#[tokio::test]
async fn made_up_events_become_the_records_that_they_tell_of() {
    let world = World::new().await;
    for line in demo::events(40, 3, until(), Some(world.organization)) {
        world.store.apply(&Body::parse(&line).unwrap()).await.unwrap();
    }
    let mut expected: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in demo::lines(40, 3, until(), None) {
        let Value::Object(mut line) = serde_json::from_str(&line).unwrap() else { panic!("{line}") };
        let resource = line["resource"].as_str().unwrap().to_owned();
        expected.entry(resource).or_default().push(line["record"].take());
    }
    for resource in ["calls", "leads", "appointments"] {
        let records = world.client.walk(&format!("/v1/{resource}?limit=100")).await;
        assert_eq!(records.len(), expected[resource].len(), "{resource}");
    }
    let of_contacts = |contacts: &[Value]| -> BTreeSet<String> {
        let telling = ["phone", "name", "source", "total_calls", "last_call_at"];
        contacts.iter().map(|contact| telling.map(|name| contact[name].to_string()).join(" ")).collect()
    };
    let contacts = world.client.walk("/v1/contacts?limit=100").await;
    // Callers with whom nobody spoke are contacts all the same; `demo` has none of them.
    let known: Vec<Value> = contacts.into_iter().filter(|contact| !contact["name"].is_null()).collect();
    assert_eq!(of_contacts(&known), of_contacts(&expected["contacts"]));
}
