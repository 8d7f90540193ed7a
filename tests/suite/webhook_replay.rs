//! The deliveries of a time, made again.

use domain::{
    RecordId,
    webhooks::{Event, EventType},
};
use futures_util::{StreamExt as _, stream};
use harness::World;
use serde_json::{Value, json};

use crate::webhook_deliveries::{at, ids, is_to_be_sent, item, webhook};

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
        world.tried(id, event.delivery_id(id), status, "").await;
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
        (&shown["data"]["event"], &shown["data"]["status"], &shown["data"]["test"]),
        (&json!("lead.created"), &json!("pending"), &json!(false)),
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
    let never = world.client.post(&path, &json!({"since": "2099-01-01"})).await.ok();
    assert_eq!(never["data"], json!({"replayed": 0, "next_until": null}));
}

#[tokio::test]
async fn a_replay_that_is_wrong_names_the_field() {
    let world = World::new().await;
    let id = webhook(&world, &["lead.created"]).await;
    for (body, param) in [
        (json!({}), Some("since")),
        (json!({"since": "yesterday"}), Some("since")),
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
