//! The replay of all deliveries of a time.

use std::time::Duration;

use domain::{
    RecordId,
    webhooks::{Event, EventType},
};
use futures_util::{StreamExt as _, stream};
use harness::{World, attempt, fields};
use serde_json::{Value, json};
use store::Verdict;

use crate::webhooks::deliveries::{at, ids, is_to_be_sent, item, webhook};

#[tokio::test]
async fn a_replayed_time_brings_again_what_failed_in_it() {
    let world = World::new().await;
    let early = world.happened(EventType::LeadCreated, at(1)).await;
    let id = webhook(&world, &["lead.created"]).await;
    let (before, first) = (
        world.happened(EventType::LeadCreated, at(0)).await,
        world.happened(EventType::LeadCreated, at(2)).await,
    );
    let (taken, waiting) = (
        world.happened(EventType::LeadCreated, at(3)).await,
        world.happened(EventType::LeadCreated, at(4)).await,
    );
    let (unwanted, end) = (
        world.happened(EventType::CallCompleted, at(5)).await,
        world.happened(EventType::LeadCreated, at(6)).await,
    );
    for (event, status) in [(&before, 500), (&first, 500), (&taken, 200), (&end, 500)] {
        world.attempted(id, event.delivery_id(id), status, "").await;
    }
    let of = |event: &Event| event.delivery_id(id).to_string();
    let untouched = item(&world, &of(&waiting)).await;
    let path = format!("/v1/webhooks/{id}/replay");
    let answer = world.client.post(&path, &json!({"since": at(1), "until": at(6)})).await;
    answer.check_common();
    assert_eq!((answer.status, &answer.body["data"]), (202, &json!({"replayed": 2, "next_until": null})));
    for (event, sent) in [(&before, false), (&early, true), (&first, true), (&taken, false), (&end, false)] {
        assert_eq!(is_to_be_sent(&item(&world, &of(event)).await), sent, "{}", event.created_at);
    }
    assert_eq!(item(&world, &of(&waiting)).await, untouched, "what is on its way is left alone");
    assert_eq!(world.item("Deliveries", &of(&unwanted)).await, None);
    let shown = world.client.get(&format!("/v1/webhooks/{id}/deliveries/{}", of(&early))).await.ok();
    assert_eq!(
        fields(&shown["data"], ["event", "status", "test"]),
        json!(["lead.created", "pending", false]),
        "one from before there was the endpoint is made"
    );

    let again = world
        .client
        .post(&path, &json!({"since": at(1), "until": at(6), "include_succeeded": true}))
        .await
        .ok();
    assert_eq!(again["data"]["replayed"], 1);
    assert!(is_to_be_sent(&item(&world, &of(&taken)).await));
    let all = world.client.post(&path, &json!({"since": at(0)})).await.ok();
    assert_eq!(all["data"], json!({"replayed": 2, "next_until": null}), "without an end up to now");
}

#[tokio::test]
async fn what_waits_for_a_later_try_is_brought_forward_and_what_is_under_way_is_not() {
    let world = World::new().await;
    let id = webhook(&world, &["lead.created"]).await;
    let mut deliveries = Vec::new();
    for nth in 0..3 {
        deliveries.push(world.happened(EventType::LeadCreated, at(nth)).await.delivery_id(id));
    }
    let [waiting, claimed, taken] = deliveries.try_into().unwrap();
    let later = world.store.now().plus(Duration::from_secs(3600));
    for delivery in [waiting, claimed] {
        let first = world.claimed(id, delivery).await;
        world.store.settle(&first, attempt(1, 500), "", Verdict::Again(later)).await.unwrap();
    }
    let again = world.claimed(id, claimed).await;
    world.attempted(id, taken, 200, "").await;

    let path = format!("/v1/webhooks/{id}/replay");
    for include_succeeded in [false, true] {
        let body = json!({"since": at(0), "include_succeeded": include_succeeded});
        let answer = world.client.post(&path, &body).await.ok();
        assert_eq!(answer["data"]["replayed"], 1, "include_succeeded {include_succeeded}");
        assert_eq!(is_to_be_sent(&item(&world, &taken.to_string()).await), include_succeeded);
        assert!(is_to_be_sent(&item(&world, &waiting.to_string()).await));
    }
    world.store.settle(&again, attempt(2, 500), "", Verdict::Again(later)).await.unwrap();
    let kept = item(&world, &claimed.to_string()).await;
    assert_eq!((kept["next_attempt_at"].as_s().unwrap(), kept.get("send")), (&later.fixed_width(), None));
}

#[tokio::test]
async fn an_endpoint_is_not_told_by_a_replay_that_it_was_disabled_itself() {
    let world = World::new().await;
    let (id, other) =
        (webhook(&world, &["webhook.disabled"]).await, webhook(&world, &["webhook.disabled"]).await);
    let event = Event {
        id: RecordId::random(),
        event: EventType::WebhookDisabled,
        organization_id: world.organization,
        created_at: at(0),
        data: serde_json::value::to_raw_value(&json!({"webhook_id": id})).unwrap(),
    };
    assert!(world.store.publish(&event, &[]).await.unwrap());
    for (endpoint, count) in [(id, 0), (other, 1)] {
        let path = format!("/v1/webhooks/{endpoint}/replay");
        let answer = world.client.post(&path, &json!({"since": at(0)})).await.ok();
        assert_eq!(answer["data"], json!({"replayed": count, "next_until": null}));
    }
}

#[tokio::test]
async fn a_replay_that_is_wrong_names_the_field() {
    let world = World::new().await;
    let id = webhook(&world, &["lead.created"]).await;
    for (body, param) in [
        (json!({}), Some("since")),
        (json!({"since": "yesterday"}), Some("since")),
        (json!({"since": "2999-01-01"}), Some("since")),
        (json!({"since": at(1), "until": at(1)}), Some("until")),
        (json!({"since": at(1), "include_succeeded": "yes"}), Some("include_succeeded")),
        (json!({"since": at(1), "limit": 5}), Some("limit")),
        (json!([]), None),
    ] {
        let answer = world.client.post(&format!("/v1/webhooks/{id}/replay"), &body).await;
        assert_eq!(answer.error(), (400, "bad_request", param), "{body}");
    }
    let missing = format!("/v1/webhooks/{}/replay", RecordId::random());
    assert_eq!(world.client.post(&missing, &json!({"since": at(1)})).await.error(), (404, "not_found", None));
}

/// As many as share a moment are gone through by one request, however many that is.
#[tokio::test]
async fn a_long_time_is_replayed_request_by_request_each_event_once() {
    let world = World::new().await;
    let moments = [(3, 450), (2, 600), (1, 150), (0, 50)];
    let times = moments.iter().flat_map(|(time, count)| std::iter::repeat_n(at(*time), *count));
    let made: Vec<Event> = stream::iter(times)
        .map(|time| world.happened(EventType::LeadCreated, time))
        .buffered(16)
        .collect()
        .await;
    let id = webhook(&world, &["lead.created"]).await;
    let path = format!("/v1/webhooks/{id}/replay");
    let first = world.client.post(&path, &json!({"since": at(0)})).await.ok();
    assert_eq!(first["data"], json!({"replayed": 1050, "next_until": at(2)}));
    let rest = json!({"since": at(0), "until": first["data"]["next_until"]});
    let second = world.client.post(&path, &rest).await.ok();
    assert_eq!(second["data"], json!({"replayed": 200, "next_until": null}));
    let walked = world.client.walk(&format!("/v1/webhooks/{id}/deliveries?limit=100")).await;
    let mut found = ids(&Value::Array(walked));
    let mut expected: Vec<String> = made.iter().map(|event| event.delivery_id(id).to_string()).collect();
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected);
}
