//! Response bodies of receivers: as many are kept and read as attempts are shown.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    RecordId,
    webhooks::{DeliveryStatus, EventType},
};
use harness::{Receiver, Reply, World, attempt};
use serde_json::{Value, json};
use store::Verdict;

use crate::{
    deliver::attempts::Shop,
    webhooks::deliveries::{at, webhook},
};

const SHOWN: u32 = 30;

/// Makes attempts of a delivery, each of which fails and is answered with its number.
async fn try_until(world: &World, webhook: RecordId, delivery: RecordId, last: u32) {
    loop {
        let claimed = world.claimed(webhook, delivery).await;
        let (number, now) = (claimed.number, world.store.now());
        let answer = format!("answer {number}");
        world.store.settle(&claimed, attempt(number, 500), &answer, Verdict::Again(now)).await.unwrap();
        if number == last {
            return;
        }
    }
}

async fn stored(world: &World, delivery: RecordId) -> Vec<HashMap<String, AttributeValue>> {
    let query = world.raw_dynamodb().query().table_name(world.table("Deliveries"));
    let query = query
        .key_condition_expression("organization_id = :organization AND begins_with(id, :id)")
        .expression_attribute_values(":organization", AttributeValue::S(world.organization.to_string()))
        .expression_attribute_values(":id", AttributeValue::S(format!("{delivery}#")));
    query.send().await.unwrap().items.unwrap()
}

/// Each try that is shown, with its answer.
async fn shown(world: &World, webhook: RecordId, delivery: RecordId) -> Vec<(u64, Value)> {
    let path = format!("/v1/webhooks/{webhook}/deliveries/{delivery}");
    let shown = world.client.get(&path).await.ok();
    let attempts = shown["data"]["attempts"].as_array().unwrap();
    attempts.iter().map(|try_| (try_["number"].as_u64().unwrap(), try_["response_body"].clone())).collect()
}

fn answers(numbers: std::ops::RangeInclusive<u64>) -> Vec<(u64, Value)> {
    numbers.map(|number| (number, json!(format!("answer {number}")))).collect()
}

#[tokio::test]
async fn a_delivery_keeps_the_answers_of_the_tries_that_are_shown_and_no_others() {
    let world = World::new().await;
    let id = webhook(&world, &["lead.created"]).await;
    let delivery = world.happened(EventType::LeadCreated, at(0)).await.delivery_id(id);
    try_until(&world, id, delivery, 29).await;
    assert_eq!(shown(&world, id, delivery).await, answers(1..=29));
    try_until(&world, id, delivery, 74).await;
    assert_eq!(stored(&world, delivery).await.len(), SHOWN as usize);
    let _ = world.wire.take_calls();
    assert_eq!(shown(&world, id, delivery).await, answers(45..=74));
    let calls = world.wire.take_calls();
    assert_eq!(calls.iter().filter(|call| *call == "Query").count(), 1, "{calls:?}");

    // A try without an answer shows none of an earlier one.
    let claimed = world.claimed(id, delivery).await;
    world.store.settle(&claimed, attempt(75, 500), "", Verdict::Failed).await.unwrap();
    let shown = shown(&world, id, delivery).await;
    assert_eq!(shown.last(), Some(&(75, Value::Null)));
    assert_eq!(shown[..29], answers(46..=74));
}

#[tokio::test]
async fn of_the_thousands_of_answers_of_an_earlier_version_those_are_read_that_are_shown() {
    let world = World::new().await;
    let id = webhook(&world, &["lead.created"]).await;
    let delivery = world.happened(EventType::LeadCreated, at(0)).await.delivery_id(id);
    try_until(&world, id, delivery, 31).await;
    for item in stored(&world, delivery).await {
        world.delete_item("Deliveries", item["id"].as_s().unwrap()).await;
    }
    for number in 1..=400 {
        let mut item = world.key_of(&format!("{delivery}#{number}"));
        item.insert("answer".to_owned(), AttributeValue::S(format!("answer {number}")));
        world.put_item("Deliveries", item).await;
    }
    let read = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let count = read.clone();
    world.wire.disturb(move |operation, body| {
        let of_answers = body["TableName"].to_string().contains("Deliveries");
        let items = match operation {
            "Query" if of_answers => body["Limit"].as_u64().unwrap_or(u64::MAX),
            "GetItem" if of_answers => 1,
            _ => 0,
        };
        count.fetch_add(items, std::sync::atomic::Ordering::SeqCst);
        harness::Fault::None
    });
    assert_eq!(shown(&world, id, delivery).await, answers(2..=31));
    let read = read.load(std::sync::atomic::Ordering::SeqCst);
    assert!(read <= u64::from(1 + 2 * SHOWN), "{read}");
    world.wire.disturb(|_, _| harness::Fault::None);

    try_until(&world, id, delivery, 35).await;
    assert_eq!(shown(&world, id, delivery).await, answers(6..=35), "new ones beside old ones");
}

#[tokio::test]
async fn of_a_success_a_little_is_kept_and_of_a_failure_enough_to_see_why() {
    let body = "ä".repeat(6_000);
    let said = body.clone();
    let receiver = Receiver::new(move |_, nth| {
        Reply::Answer(if nth == 0 { 500 } else { 200 }, String::new(), said.clone())
    });
    let receiver = receiver.await;
    let shop = Shop::with(&receiver.url()).await;
    let event = shop.attempted().await;
    shop.deployment.pass(&shop.deliver, std::time::Duration::from_secs(60)).await;
    let (delivery, answers) = shop.deployment.delivery(&event, shop.webhook).await;
    assert_eq!(delivery.status, DeliveryStatus::Succeeded);
    assert_eq!(answers[0], (1, body.clone()));
    assert_eq!(answers[1], (2, format!("{}\n[cut off here]", &body[..1024])));
}
