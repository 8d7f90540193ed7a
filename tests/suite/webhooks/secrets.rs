//! Rotation of an endpoint's secret.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use domain::{Timestamp, webhooks::Secret};
use harness::{Fault, World};
use reqwest::Method;
use serde_json::json;

use crate::webhooks::endpoints::{one, without_secret};

#[tokio::test]
async fn two_secrets_overlap_while_one_is_rotated() {
    let (_, clock) = harness::clock("2026-02-24T20:59:00Z");
    let world = World::with_clock(clock).await;
    let (id, made) = one(&world).await;
    let path = format!("/v1/webhooks/{id}/rotate-secret");
    let stored = async || world.item("WebhookSecrets", &id).await.unwrap()["secrets"].as_m().unwrap().clone();
    let answer = world.client.send(Method::POST, &path, &[], None).await;
    answer.check_common();
    assert_eq!(answer.status, 200);
    let rotated = &answer.body["data"];
    let mut expected = without_secret(&made);
    expected["secret"] = rotated["secret"].clone();
    expected["previous_secret_expires_at"] = "2026-02-25T20:59:00Z".into();
    assert_eq!(rotated.to_string(), expected.to_string());
    assert!(Secret::parse(rotated["secret"].as_str().unwrap()).is_some());
    assert_ne!(rotated["secret"], made["secret"]);
    let secrets = stored().await;
    let previous = secrets["previous"].as_m().unwrap();
    assert_eq!(
        (
            secrets["current"].as_s().unwrap(),
            previous["secret"].as_s().unwrap(),
            previous["until"].as_s().unwrap()
        ),
        (
            &rotated["secret"].as_str().unwrap().to_owned(),
            &made["secret"].as_str().unwrap().to_owned(),
            &"2026-02-25T20:59:00Z".to_owned()
        )
    );

    let at_once = world.client.post(&path, &json!({"overlap_hours": 0})).await.ok();
    assert_eq!(at_once["data"]["previous_secret_expires_at"], "2026-02-24T20:59:00Z");
    assert_eq!(stored().await.keys().collect::<Vec<_>>(), ["current"], "the old one signs nothing any more");
    let week = world.client.post(&path, &json!({"overlap_hours": 168})).await.ok();
    assert_eq!(week["data"]["previous_secret_expires_at"], "2026-03-03T20:59:00Z");
    for body in [json!({"overlap_hours": 169}), json!({"overlap_hours": "24"})] {
        assert_eq!(
            world.client.post(&path, &body).await.error(),
            (400, "bad_request", Some("overlap_hours"))
        );
    }
    for path in ["/v1/webhooks".to_owned(), format!("/v1/webhooks/{id}")] {
        let text = world.client.get(&path).await.text;
        assert!(!text.contains("whsec_") && !text.contains("previous"), "{text}");
    }
}

#[tokio::test]
async fn of_two_rotations_at_once_the_later_follows_the_other() {
    let world = World::new().await;
    let (id, _) = one(&world).await;
    let path = format!("/v1/webhooks/{id}/rotate-secret");
    let body = json!({});
    let (first, second) = (world.client.post(&path, &body), world.client.post(&path, &body));
    // Both have read before either writes.
    let (both, reads) = (Arc::new(tokio::sync::Barrier::new(2)), AtomicUsize::new(0));
    world.wire.disturb(move |operation, body| {
        let both = both.clone();
        let is_read = operation == "GetItem" && body["TableName"].to_string().contains("WebhookSecrets");
        match is_read && reads.fetch_add(1, Ordering::SeqCst) < 2 {
            true => Fault::Held(Box::pin(async move {
                both.wait().await;
            })),
            false => Fault::None,
        }
    });
    let (first, second) = futures_util::join!(first, second);
    let mut shown = [first, second].map(|answer| answer.ok()["data"]["secret"].as_str().unwrap().to_owned());
    let endpoint =
        world.store.delivery_endpoint(world.organization, id.parse().unwrap()).await.unwrap().unwrap();
    let previous = endpoint.secrets.previous_at(Timestamp::now()).unwrap();
    let mut signing = [endpoint.secrets.current.reveal().to_owned(), previous.reveal().to_owned()];
    shown.sort_unstable();
    signing.sort_unstable();
    assert_eq!(shown, signing, "either secret that was shown is good");
}
