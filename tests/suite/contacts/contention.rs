//! Contention: where others write to the same record, or DynamoDB has no throughput left, the response says when to come
//! back, and never that something broke.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use domain::{Language, Timestamp, catalogue, webhooks::EventType};
use futures_util::future::join_all;
use harness::{Fault, Response, World};
use reqwest::Method;
use serde_json::{Value, json};

use crate::keys::isolation::path_to_one;

const JSON: (&str, &str) = ("content-type", "application/json");
const CANCELED: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"canceled",
    "CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}"#;

/// A request that the route takes, with the body of its example in the OpenAPI document.
async fn request(world: &World, resource: &str, method: &str, route: &str) -> (Method, String, Value) {
    let path = match route.contains("{id}") {
        true => path_to_one(world, resource, route).await,
        false => route.to_owned(),
    };
    let document = openapi::document(Language::English).unwrap();
    let content = &document["paths"][route][method.to_lowercase()]["requestBody"]["content"];
    let example = &content["application/json"]["example"];
    let body = if example.is_null() { json!({}) } else { example.clone() };
    (method.parse().unwrap(), path, body)
}

async fn ask(world: &World, (method, path, body): &(Method, String, Value)) -> Response {
    world.client.send(method.clone(), path, &[JSON], Some(body.to_string())).await
}

fn routes() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    catalogue::ALL.iter().flat_map(|resource| {
        let of = move |route: &'static catalogue::Route| {
            route.methods.iter().map(move |method| (resource.name, *method, route.path))
        };
        resource.routes.iter().flat_map(of)
    })
}

#[tokio::test]
async fn a_change_that_others_are_in_the_way_of_is_a_409_that_says_when_to_try_again() {
    let world = World::new().await;
    let mut asked = 0;
    for (resource, method, route) in routes().filter(|(_, method, _)| *method != "GET") {
        let request = request(&world, resource, method, route).await;
        world.happened(EventType::LeadCreated, Timestamp::now()).await;
        let keys = world.table("ApiKeys");
        world.wire.disturb(move |operation, body| match operation {
            "TransactWriteItems" => Fault::Answer(400, CANCELED.to_owned()),
            "PutItem" | "UpdateItem" | "DeleteItem" if body["TableName"] != keys => {
                Fault::error(400, "TransactionConflictException")
            }
            _ => Fault::None,
        });
        let answer = ask(&world, &request).await;
        assert_eq!(answer.error(), (409, "conflict", None), "{method} {route}");
        assert_eq!(answer.header("retry-after"), "1", "{method} {route}");
        world.wire.let_be();
        assert!(ask(&world, &request).await.status < 300, "{method} {route}: it passes by itself");
        asked += 1;
    }
    assert!(asked >= 8);
}

#[tokio::test]
async fn a_table_without_throughput_is_a_429_that_says_when_to_try_again() {
    let world = World::new().await;
    for (resource, method, route) in routes() {
        let request = request(&world, resource, method, route).await;
        let keys = world.table("ApiKeys");
        let nth = AtomicUsize::new(0);
        world.wire.disturb(move |_, body| {
            let codes =
                ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"];
            match body["TableName"] == keys {
                true => Fault::None,
                false => Fault::error(400, codes[nth.fetch_add(1, SeqCst) % 3]),
            }
        });
        let answer = ask(&world, &request).await;
        assert_eq!(answer.error(), (429, "rate_limited", None), "{method} {route}");
        assert_eq!(answer.header("retry-after"), "1", "{method} {route}");
        let said = answer.body["error"]["message"].as_str().unwrap();
        assert!(said.starts_with("The service is busy"), "{said}");
        world.wire.let_be();
    }
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_counted_is_not_left_behind() {
    let world = World::new().await;
    let counts = AtomicUsize::new(0);
    world.wire.disturb(move |operation, _| match operation == "Query" && counts.fetch_add(1, SeqCst) > 0 {
        true => Fault::error(400, "ThrottlingException"),
        false => Fault::None,
    });
    let body = json!({"url": "https://example.com/hook", "events": ["lead.created"]});
    assert_eq!(world.client.post("/v1/webhooks", &body).await.status, 429);
    world.wire.let_be();
    assert!(world.store.webhooks(world.organization).await.unwrap().is_empty());
}

#[tokio::test]
async fn of_sixty_rotations_at_once_none_is_a_500() {
    let world = World::new().await;
    let id = world.webhook(&["lead.created"]).await["id"].as_str().unwrap().to_owned();
    let (path, body) = (format!("/v1/webhooks/{id}/rotate-secret"), json!({}));
    let answers = join_all((0..60).map(|_| world.client.post(&path, &body))).await;
    let rotated = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(rotated > 0);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!((answer.error().0, answer.header("retry-after")), (409, "1"));
    }
}

#[tokio::test]
async fn a_key_that_is_rotated_while_it_is_used_is_counted_a_moment_later() {
    let world = World::new().await;
    for (times, status) in [(1, 200), (3, 200), (usize::MAX, 429)] {
        world.wire.fail("UpdateItem", times, || Fault::error(400, "TransactionConflictException"));
        let answer = world.client.get("/v1/leads").await;
        assert_eq!(answer.status, status, "{times}");
        assert_eq!(answer.header("retry-after"), if status == 429 { "1" } else { "" });
    }
}
