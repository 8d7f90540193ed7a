//! A warm request that reads waits for one DynamoDB round trip, a cold one for two; what changes something looks up
//! beside its count what it needs, and changes nothing before it.
//!
//! Shown without a stopwatch: a call that is held back until another one has begun only ends if both
//! are under way at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::http::Method;
use domain::{RecordId, Scope, catalogue::ALL, webhooks::EventType};
use harness::{Client, Fault, World, clock};
use serde_json::{Value, json};
use tokio::sync::Barrier;

async fn world() -> (World, Vec<String>) {
    let (_, clock) = clock("2026-02-24T20:59:10Z");
    let world = World::with_clock(clock).await;
    let mut paths = world.import_one_of_each().await;
    paths.push("/v1/me".to_owned());
    let _ = world.wire.take_calls();
    (world, paths)
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
        world.wire.let_be();
    }
}

#[tokio::test]
async fn a_cold_request_reads_only_after_the_count_let_it_in() {
    let (world, paths) = world().await;
    for path in paths {
        let key = world.key(&Scope::ALL, 1000).await;
        let _ = world.wire.take_calls();
        assert_eq!(world.client.with_key(Some(&key)).get(&path).await.status, 200);
        let calls = world.wire.take_calls();
        assert_eq!(calls[0], "UpdateItem", "{path}");
        assert_eq!(calls.len(), 2, "{path}");
    }
}

struct Change {
    method: Method,
    route: &'static str,
    body: &'static str,
    /// The calls of DynamoDB that the change makes side by side.
    at_once: &'static [&'static str],
    /// The calls of DynamoDB that follow, in turn.
    then: &'static [&'static str],
}

/// Every request that changes something.
const CHANGES: [Change; 8] = [
    Change {
        method: Method::POST,
        route: "/v1/contacts",
        body: r#"{"phone": "+14155550001"}"#,
        at_once: &["UpdateItem"],
        then: &["TransactWriteItems"],
    },
    Change {
        method: Method::POST,
        route: "/v1/webhooks",
        body: r#"{"url": "https://example.com/hook", "events": ["lead.created"]}"#,
        at_once: &["Query", "UpdateItem"],
        then: &["TransactWriteItems", "Query"],
    },
    Change {
        method: Method::PATCH,
        route: "/v1/webhooks/{id}",
        body: r#"{"description": "mine"}"#,
        at_once: &["UpdateItem"],
        then: &["UpdateItem"],
    },
    Change {
        method: Method::POST,
        route: "/v1/webhooks/{id}/test",
        body: "{}",
        at_once: &["GetItem", "UpdateItem"],
        then: &["TransactWriteItems"],
    },
    Change {
        method: Method::POST,
        route: "/v1/webhooks/{id}/rotate-secret",
        body: "{}",
        at_once: &["GetItem", "GetItem", "UpdateItem"],
        then: &["TransactWriteItems"],
    },
    Change {
        method: Method::POST,
        route: "/v1/webhooks/{id}/deliveries/{delivery_id}/replay",
        body: "{}",
        at_once: &["GetItem", "UpdateItem"],
        then: &["UpdateItem", "UpdateItem"],
    },
    Change {
        method: Method::POST,
        route: "/v1/webhooks/{id}/replay",
        body: r#"{"since": "2026-02-24T00:00:00Z", "include_succeeded": true}"#,
        at_once: &["GetItem", "Query", "UpdateItem"],
        // What was taken off the hour's replays is given back, since it is on its way already.
        then: &["UpdateItem", "UpdateItem", "UpdateItem"],
    },
    Change {
        method: Method::DELETE,
        route: "/v1/webhooks/{id}",
        body: "",
        at_once: &["UpdateItem"],
        then: &["TransactWriteItems"],
    },
];

/// An endpoint that has taken a delivery, and the paths that name them.
async fn world_with_a_delivery() -> (World, impl Fn(&str) -> String) {
    let (world, _) = world().await;
    let webhook = crate::webhooks::deliveries::webhook(&world, &["lead.created"]).await;
    let event = world.happened(EventType::LeadCreated, world.store.now()).await;
    let delivery = event.delivery_id(webhook);
    world.attempted(webhook, delivery, 200, "").await;
    let path = move |path: &str| {
        path.replace("{id}", &webhook.to_string()).replace("{delivery_id}", &delivery.to_string())
    };
    (world, path)
}

async fn ask(client: &Client, change: &Change, path: &str) -> u16 {
    let body = (!change.body.is_empty()).then(|| change.body.to_owned());
    let headers = [("content-type", "application/json")];
    client.send(change.method.clone(), path, &headers, body).await.status
}

#[tokio::test]
async fn a_warm_change_looks_up_what_it_needs_beside_its_count() {
    let (world, path_of) = world_with_a_delivery().await;
    for change in CHANGES {
        let (Change { method, route, at_once, then, .. }, path) = (&change, path_of(change.route));
        // The functions that the changes are asked of.
        for warm in ["/v1/contacts", "/v1/webhooks"] {
            assert_eq!(world.client.get(warm).await.status, 200);
        }
        let _ = world.wire.take_calls();
        let (barrier, begun) = (Arc::new(Barrier::new(at_once.len())), AtomicUsize::new(0));
        let side_by_side = at_once.len();
        world.wire.disturb(move |_, _| match begun.fetch_add(1, Ordering::Relaxed) {
            nth if nth < side_by_side => {
                let barrier = barrier.clone();
                Fault::After(Box::pin(async move {
                    barrier.wait().await;
                }))
            }
            _ => Fault::None,
        });
        let status = tokio::time::timeout(Duration::from_secs(10), ask(&world.client, &change, &path));
        let status = status.await.expect("the calls are under way at once");
        assert!((200..300).contains(&status), "{method} {route}: {status}");
        world.wire.let_be();
        let mut calls = world.wire.take_calls();
        let later = calls.split_off(side_by_side);
        calls.sort();
        assert_eq!(
            (calls.as_slice(), later.as_slice()),
            (&owned(at_once)[..], &owned(then)[..]),
            "{method} {route}"
        );
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn every_change_of_the_catalogue_is_among_them() {
    let routes = ALL.iter().flat_map(|resource| resource.routes);
    let mut changing: Vec<_> = routes
        .flat_map(|route| route.methods.iter().map(|method| (*method, route.path)))
        .filter(|(method, _)| *method != "GET")
        .collect();
    let mut tried: Vec<_> = CHANGES.iter().map(|change| (change.method.as_str(), change.route)).collect();
    changing.sort_unstable();
    tried.sort_unstable();
    assert_eq!(tried, changing);
}

/// Has every count take longer than whatever runs beside it.
fn slow_counts(world: &World) {
    world.wire.disturb(|operation, body| match operation {
        "UpdateItem" if body["TableName"].as_str().is_some_and(|name| name.ends_with("ApiKeys")) => {
            Fault::Delay(Duration::from_millis(50))
        }
        _ => Fault::None,
    });
}

/// A key that the functions have seen, whose minute is used up.
async fn used_up(world: &World) -> Client {
    let client = world.client.with_key(Some(&world.key(&Scope::ALL, 2).await));
    for path in ["/v1/contacts", "/v1/webhooks"] {
        assert_eq!(client.get(path).await.status, 200);
    }
    let _ = world.wire.take_calls();
    client
}

#[tokio::test]
async fn nothing_is_changed_before_the_count_let_it_in() {
    let (world, path_of) = world_with_a_delivery().await;
    slow_counts(&world);
    for change in CHANGES {
        let (Change { method, route, at_once, .. }, path) = (&change, path_of(change.route));
        assert_eq!(ask(&used_up(&world).await, &change, &path).await, 429, "{method} {route}");
        let mut calls = world.wire.take_calls();
        calls.sort();
        assert_eq!(calls, owned(at_once), "{method} {route}: looked up, and nothing written");
    }
}

#[tokio::test]
async fn nothing_is_looked_up_for_a_key_that_is_not_known() {
    let (world, path_of) = world_with_a_delivery().await;
    slow_counts(&world);
    let known: Vec<_> = key_ids(&world).await;
    let client = world.client.with_key(Some(&world.key(&Scope::ALL, 1000).await));
    let new = key_ids(&world).await.into_iter().find(|id| !known.contains(id));
    world.store.revoke_key(new.unwrap()).await.unwrap();
    for change in CHANGES {
        let (Change { method, route, .. }, path) = (&change, path_of(change.route));
        let _ = world.wire.take_calls();
        assert_eq!(ask(&client, &change, &path).await, 401, "{method} {route}");
        // Once it was refused, its function remembers that for a while.
        let calls = world.wire.take_calls();
        assert!(
            calls.iter().all(|call| call == "UpdateItem") && calls.len() <= 1,
            "{method} {route}: {calls:?}"
        );
    }
}

async fn key_ids(world: &World) -> Vec<RecordId> {
    world.store.keys(world.organization).await.unwrap().iter().map(|key| key.key_id).collect()
}

#[tokio::test]
async fn a_warm_answer_is_withheld_where_the_count_says_no() {
    let (world, _) = world().await;
    for path in ["/v1/calls", "/v1/leads", "/v1/contacts", "/v1/webhooks"] {
        assert_eq!(world.client.get(path).await.status, 200);
    }
    world.store.revoke_key(key_ids(&world).await[0]).await.unwrap();
    let answer = world.client.get("/v1/calls").await;
    assert_eq!(answer.error(), (401, "unauthorized", None));
    assert!(!answer.text.contains("+1234567890"));
    // Nor does what is wrong with the request come before what is wrong with the key.
    slow_counts(&world);
    assert_eq!(world.client.get("/v1/leads?limit=0").await.status, 401);
    assert_eq!(world.client.post("/v1/contacts", &Value::Null).await.status, 401);
    let missing = format!("/v1/webhooks/{}/test", RecordId::random());
    assert_eq!(world.client.post(&missing, &json!({})).await.status, 401);
    assert_eq!(used_up(&world).await.post(&missing, &json!({})).await.status, 429);
}
