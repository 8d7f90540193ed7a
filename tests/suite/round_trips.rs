//! A warm request waits for one DynamoDB round trip, a cold one for two.
//!
//! Shown without a stopwatch: a call that is held back until another one has begun only ends if both
//! are under way at once.

use std::{sync::Arc, time::Duration};

use harness::{Fault, World, call, clock, contact};
use serde_json::Value;
use tokio::sync::Barrier;

const PATHS: [&str; 8] = [
    "/v1/calls",
    "/v1/calls?phone=%2B1234567890",
    "/v1/contacts",
    "/v1/leads?status=new",
    "/v1/appointments",
    "/v1/me",
    "/v1/contacts/{contact}",
    "/v1/calls/{call}",
];

async fn world() -> (World, Vec<String>) {
    let (_, clock) = clock("2026-02-24T20:59:10Z");
    let world = World::with_clock(clock).await;
    let (a_call, a_contact) = (call("2026-02-24T20:59:00Z"), contact("+14155551234", "2026-02-24T20:59:00Z"));
    world.import("calls", std::slice::from_ref(&a_call)).await;
    world.import("contacts", std::slice::from_ref(&a_contact)).await;
    let id = |record: &Value| record["id"].as_str().unwrap().to_owned();
    let paths = PATHS.map(|path| path.replace("{contact}", &id(&a_contact)).replace("{call}", &id(&a_call)));
    let _ = world.wire.take_calls();
    (world, paths.into())
}

#[tokio::test]
async fn a_warm_request_counts_and_reads_side_by_side() {
    let (world, paths) = world().await;
    for path in paths {
        assert_eq!(world.client.get(&path).await.status, 200);
        let _ = world.wire.take_calls();
        // Each call waits for all of this request's calls to have begun.
        let barrier = Arc::new(Barrier::new(2));
        world.wire.disturb(move |_, _| {
            let barrier = barrier.clone();
            Fault::After(Box::pin(async move {
                barrier.wait().await;
            }))
        });
        let answer = tokio::time::timeout(Duration::from_secs(10), world.client.get(&path)).await;
        assert_eq!(answer.expect("the calls are under way at once").status, 200, "{path}");
        assert_eq!(world.wire.take_calls().len(), 2, "{path}");
        world.wire.disturb(|_, _| Fault::None);
    }
}

#[tokio::test]
async fn a_cold_request_reads_only_after_the_count_let_it_in() {
    let (world, paths) = world().await;
    for path in paths {
        let key = world.key(&domain::Scope::ALL, 1000).await;
        let _ = world.wire.take_calls();
        assert_eq!(world.client.with_key(Some(&key)).get(&path).await.status, 200);
        let calls = world.wire.take_calls();
        assert_eq!(calls[0], "UpdateItem", "{path}");
        assert_eq!(calls.len(), 2, "{path}");
    }
}

#[tokio::test]
async fn nothing_is_written_before_the_count_let_it_in() {
    let (world, _) = world().await;
    let key = world.key(&domain::Scope::ALL, 1).await;
    let client = world.client.with_key(Some(&key));
    assert_eq!(client.post("/v1/contacts", &serde_json::json!({"phone": "+14155550001"})).await.status, 201);
    let _ = world.wire.take_calls();
    assert_eq!(client.post("/v1/contacts", &serde_json::json!({"phone": "+14155550002"})).await.status, 429);
    assert_eq!(world.wire.take_calls(), ["UpdateItem"]);
}

#[tokio::test]
async fn a_warm_answer_is_withheld_where_the_count_says_no() {
    let (world, _) = world().await;
    assert_eq!(world.client.get("/v1/calls").await.status, 200);
    let key_id = world.store.keys(world.organization).await.unwrap()[0].key_id;
    world.store.revoke_key(key_id).await.unwrap();
    let answer = world.client.get("/v1/calls").await;
    assert_eq!(answer.error(), (401, "unauthorized", None));
    assert!(!answer.text.contains("+1234567890"));
    // Nor does what is wrong with the request come before what is wrong with the key.
    assert_eq!(world.client.get("/v1/calls?limit=0").await.status, 401);
}
