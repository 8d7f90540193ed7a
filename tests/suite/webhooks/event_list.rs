//! The list of events: the bodies that endpoints are sent.

use domain::{
    RecordId, Timestamp,
    webhooks::{Event, EventType},
};
use harness::World;
use serde_json::Value;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_ms(1_771_966_740_000 + seconds * 1000).unwrap()
}

/// Publishes events; returns them, the newest first.
async fn some(world: &World, count: i64, each: impl Fn(i64) -> i64) -> Vec<Event> {
    let kinds = [
        EventType::CallCompleted,
        EventType::CallTransferred,
        EventType::AppointmentBooked,
        EventType::LeadCreated,
        EventType::WebhookDisabled,
    ];
    let mut events = Vec::new();
    for nth in 0..count {
        events.push(world.happened(kinds[nth as usize % kinds.len()], at(each(nth))).await);
    }
    events.sort_by_key(|event| std::cmp::Reverse((event.created_at, event.id)));
    events
}

#[tokio::test]
async fn each_event_is_the_body_that_endpoints_are_sent_to_the_byte() {
    let world = World::new().await;
    let webhook = world.webhook(&["lead.created", "call.completed"]).await;
    let id: RecordId = webhook["id"].as_str().unwrap().parse().unwrap();
    let events = some(&world, 5, |nth| nth).await;

    let plain = world.client.get("/v1/events").await;
    plain.check_common();
    let shown = world.client.get(&format!("/v1/events?webhook_id={id}")).await;
    let bodies = |delivery: &dyn Fn(&Event) -> RecordId| -> String {
        let bodies: Vec<String> = events.iter().map(|event| event.body(delivery(event))).collect();
        format!("{{\"data\":[{}],\"has_more\":false,\"next_cursor\":null,\"meta\":", bodies.join(","))
    };
    let expected = bodies(&|event| event.id);
    assert!(plain.text.starts_with(&expected), "{}\n{expected}", plain.text);
    let expected = bodies(&|event| event.delivery_id(id));
    assert!(shown.text.starts_with(&expected), "{}\n{expected}", shown.text);

    let delivered = world.client.get(&format!("/v1/webhooks/{id}/deliveries")).await.ok();
    let ids = |list: &Value, name: &str, of: &[&str]| -> Vec<Value> {
        let mut ids: Vec<Value> = list
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| of.contains(&one["event"].as_str().unwrap()))
            .map(|one| one[name].clone())
            .collect();
        ids.sort_by_key(Value::to_string);
        ids
    };
    let wanted = ["lead.created", "call.completed"];
    assert_eq!(
        ids(&shown.body["data"], "delivery_id", &wanted),
        ids(&delivered["data"], "id", &wanted),
        "who catches up knows what it was sent already"
    );
}

#[tokio::test]
async fn a_walk_returns_each_event_once_however_many_share_a_moment() {
    let world = World::new().await;
    let webhook = world.webhook(&["lead.created"]).await["id"].as_str().unwrap().to_owned();
    let events = some(&world, 25, |nth| nth / 10).await;
    let ids = |of: &dyn Fn(&Event) -> RecordId| -> Vec<String> {
        events.iter().map(|event| of(event).to_string()).collect()
    };
    let walked = async |query: &str| -> Vec<String> {
        let bodies = world.client.walk(&format!("/v1/events?limit=4{query}")).await;
        bodies.iter().map(|body| body["delivery_id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(walked("").await, ids(&|event| event.id));
    let id = webhook.parse().unwrap();
    assert_eq!(walked(&format!("&webhook_id={webhook}")).await, ids(&|event| event.delivery_id(id)));
    assert_eq!(walked(&format!("&since={}", at(1))).await.len(), 5, "those after it");
}

#[tokio::test]
async fn events_are_those_of_the_callers_organization() {
    let world = World::new().await;
    some(&world, 2, |nth| nth).await;
    let (_, stranger) = world.stranger().await;
    assert_eq!(stranger.get("/v1/events").await.ok()["data"], serde_json::json!([]));
}

#[tokio::test]
async fn an_endpoint_that_is_unknown_or_anothers_is_no_endpoint_to_show_events_to() {
    let world = World::new().await;
    some(&world, 1, |nth| nth).await;
    let foreign = world.webhook(&["lead.created"]).await["id"].as_str().unwrap().to_owned();
    let (_, stranger) = world.stranger().await;
    let missing = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";
    let [foreign, missing] = [foreign.as_str(), missing].map(|id| format!("/v1/events?webhook_id={id}"));
    let (foreign, missing) = (stranger.get(&foreign).await, stranger.get(&missing).await);
    assert_eq!(foreign.error(), (400, "bad_request", Some("webhook_id")));
    assert_eq!(foreign.body["error"], missing.body["error"]);
}

#[tokio::test]
async fn a_parameter_that_is_wrong_is_named() {
    let world = World::new().await;
    for (query, param) in [
        ("webhook_id=1", "webhook_id"),
        ("webhook_id=", "webhook_id"),
        ("event=lead.created", "event"),
        ("limit=0", "limit"),
        ("cursor=x", "cursor"),
    ] {
        let answer = world.client.get(&format!("/v1/events?{query}")).await;
        assert_eq!(answer.error(), (400, "bad_request", Some(param)), "{query}");
    }
    let answer = world.client.get("/v1/events?page=2").await;
    assert!(answer.text.contains("limit, cursor, since, webhook_id."), "{}", answer.text);
}

#[tokio::test]
async fn an_event_is_kept_for_thirty_days_and_as_long_as_what_is_replayed_then_is_attempted() {
    let world = World::new().await;
    let event = world.happened(EventType::LeadCreated, at(0)).await;
    let item = world.item("Events", &event.id.to_string()).await.unwrap();
    let end: i64 = item["delete_after"].as_n().unwrap().parse().unwrap();
    assert_eq!(end - at(0).unix_seconds(), (30 + 5) * 24 * 60 * 60);
}
