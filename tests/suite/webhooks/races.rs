//! Endpoints that change while a request is under way, and responses that get lost.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use domain::{
    RecordId, Timestamp,
    webhooks::{WebhookPatch, WebhookStatus},
};
use harness::{Fault, World};
use serde_json::json;
use tokio::sync::Barrier;

use crate::webhooks::endpoints::one;

#[tokio::test]
async fn endpoints_made_at_once_are_not_more_than_there_may_be() {
    let world = World::new().await;
    for _ in 0..48 {
        one(&world).await;
    }
    // All have counted before any writes.
    let (all, counts) = (Arc::new(Barrier::new(4)), AtomicUsize::new(0));
    world.wire.disturb(move |operation, body| {
        let all = all.clone();
        match operation == "Query" && body["Select"] == "COUNT" && counts.fetch_add(1, SeqCst) < 4 {
            true => Fault::Held(Box::pin(async move {
                all.wait().await;
            })),
            false => Fault::None,
        }
    });
    let body = json!({"url": "https://example.com/hook", "events": ["lead.created"]});
    let post = || world.client.post("/v1/webhooks", &body);
    let (a, b, c, d) = futures_util::join!(post(), post(), post(), post());
    let made = [a.status, b.status, c.status, d.status];
    assert!(made.iter().all(|status| [201, 409].contains(status)), "{made:?}");
    let there = world.store.webhooks(world.organization).await.unwrap().len();
    assert_eq!(there, 48 + made.iter().filter(|status| **status == 201).count());
    assert!(there <= 50, "{there}");
}

#[tokio::test]
async fn what_an_old_url_does_says_nothing_of_the_new_one() {
    let (ms, clock) = harness::clock("2026-02-24T20:59:00Z");
    let world = World::with_clock(clock).await;
    let id: RecordId = one(&world).await.0.parse().unwrap();
    let endpoint = || async { world.store.delivery_endpoint(world.organization, id).await.unwrap().unwrap() };
    for _ in 0..5 {
        assert!(!world.store.note_failure(&endpoint().await).await.unwrap());
        ms.fetch_add(24 * 60 * 60 * 1000, SeqCst);
    }
    let old = endpoint().await;
    assert!(old.webhook.failing_since.is_some());
    let moved = WebhookPatch { url: Some("https://example.com/new".to_owned()), ..WebhookPatch::default() };
    world.store.changes(world.organization).change(id, moved).await.unwrap();
    assert!(!world.store.disable_gone(&old).await.unwrap(), "a 410 that comes late");
    assert!(!world.store.note_failure(&old).await.unwrap(), "the last of five days' failures");
    let new = endpoint().await;
    assert_eq!((new.webhook.status, new.webhook.failing_since), (WebhookStatus::Enabled, None));
    assert!(!world.store.note_failure(&new).await.unwrap(), "it begins anew");
    assert_eq!(endpoint().await.webhook.status, WebhookStatus::Enabled);
}

#[tokio::test]
async fn a_rotation_whose_answer_is_lost_keeps_its_overlap() {
    let world = World::new().await;
    let (id, made) = one(&world).await;
    let lost = AtomicUsize::new(0);
    world.wire.disturb(move |operation, body| {
        let is_rotation = operation == "TransactWriteItems" && body.to_string().contains("whsec_");
        if is_rotation && lost.fetch_add(1, SeqCst) == 0 { Fault::LostAnswer } else { Fault::None }
    });
    let rotated = world.client.post(&format!("/v1/webhooks/{id}/rotate-secret"), &json!({})).await.ok();
    let endpoint =
        world.store.delivery_endpoint(world.organization, id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(rotated["data"]["secret"], endpoint.secrets.current.reveal());
    let previous = endpoint.secrets.previous_at(Timestamp::now()).unwrap();
    assert_eq!(made["secret"], previous.reveal(), "the one that receivers know");
}
