//! Deliveries: their log, and the replay of a single one.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    RecordId, Timestamp,
    webhooks::{EventType, sample},
};
use harness::{Response, World, attempt, fields};
use reqwest::Method;
use serde_json::{Value, json};
use store::Verdict;

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_ms(1_771_966_740_000 + seconds * 1000).unwrap()
}

pub(crate) async fn webhook(world: &World, events: &[&str]) -> RecordId {
    world.webhook(events).await["id"].as_str().unwrap().parse().unwrap()
}

async fn post(world: &World, path: &str) -> Response {
    world.client.send(Method::POST, path, &[], None).await
}

async fn disable(world: &World, webhook: RecordId) {
    let body = Some(json!({"status": "disabled"}).to_string());
    assert_eq!(
        world.client.send(Method::PATCH, &format!("/v1/webhooks/{webhook}"), &[], body).await.status,
        200
    );
}

pub(crate) async fn item(world: &World, delivery: &str) -> HashMap<String, AttributeValue> {
    world.item("Deliveries", delivery).await.expect("a delivery")
}

/// Whether the stream will put a delivery on the queue, from the first attempt on.
pub(crate) fn is_to_be_sent(item: &HashMap<String, AttributeValue>) -> bool {
    item["status"].as_s().unwrap() == "pending"
        && item["round"].as_n().unwrap() == "0"
        && item.get("send") == Some(&AttributeValue::Bool(true))
        && item.contains_key("due_at")
        && !item.contains_key("leased_until")
}

pub(crate) fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_test_is_a_made_up_delivery_to_this_endpoint_alone() {
    let (_, clock) = harness::clock("2026-02-24T20:59:00Z");
    let world = World::with_clock(clock).await;
    let (id, other) = (
        webhook(&world, &["appointment.booked", "lead.created"]).await,
        webhook(&world, &["lead.created"]).await,
    );
    let path = format!("/v1/webhooks/{id}/test");
    for (body, event) in [
        (None, "appointment.booked"),
        (Some(json!({"event": "lead.created"})), "lead.created"),
        (Some(json!({"event": "call.completed"})), "call.completed"),
    ] {
        let answer = world.client.send(Method::POST, &path, &[], body.map(|body| body.to_string())).await;
        answer.check_common();
        assert_eq!(answer.status, 202);
        let made = &answer.body["data"];
        let expected = json!({
            "id": made["id"], "webhook_id": id, "event": event, "status": "pending", "test": true,
            "attempts": [], "next_attempt_at": "2026-02-24T20:59:00Z", "created_at": "2026-02-24T20:59:00Z",
        });
        assert_eq!(made.to_string(), expected.to_string());
        let item = item(&world, made["id"].as_str().unwrap()).await;
        assert!(is_to_be_sent(&item), "{item:?}");
        let of: RecordId = item["event_id"].as_s().unwrap().parse().unwrap();
        let told = world.store.event(world.organization, of).await.unwrap().expect("its event");
        assert_eq!(told.data.get(), sample(told.event).get(), "{event}");
    }
    let listed = world.client.get(&format!("/v1/webhooks/{id}/deliveries")).await.ok();
    assert_eq!(listed["data"].as_array().unwrap().len(), 3);
    assert_eq!(world.client.get("/v1/events").await.ok()["data"], json!([]), "nothing has happened");
    let others = world.client.get(&format!("/v1/webhooks/{other}/deliveries")).await.ok();
    assert_eq!(others["data"], json!([]));

    let answer = world.client.post(&path, &json!({"event": "lead.deleted"})).await;
    assert_eq!(answer.error(), (400, "bad_request", Some("event")));
    assert!(answer.text.contains("call.completed, call.transferred"), "{}", answer.text);
}

#[tokio::test]
async fn deliveries_are_those_of_the_endpoint_in_the_path() {
    let world = World::new().await;
    let (id, other) = (webhook(&world, &["lead.created"]).await, webhook(&world, &["lead.created"]).await);
    for nth in 0..7 {
        world.happened(EventType::LeadCreated, at(nth)).await;
    }
    world.happened(EventType::CallCompleted, at(9)).await;
    let path = format!("/v1/webhooks/{id}/deliveries");
    let mine = world.client.walk(&format!("{path}?limit=3")).await;
    assert_eq!(mine.len(), 7);
    assert!(mine.iter().all(|one| one["webhook_id"] == json!(id) && one["event"] == "lead.created"));
    let order: Vec<_> = mine
        .iter()
        .map(|one| (Timestamp::parse(one["created_at"].as_str().unwrap()), one["id"].to_string()))
        .collect();
    assert!(order.is_sorted_by(|a, b| a > b), "newest first: {order:?}");
    let capitals = format!("/v1/webhooks/{}/deliveries", id.to_string().to_uppercase());
    assert_eq!(world.client.get(&capitals).await.ok()["data"].as_array().unwrap().len(), 7);

    let cursor =
        world.client.get(&format!("{path}?limit=3")).await.ok()["next_cursor"].as_str().unwrap().to_owned();
    for (path, param) in [
        (format!("/v1/webhooks/{other}/deliveries?cursor={cursor}"), "cursor"),
        (format!("{path}?status=pending&cursor={cursor}"), "cursor"),
        (format!("{path}?webhook_id={other}"), "webhook_id"),
        (format!("{path}?webhook_id={id}"), "webhook_id"),
        (format!("{path}?status=done"), "status"),
        (format!("{path}?event=lead.created"), "event"),
    ] {
        assert_eq!(world.client.get(&path).await.error(), (400, "bad_request", Some(param)), "{path}");
    }
    let said = world.client.get(&format!("{path}?page=2")).await.text;
    assert!(said.contains("Allowed are limit, cursor, since, status."), "{said}");
}

#[tokio::test]
async fn deliveries_are_narrowed_by_status() {
    let world = World::new().await;
    let id = webhook(&world, &["lead.created"]).await;
    let mut of = HashMap::new();
    for (nth, status) in [200, 500, 0, 204].into_iter().enumerate() {
        let event = world.happened(EventType::LeadCreated, at(nth as i64)).await;
        let delivery = event.delivery_id(id);
        let standing = match status {
            0 => "pending",
            200 | 204 => "succeeded",
            _ => "failed",
        };
        if status > 0 {
            world.attempted(id, delivery, status, "").await;
        }
        of.entry(standing).or_insert_with(Vec::new).push(delivery.to_string());
    }
    for standing in ["pending", "succeeded", "failed", "cancelled"] {
        let path = format!("/v1/webhooks/{id}/deliveries?status={standing}");
        let mut found = ids(&world.client.get(&path).await.ok()["data"]);
        let mut expected = of.remove(standing).unwrap_or_default();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{standing}");
    }
}

#[tokio::test]
async fn what_is_failing_now_can_be_asked_for_while_it_is_tried_again() {
    let world = World::new().await;
    let id = webhook(&world, &["lead.created"]).await;
    let path = format!("/v1/webhooks/{id}/deliveries");
    let failing = async || {
        let mut found =
            ids(&Value::Array(world.client.walk(&format!("{path}?status=failing&limit=3")).await));
        found.sort_unstable();
        found
    };
    assert!(failing().await.is_empty());
    let mut expected = Vec::new();
    for nth in 0..24 {
        let delivery = world.happened(EventType::LeadCreated, at(nth)).await.delivery_id(id);
        match nth % 4 {
            // Untried, taken, and given up.
            0 => {}
            1 => world.attempted(id, delivery, 200, "").await,
            2 => world.attempted(id, delivery, 500, "").await,
            _ => {
                let claimed = world.claimed(id, delivery).await;
                let later = world.store.now().plus(std::time::Duration::from_secs(3600));
                world.store.settle(&claimed, attempt(1, 500), "", Verdict::Again(later)).await.unwrap();
                expected.push(delivery.to_string());
            }
        }
    }
    expected.sort_unstable();
    assert_eq!(failing().await, expected, "page by page");
    let page = world.client.get(&format!("{path}?status=failing&limit=100")).await.ok();
    assert!(
        page["data"].as_array().unwrap().iter().all(|one| one["status"] == "pending"),
        "as which they stand"
    );
    let cursor = world.client.get(&format!("{path}?status=failing&limit=3")).await.ok();
    let cursor = cursor["next_cursor"].as_str().unwrap();
    let elsewhere = world.client.get(&format!("{path}?status=pending&cursor={cursor}")).await;
    assert_eq!(elsewhere.error(), (400, "bad_request", Some("cursor")), "it is another list");

    // While one is being attempted, and after it was replayed: then it has not failed yet.
    let claimed = world.claimed(id, expected[0].parse().unwrap()).await;
    assert_eq!(failing().await, expected);
    world.store.settle(&claimed, attempt(2, 500), "", Verdict::Failed).await.unwrap();
    assert_eq!(post(&world, &format!("{path}/{}/replay", expected[1])).await.status, 202);
    assert_eq!(failing().await, expected[2..]);
}

#[tokio::test]
async fn one_delivery_is_shown_with_what_the_receiver_answered() {
    let world = World::new().await;
    let (id, other) = (webhook(&world, &["lead.created"]).await, webhook(&world, &["lead.created"]).await);
    let delivery = world.happened(EventType::LeadCreated, at(0)).await.delivery_id(id);
    let path = format!("/v1/webhooks/{id}/deliveries/{delivery}");
    assert_eq!(world.client.get(&path).await.ok()["data"]["attempts"], json!([]));

    world.attempted(id, delivery, 500, "<h1>\"Oh no\"</h1>").await;
    assert_eq!(post(&world, &format!("{path}/replay")).await.status, 202);
    world.attempted(id, delivery, 204, "").await;
    let answer = world.client.get(&path).await;
    answer.check_common();
    let shown = &answer.body["data"];
    let time = |nth: usize| shown["attempts"][nth]["attempted_at"].clone();
    let expected = json!({
        "id": delivery, "webhook_id": id, "event": "lead.created", "status": "succeeded", "test": false,
        "attempts": [
            {"number": 1, "attempted_at": time(0), "status_code": 500, "duration_ms": 12,
             "error": "the receiver answered 500", "response_body": "<h1>\"Oh no\"</h1>"},
            {"number": 2, "attempted_at": time(1), "status_code": 204, "duration_ms": 12, "error": null,
             "response_body": null},
        ],
        "next_attempt_at": null, "created_at": shown["created_at"],
    });
    assert_eq!(shown.to_string(), expected.to_string());
    let listed = world.client.get(&format!("/v1/webhooks/{id}/deliveries")).await;
    assert!(!listed.text.contains("Oh no"), "a list leaves answers out");
    let attempts = listed.body["data"][0]["attempts"].as_array().unwrap();
    assert_eq!((attempts.len(), attempts[0].get("response_body")), (2, None));

    let elsewhere = world.client.get(&format!("/v1/webhooks/{other}/deliveries/{delivery}")).await;
    assert_eq!(elsewhere.error(), (404, "not_found", None), "it is no delivery of that endpoint");
}

#[tokio::test]
async fn a_delivery_is_made_again_as_if_it_were_new() {
    let world = World::new().await;
    let (id, other) = (webhook(&world, &["lead.created"]).await, webhook(&world, &["lead.created"]).await);
    let delivery = world.happened(EventType::LeadCreated, at(0)).await.delivery_id(id);
    let path = format!("/v1/webhooks/{id}/deliveries/{delivery}/replay");
    for status in [200, 500] {
        world.attempted(id, delivery, status, "").await;
        assert!(!is_to_be_sent(&item(&world, &delivery.to_string()).await));
        let answer = post(&world, &path).await;
        answer.check_common();
        assert_eq!(answer.status, 202);
        assert_eq!(fields(&answer.body["data"], ["id", "status"]), json!([delivery, "pending"]));
        assert!(answer.body["data"]["next_attempt_at"].is_string());
        assert!(is_to_be_sent(&item(&world, &delivery.to_string()).await));
    }
    let shown = world.client.get(&format!("/v1/webhooks/{id}/deliveries/{delivery}")).await.ok();
    assert_eq!(shown["data"]["attempts"].as_array().unwrap().len(), 2, "the log stays");

    let missing = RecordId::random();
    for path in [
        format!("/v1/webhooks/{other}/deliveries/{delivery}/replay"),
        format!("/v1/webhooks/{id}/deliveries/{missing}/replay"),
        format!("/v1/webhooks/{missing}/deliveries/{delivery}/replay"),
    ] {
        assert_eq!(post(&world, &path).await.error(), (404, "not_found", None), "{path}");
    }
    assert_eq!(world.item("Deliveries", &missing.to_string()).await, None, "and none came to be");
}

#[tokio::test]
async fn what_is_disabled_is_sent_nothing_by_hand_either() {
    let world = World::new().await;
    let id = webhook(&world, &["lead.created"]).await;
    let delivery = world.happened(EventType::LeadCreated, at(0)).await.delivery_id(id);
    disable(&world, id).await;
    let before = item(&world, &delivery.to_string()).await;
    let range = Some(json!({"since": at(0)}).to_string());
    for (path, body) in [
        (format!("/v1/webhooks/{id}/test"), None),
        (format!("/v1/webhooks/{id}/replay"), range),
        (format!("/v1/webhooks/{id}/deliveries/{delivery}/replay"), None),
    ] {
        let answer = world.client.send(Method::POST, &path, &[], body).await;
        assert_eq!(answer.error(), (409, "conflict", None), "{path}");
        assert!(answer.text.contains("disabled"), "{}", answer.text);
    }
    assert_eq!(item(&world, &delivery.to_string()).await, before);
}
