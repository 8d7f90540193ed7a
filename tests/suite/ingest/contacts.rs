//! Contacts out of calls: when they last called, and how many calls they made.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::RecordId;
use harness::{World, body, call_event, contact};
use serde_json::{Value, json};
use store::NotApplied;

use crate::ingest::records::{apply, only};

const ONE: &str = "+14155550101";
const OTHER: &str = "+14155550102";

/// An event of a call, as it was known at a time of a day.
fn event(world: &World, call: u128, time: &str, phone: Option<&str>, started_at: Option<&str>) -> Value {
    let at = |time: &str| format!("2026-02-24T{time}Z");
    let mut event = call_event(world.organization, RecordId::from_u128(call), &at(time));
    event["call"]["caller_phone"] = json!(phone);
    event["call"]["started_at"] = json!(started_at.map(at));
    event
}

async fn last_call_at(world: &World, phone: &str) -> Value {
    let contacts = world.client.walk("/v1/contacts?limit=100").await;
    contacts.iter().find(|contact| contact["phone"] == phone).unwrap()["last_call_at"].clone()
}

#[tokio::test]
async fn a_contact_last_called_when_its_calls_say_though_one_was_earlier_than_it_seemed() {
    let world = World::new().await;
    apply(&world, &event(&world, 1, "20:00:00", Some(ONE), Some("19:00:00"))).await;
    apply(&world, &event(&world, 2, "21:00:00", Some(ONE), Some("21:00:00"))).await;
    assert_eq!(last_call_at(&world, ONE).await, "2026-02-24T21:00:00Z");
    apply(&world, &event(&world, 2, "21:00:01", Some(ONE), Some("20:30:00"))).await;
    assert_eq!(last_call_at(&world, ONE).await, "2026-02-24T20:30:00Z", "the last is still the last");
    apply(&world, &event(&world, 2, "21:00:02", Some(ONE), Some("18:30:00"))).await;
    assert_eq!(last_call_at(&world, ONE).await, "2026-02-24T19:00:00Z", "now the other one is");
    apply(&world, &event(&world, 2, "21:00:03", Some(ONE), Some("19:30:00"))).await;
    assert_eq!(last_call_at(&world, ONE).await, "2026-02-24T19:30:00Z");
}

#[tokio::test]
async fn a_contact_last_called_when_its_calls_say_though_one_was_anothers() {
    let world = World::new().await;
    apply(&world, &event(&world, 1, "20:00:00", Some(ONE), None)).await;
    apply(&world, &event(&world, 2, "21:00:00", Some(ONE), None)).await;
    apply(&world, &event(&world, 2, "21:00:01", Some(OTHER), None)).await;
    assert_eq!(last_call_at(&world, ONE).await, "2026-02-24T20:00:00Z");
    assert_eq!(last_call_at(&world, OTHER).await, "2026-02-24T21:00:01Z");
    apply(&world, &event(&world, 1, "20:00:01", Some(OTHER), None)).await;
    assert_eq!(last_call_at(&world, ONE).await, Value::Null, "nobody called from there");
    assert_eq!(last_call_at(&world, OTHER).await, "2026-02-24T21:00:01Z");
}

#[tokio::test]
async fn only_a_last_call_that_goes_back_asks_for_the_contacts_other_calls() {
    let world = World::new().await;
    apply(&world, &event(&world, 3, "18:00:00", Some(ONE), Some("18:00:00"))).await;
    for event in [
        event(&world, 1, "20:00:00", Some(ONE), Some("20:00:00")),
        event(&world, 1, "20:01:00", Some(ONE), Some("20:00:00")),
        event(&world, 2, "21:00:00", Some(ONE), Some("21:00:00")),
        event(&world, 1, "20:02:00", Some(ONE), Some("19:00:00")),
        event(&world, 2, "21:01:00", Some(ONE), Some("21:00:30")),
    ] {
        let _ = world.wire.take_calls();
        apply(&world, &event).await;
        let mut calls = world.wire.take_calls();
        calls.sort();
        assert_eq!(calls, ["GetItem", "TransactGetItems", "TransactGetItems", "TransactWriteItems"]);
    }
    let _ = world.wire.take_calls();
    apply(&world, &event(&world, 2, "21:02:00", Some(ONE), Some("19:30:00"))).await;
    assert_eq!(world.wire.take_calls().iter().filter(|call| *call == "Query").count(), 1);
}

#[tokio::test]
async fn what_an_earlier_version_took_from_the_far_future_is_mended_by_the_next_event() {
    let world = World::new().await;
    let far = |text: &str| AttributeValue::S(format!("2062-01-01T00:00:00.000Z{text}"));
    let id = RecordId::from_u128(1).to_string();
    let mut first = event(&world, 1, "20:00:00", Some(ONE), None);
    first["call"]["summary"] = "From the future.".into();
    apply(&world, &event(&world, 2, "19:00:00", Some(ONE), None)).await;
    apply(&world, &first).await;
    world.set_attribute("Calls", &id, "known_as_of", far(" e1")).await;
    world.set_attribute("Calls", &id, "known_called_at", far("")).await;
    let contact = only(&world, "contacts").await;
    world.set_attribute("Contacts", contact["id"].as_str().unwrap(), "last_call_at", far("")).await;
    let mut next = event(&world, 1, "20:01:00", Some(ONE), None);
    next["call"]["summary"] = "A quote.".into();
    apply(&world, &next).await;
    assert_eq!(last_call_at(&world, ONE).await, "2026-02-24T20:01:00Z");
    let call = world.client.get(&format!("/v1/calls/{id}")).await.ok()["data"].clone();
    assert_eq!(call["summary"], "A quote.");
    // Nor need it be the same call's.
    world.set_attribute("Contacts", contact["id"].as_str().unwrap(), "last_call_at", far("")).await;
    apply(&world, &event(&world, 2, "19:01:00", Some(ONE), None)).await;
    assert_eq!(last_call_at(&world, ONE).await, "2026-02-24T20:01:00Z");
}

#[tokio::test]
async fn a_call_has_five_numbers_at_the_most_and_can_be_changed_still() {
    let world = World::new().await;
    let phone = |nth: usize| format!("+1415555{nth:04}");
    for nth in 1..=5 {
        apply(&world, &event(&world, 1, &format!("20:00:0{nth}"), Some(&phone(nth)), None)).await;
    }
    let sixth = event(&world, 1, "20:00:06", Some(&phone(6)), None);
    match world.store.apply(&body(&sixth)).await {
        Err(NotApplied::Rejected(rejection)) => {
            assert_eq!(rejection.kind.as_str(), "too_large");
            let expected = "call.caller_phone: the events of this call have named 5 phone numbers before";
            assert!(rejection.message.starts_with(expected), "{rejection}");
        }
        other => panic!("{other:?}"),
    }
    for (second, phone) in [("10", None), ("11", Some(phone(5))), ("12", Some(phone(2)))] {
        let mut event = event(&world, 1, &format!("20:00:{second}"), phone.as_deref(), None);
        event["call"]["summary"] = second.into();
        assert!(apply(&world, &event).await);
        assert_eq!(only(&world, "calls").await["summary"], second);
    }
    assert_eq!(world.client.walk("/v1/contacts?limit=100").await.len(), 5, "none of the sixth number");
}

#[tokio::test]
async fn a_call_that_has_more_numbers_than_a_transaction_reads_can_be_changed() {
    let world = World::new().await;
    let contacts: Vec<Value> =
        (1..=115).map(|nth| contact(&format!("+1415555{nth:04}"), "2026-02-20T14:00:00Z")).collect();
    world.import("contacts", &contacts).await;
    apply(&world, &event(&world, 1, "20:00:00", Some("+14155550001"), None)).await;
    let ids = contacts.iter().map(|contact| AttributeValue::S(contact["id"].as_str().unwrap().to_owned()));
    let id = RecordId::from_u128(1).to_string();
    world.set_attribute("Calls", &id, "known_contacts", AttributeValue::L(ids.collect())).await;
    for (time, phone) in
        [("20:00:01", None), ("20:00:02", Some("+14155550001")), ("20:00:03", Some("+14155550099"))]
    {
        let mut event = event(&world, 1, time, phone, None);
        event["call"]["summary"] = time.into();
        event["call"]["caller_name"] = "Maria".into();
        assert!(apply(&world, &event).await);
        let call = only(&world, "calls").await;
        assert_eq!(call["summary"], time);
        assert_eq!(call["caller_phone"], phone.unwrap_or("+14155550001"));
    }
    let total = async |nth: usize| {
        let found =
            world.client.get(&format!("/v1/contacts/{}", contacts[nth - 1]["id"].as_str().unwrap())).await;
        found.ok()["data"]["total_calls"].as_u64().unwrap()
            - contacts[nth - 1]["total_calls"].as_u64().unwrap()
    };
    assert_eq!((total(1).await, total(99).await), (0, 1));
}

#[tokio::test]
async fn as_many_numbers_as_a_call_may_have_fit_into_a_transaction_whatever_is_told_of_them() {
    let world = World::new().await;
    let phone = |nth: usize| format!("+1415555{nth:04}");
    for nth in 1..=5 {
        let mut event = event(&world, 1, &format!("20:00:0{nth}"), Some(&phone(nth)), None);
        event["lead"] = json!({"interest": "x".repeat(180_000)});
        event["appointment"] = json!({"date": "2026-02-26"});
        apply(&world, &event).await;
    }
    let mut named = event(&world, 1, "20:01:00", None, None);
    named["call"]["caller_name"] = "x".repeat(190_000).into();
    assert!(apply(&world, &named).await, "it is written to the call, both outcomes and five contacts");
    let stored: HashMap<String, usize> = world
        .client
        .walk("/v1/contacts?limit=100")
        .await
        .iter()
        .map(|contact| (contact["phone"].to_string(), contact["name"].as_str().unwrap().len()))
        .collect();
    assert!(stored.len() == 5 && stored.values().all(|name| *name == 190_000), "{stored:?}");
}

#[tokio::test]
async fn of_a_beginning_and_an_end_that_do_not_fit_the_one_that_was_told_last_counts() {
    let at = |hour: u32| json!(format!("2026-02-26T{hour:02}:00:00Z"));
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let world = World::new().await;
        let events = [(None, Some(11)), (Some(14), None), (None, Some(13))].into_iter().enumerate();
        let events: Vec<Value> = events
            .map(|(nth, (start, end))| {
                let mut event = event(&world, 1, &format!("20:00:0{}", [1, 2, 0][nth]), Some(ONE), None);
                event["appointment"] =
                    json!({"date": "2026-02-26", "start": start.map(at), "end": end.map(at)});
                event
            })
            .collect();
        for nth in order {
            apply(&world, &events[nth]).await;
        }
        let appointment = only(&world, "appointments").await;
        let times = [&appointment["appointment_time_start"], &appointment["appointment_time_end"]];
        assert_eq!(times, [&at(14), &Value::Null], "{order:?}");
        let mut earlier = event(&world, 1, "20:00:03", Some(ONE), None);
        earlier["appointment"] = json!({"date": "2026-02-26", "start": at(10)});
        apply(&world, &earlier).await;
        let appointment = only(&world, "appointments").await;
        let times = [&appointment["appointment_time_start"], &appointment["appointment_time_end"]];
        assert_eq!(times, [&at(10), &at(11)], "the newest that each was told: {order:?}");
    }
}
