//! Limits of replays: an organization's in an hour, and those of a delivery that was taken in the last ten minutes.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering::SeqCst},
};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    RecordId,
    webhooks::{Event, EventType, MAX_REPLAYS_PER_HOUR},
};
use futures_util::future::join_all;
use harness::{Response, World};
use reqwest::Method;
use serde_json::{Value, json};

use crate::webhooks::deliveries::{at, is_to_be_sent, item, webhook};

const MINUTE_MS: i64 = 60 * 1000;
const NOW: &str = "2026-02-24T21:10:00Z";
/// The id of the counter of the hour that the tests are in.
const COUNTER: &str = "replays#492213";
const REST_OF_THE_HOUR: &str = "3000";

/// A world in which this many replays of the hour are left.
async fn with_left(left: u64) -> (Arc<AtomicI64>, World) {
    let (ms, clock) = harness::clock(NOW);
    let world = World::with_clock(clock).await;
    let mut counter = world.key_of(COUNTER);
    let made = AttributeValue::N((MAX_REPLAYS_PER_HOUR - left).to_string());
    counter.insert("replays".to_owned(), made);
    world.put_item("Deliveries", counter).await;
    (ms, world)
}

async fn left(world: &World) -> u64 {
    let counter = world.item("Deliveries", COUNTER).await.expect("the hour's counter");
    MAX_REPLAYS_PER_HOUR - counter["replays"].as_n().unwrap().parse::<u64>().unwrap()
}

/// Events of as many moments, all of which the endpoint did not take.
async fn failed(world: &World, webhook: RecordId, count: i64) -> Vec<Event> {
    let mut events = Vec::new();
    for nth in 0..count {
        let event = world.happened(EventType::LeadCreated, at(nth)).await;
        world.attempted(webhook, event.delivery_id(webhook), 500, "").await;
        events.push(event);
    }
    events
}

async fn to_be_sent(world: &World, webhook: RecordId, events: &[Event]) -> usize {
    let items = join_all(events.iter().map(async |event| {
        let delivery = event.delivery_id(webhook).to_string();
        is_to_be_sent(&item(world, &delivery).await)
    }));
    items.await.into_iter().filter(|sent| *sent).count()
}

fn refused(answer: &Response, seconds: &str, says: &str) {
    assert_eq!(answer.error(), (429, "rate_limited", None), "{}", answer.text);
    assert_eq!(answer.header("retry-after"), seconds);
    assert!(answer.text.contains(says), "{}", answer.text);
}

#[tokio::test]
async fn an_hours_replays_end_by_either_door_and_go_on_in_the_next_hour() {
    let (ms, world) = with_left(12).await;
    let id = webhook(&world, &["lead.created"]).await;
    let events = failed(&world, id, 20).await;
    let path = format!("/v1/webhooks/{id}/replay");
    let one = format!("/v1/webhooks/{id}/deliveries/{}/replay", events[19].delivery_id(id));
    assert_eq!(world.client.send(Method::POST, &one, &[], None).await.status, 202);

    let first = world.client.post(&path, &json!({"since": at(0)})).await;
    first.check_common();
    assert_eq!((first.status, &first.body["data"]["replayed"]), (202, &json!(11)), "as many as were left");
    assert_eq!(to_be_sent(&world, id, &events).await, 12);
    let next = first.body["data"]["next_until"].clone();
    let until = next.as_str().and_then(domain::Timestamp::parse).unwrap().unix_ms();
    assert_eq!(until, at(7).unix_ms() + 1, "just behind the next one");

    let (before, said) = (to_be_sent(&world, id, &events).await, "10000 replays of this hour");
    for _ in 0..3 {
        let again = world.client.post(&path, &json!({"since": at(0), "until": next})).await;
        again.check_common();
        refused(&again, REST_OF_THE_HOUR, said);
        refused(
            &world.client.post(&path, &json!({"since": at(0), "include_succeeded": true})).await,
            REST_OF_THE_HOUR,
            said,
        );
        refused(&world.client.send(Method::POST, &one, &[], None).await, REST_OF_THE_HOUR, said);
    }
    assert_eq!((to_be_sent(&world, id, &events).await, left(&world).await), (before, 0), "nothing was done");
    let german = world.client.send(Method::POST, &one, &[("accept-language", "de")], None).await;
    assert!(german.text.contains("10000 Zustellungen wiederholt"), "{}", german.text);

    ms.fetch_add(50 * MINUTE_MS, SeqCst);
    let rest = world.client.post(&path, &json!({"since": at(0), "until": next})).await.ok();
    assert_eq!(rest["data"], json!({"replayed": 8, "next_until": null}));
    assert_eq!(to_be_sent(&world, id, &events).await, 20, "each once");
}

#[tokio::test]
async fn replays_side_by_side_take_no_more_than_there_are() {
    let (_, world) = with_left(50).await;
    let mut endpoints = Vec::new();
    for _ in 0..6 {
        endpoints.push(webhook(&world, &["lead.created"]).await);
    }
    let events: Vec<Event> =
        join_all((0..20).map(|nth| world.happened(EventType::LeadCreated, at(nth)))).await;
    for id in &endpoints {
        for event in &events {
            world.attempted(*id, event.delivery_id(*id), 500, "").await;
        }
    }
    let body = json!({"since": at(0)});
    let answers = join_all(endpoints.iter().map(async |id| {
        let (path, one) = (
            format!("/v1/webhooks/{id}/replay"),
            format!("/v1/webhooks/{id}/deliveries/{}/replay", events[0].delivery_id(*id)),
        );
        [world.client.post(&path, &body).await, world.client.send(Method::POST, &one, &[], None).await]
    }));
    let answers: Vec<Response> = answers.await.into_iter().flatten().collect();
    let mut replayed = 0;
    for answer in &answers {
        assert!([202, 429].contains(&answer.status), "{}", answer.text);
        let of_a_range = answer.body["data"]["replayed"].as_u64();
        replayed += of_a_range.unwrap_or(u64::from(answer.status == 202));
    }
    assert_eq!(replayed, 50, "all that there were, and not one more");
    assert_eq!(left(&world).await, 0);
}

#[tokio::test]
async fn what_was_not_replayed_is_not_counted() {
    let (_, world) = with_left(100).await;
    let id = webhook(&world, &["lead.created"]).await;
    let events = failed(&world, id, 5).await;
    for nth in 5..20 {
        let event = world.happened(EventType::LeadCreated, at(nth)).await;
        world.attempted(id, event.delivery_id(id), 200, "").await;
    }
    let path = format!("/v1/webhooks/{id}/replay");
    let answer = world.client.post(&path, &json!({"since": at(0)})).await.ok();
    assert_eq!((&answer["data"]["replayed"], left(&world).await), (&json!(5), 95));
    assert_eq!(world.client.post(&path, &json!({"since": at(0)})).await.ok()["data"]["replayed"], 0);
    assert_eq!(left(&world).await, 95, "they are on their way");
    let missing = format!("/v1/webhooks/{id}/deliveries/{}/replay", RecordId::random());
    assert_eq!(world.client.send(Method::POST, &missing, &[], None).await.status, 404);
    assert_eq!(left(&world).await, 95);
    assert_eq!(to_be_sent(&world, id, &events).await, 5);

    let (_, other) = world.stranger().await;
    assert_eq!(other.get("/v1/webhooks").await.status, 200);
    assert_eq!(left(&world).await, 95, "each organization has its own");
}

#[tokio::test]
async fn what_an_endpoint_took_is_sent_again_once_in_ten_minutes_by_either_door() {
    let (ms, world) = with_left(1_000).await;
    let id = webhook(&world, &["lead.created"]).await;
    let event = world.happened(EventType::LeadCreated, at(0)).await;
    let delivery = event.delivery_id(id);
    world.attempted(id, delivery, 200, "").await;
    let one = format!("/v1/webhooks/{id}/deliveries/{delivery}/replay");
    let all = format!("/v1/webhooks/{id}/replay");
    let range = json!({"since": at(0), "include_succeeded": true});
    assert_eq!(world.client.send(Method::POST, &one, &[], None).await.status, 202, "at once, the first time");
    world.attempted(id, delivery, 200, "").await;

    ms.fetch_add(MINUTE_MS + 400, SeqCst);
    let again = world.client.send(Method::POST, &one, &[], None).await;
    again.check_common();
    refused(&again, "540", "less than 10 minutes ago");
    assert_eq!(
        world.client.post(&all, &range).await.ok()["data"],
        json!({"replayed": 0, "next_until": null})
    );
    assert_eq!(left(&world).await, 999, "and neither was counted");
    ms.fetch_add(9 * MINUTE_MS, SeqCst);
    assert_eq!(world.client.post(&all, &range).await.ok()["data"]["replayed"], 1);
    world.attempted(id, delivery, 200, "").await;
    refused(&world.client.send(Method::POST, &one, &[], None).await, "600", "less than 10 minutes ago");

    // What failed may be attempted as often as one likes.
    ms.fetch_add(10 * MINUTE_MS, SeqCst);
    for _ in 0..3 {
        assert_eq!(world.client.send(Method::POST, &one, &[], None).await.status, 202);
        world.attempted(id, delivery, 500, "").await;
    }
    let log: Value = world.client.get(&format!("/v1/webhooks/{id}/deliveries/{delivery}")).await.ok();
    assert_eq!(log["data"]["attempts"].as_array().unwrap().len(), 6);
}
