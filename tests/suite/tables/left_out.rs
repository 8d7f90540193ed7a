//! Items that do not read: each is left out of its page, and all others come exactly once.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{RecordId, Timestamp, catalogue, webhooks::EventType};
use harness::{Fanning, Item, World, body, call, call_event, message, record};
use serde_json::{Value, json};

/// How many good records each list has.
const GOOD: usize = 5;

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// Values that no attribute of ours has; the key of the table and the indexes has to be text.
fn odd_values() -> [AttributeValue; 5] {
    let number = |number: &str| AttributeValue::N(number.to_owned());
    [
        number("9223372036854775808"),
        number("-1E100"),
        AttributeValue::Bool(true),
        AttributeValue::M(HashMap::from([("odd".to_owned(), AttributeValue::Null(true))])),
        text("Odd"),
    ]
}

/// Copies of an item with each attribute odd or missing in turn, each with an id of its own.
fn odd_ones(item: &Item) -> Vec<Item> {
    let key =
        |name: &&String| !["organization_id", "id", "created_at", "webhook_id"].contains(&name.as_str());
    let mut odd = Vec::new();
    for name in item.keys().filter(key) {
        let indexed =
            ["phone", "caller_phone", "status", "urgency", "due_shard", "due_at"].contains(&name.as_str());
        for value in odd_values() {
            if !indexed || value.is_s() {
                odd.push(with(item, name, value));
            }
        }
        let mut without = with(item, "id", text(&RecordId::random().to_string()));
        without.remove(name);
        odd.push(without);
    }
    odd.push(with(item, "created_at", text("Odd")));
    odd.push(with(item, "created_at", text("0000")));
    let mut named = item.clone();
    named.insert("id".to_owned(), text("Odd"));
    odd.push(named);
    odd
}

fn with(item: &Item, name: &str, value: AttributeValue) -> Item {
    let mut item = item.clone();
    item.insert("id".to_owned(), text(&RecordId::random().to_string()));
    item.insert(name.to_owned(), value);
    item
}

/// An organization with good records in every list; the list's path and table.
async fn filled() -> (World, Vec<(String, &'static str)>) {
    let world = World::new().await;
    let at = |nth: usize| format!("2026-02-24T20:59:{nth:02}Z");
    for (nth, resource) in (0..GOOD).flat_map(|nth| catalogue::IMPORTED.iter().map(move |it| (nth, it))) {
        let mut record = record(resource.name).unwrap();
        record["created_at"] = json!(at(nth));
        match resource.name {
            "calls" => record["messages"] = json!([message("user", "Can you mend a bumper?")]),
            "contacts" => record["phone"] = json!(format!("+1415555010{nth}")),
            _ => {}
        }
        world.import(resource.name, &[record]).await;
    }
    let webhook = world.webhook(&["lead.created"]).await["id"].as_str().unwrap().to_owned();
    for _ in 1..GOOD {
        world.webhook(&["call.completed"]).await;
    }
    for nth in 0..GOOD {
        world.happened(EventType::LeadCreated, Timestamp::parse(&at(nth)).unwrap()).await;
    }
    let mut lists = Vec::new();
    for resource in catalogue::ALL.iter().copied().filter(|resource| resource.name != "me") {
        lists.push((format!("/v1/{}", resource.name), resource.table));
    }
    lists.push((format!("/v1/webhooks/{webhook}/deliveries"), catalogue::DELIVERIES.table));
    (world, lists)
}

async fn ids(world: &World, path: &str, limit: usize) -> Vec<String> {
    let records = world.client.walk(&format!("{path}?limit={limit}")).await;
    let id =
        |record: &Value| record.get("id").or(record.get("delivery_id")).unwrap().as_str().unwrap().to_owned();
    records.iter().map(id).collect()
}

#[tokio::test]
async fn an_item_that_does_not_read_is_left_out_of_its_list_and_takes_no_other_away() {
    let (world, lists) = filled().await;
    assert_eq!(lists.len(), catalogue::ALL.len());
    for (path, table) in lists {
        let good = ids(&world, &path, 100).await;
        assert_eq!(good.len(), GOOD, "{path}");
        let items = harness::items(&world, table, world.organization).await;
        let is_record =
            |item: &&Item| item.get("created_at").is_some() && item["id"].as_s().unwrap().len() == 36;
        let items: Vec<Item> = items.iter().filter(is_record).cloned().collect();
        let odd = odd_ones(&items[GOOD / 2]);
        let most = GOOD + odd.len() - 3;
        for one in odd {
            world.put_item(table, one).await;
        }
        let all = ids(&world, &path, 100).await;
        assert!(all.len() <= most, "{path}: {} are odd and read", all.len() - GOOD);
        for limit in [1, 7] {
            let found = ids(&world, &path, limit).await;
            assert_eq!(found, all, "{path} by {limit}");
            let different: BTreeSet<&String> = found.iter().collect();
            assert_eq!(different.len(), found.len(), "{path}: each once");
            for id in &good {
                assert!(found.contains(id), "{path}: {id}");
            }
        }
    }
}

#[tokio::test]
async fn pages_full_of_items_that_do_not_read_are_walked_through() {
    let world = World::new().await;
    let good = call("2026-02-24T20:59:00Z");
    world.import("calls", std::slice::from_ref(&good)).await;
    let item = world.item("Calls", good["id"].as_str().unwrap()).await.unwrap();
    for nth in 0..300 {
        let mut odd = with(&item, "duration_seconds", AttributeValue::N("9223372036854775808".to_owned()));
        odd.insert("created_at".to_owned(), text(&format!("2026-02-25T00:00:00.{nth:03}Z")));
        world.put_item("Calls", odd).await;
    }
    let phone = good["caller_phone"].as_str().unwrap().replace('+', "%2B");
    for path in ["/v1/calls?limit=1".to_owned(), format!("/v1/calls?limit=1&status=completed&phone={phone}")]
    {
        let page = world.client.get(&path).await.ok();
        assert_eq!((page["data"].as_array().unwrap().len(), &page["has_more"]), (1, &json!(false)), "{path}");
    }
}

#[tokio::test]
async fn a_time_is_replayed_and_made_up_for_around_what_does_not_read() {
    let (world, lists) = filled().await;
    let webhook = lists.last().unwrap().0.split('/').nth(3).unwrap().to_owned();
    for item in harness::items(&world, "Events", world.organization).await {
        for odd in [
            with(&item, "event", text("odd.event")),
            with(&item, "event", AttributeValue::Bool(true)),
            with(&item, "data", text("Odd")),
            with(&item, "created_at", text("2026-02-24T20:59:0")),
        ] {
            world.put_item("Events", odd).await;
        }
    }
    let path = format!("/v1/webhooks/{webhook}/replay");
    let range = json!({"since": "2026-02-24T20:00:00Z", "include_succeeded": true});
    let answer = world.client.post(&path, &range).await;
    assert_eq!(answer.status, 202, "{}", answer.text);

    // Of the records that voice events wrote, one has become odd.
    let (told, odd) = (RecordId::random(), RecordId::random());
    for id in [told, odd] {
        let mut event = call_event(world.organization, id, "2026-02-24T21:00:00Z");
        event["call"]["status"] = "completed".into();
        world.store.apply(&body(&event)).await.unwrap();
    }
    let mut item = world.item("Calls", &odd.to_string()).await.unwrap();
    item.insert("caller_name".to_owned(), AttributeValue::M(HashMap::new()));
    world.put_item("Calls", item).await;
    let now = Timestamp::now();
    let done = world.store.backfill(world.organization, now.minus(std::time::Duration::from_secs(60)), now);
    let done = done.await.unwrap();
    assert_eq!((done.written, done.unreadable), (1, 1));
}

#[tokio::test]
async fn a_delivery_that_does_not_read_is_not_in_the_way_of_what_is_due() {
    let (ms, clock) = harness::clock("2026-02-24T20:59:00Z");
    let world = World::apart(clock).await;
    let mut fanning = Fanning::new(&world).await;
    let endpoint = harness::endpoint(&world.store, world.organization, &[EventType::LeadCreated]).await;
    let event = world.happened(EventType::LeadCreated, world.store.now()).await;
    let delivery = event.delivery_id(endpoint.id);
    let item = world.item("Deliveries", &delivery.to_string()).await.unwrap();
    for odd in [with(&item, "webhook_id", text("Odd")), with(&item, "status", text("odd"))] {
        world.put_item("Deliveries", odd).await;
    }
    let mut named = item.clone();
    named.insert("id".to_owned(), text("Odd"));
    named.insert("organization_id".to_owned(), text("Odd"));
    world.put_item("Deliveries", named).await;
    ms.fetch_add(16 * 60 * 1000, std::sync::atomic::Ordering::SeqCst);
    let taken = world.store.take_due().await.unwrap().unwrap();
    assert!(taken.iter().any(|task| task.delivery_id == delivery), "{taken:?}");
    assert_eq!(
        world.store.take_due().await.unwrap(),
        None,
        "each is postponed, or it would come first for ever"
    );
    fanning.follow().await;
}

#[tokio::test]
async fn an_answer_that_does_not_read_leaves_the_delivery_and_the_others() {
    let world = World::new().await;
    let webhook: RecordId = world.webhook(&["lead.created"]).await["id"].as_str().unwrap().parse().unwrap();
    let event = world.happened(EventType::LeadCreated, Timestamp::now()).await;
    let delivery = event.delivery_id(webhook);
    world.attempted(webhook, delivery, 500, "Sorry").await;
    let mut answer = world.item("Deliveries", &format!("{delivery}#!1")).await.unwrap();
    answer.remove("number");
    for (name, value) in [("id", text(&format!("{delivery}#odd"))), ("answer", AttributeValue::Bool(true))] {
        answer.insert(name.to_owned(), value);
        world.put_item("Deliveries", answer.clone()).await;
    }
    let got = world.client.get(&format!("/v1/webhooks/{webhook}/deliveries/{delivery}")).await.ok();
    assert_eq!(got["data"]["attempts"][0]["response_body"], "Sorry", "{got}");
}

#[tokio::test]
async fn an_operator_sees_the_other_organizations_and_keys() {
    let (_, clock) = harness::clock("2026-02-24T20:59:00Z");
    let world = World::apart(clock).await;
    for (id, name) in [(RecordId::random(), AttributeValue::Bool(true)), (RecordId::random(), text("Good"))] {
        let item = Item::from([
            ("organization_id".to_owned(), text(&id.to_string())),
            ("organization_name".to_owned(), name),
            ("plan".to_owned(), text("Pro Plan")),
        ]);
        world.put_item("Organizations", item).await;
    }
    let names: Vec<String> = world
        .store
        .organizations()
        .await
        .unwrap()
        .into_iter()
        .map(|it| it.organization.organization_name)
        .collect();
    assert_eq!(names, ["Good"]);
}
