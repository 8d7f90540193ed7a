//! Isolation: no request reaches another organization's records.

use domain::catalogue;
use harness::{Client, World, call, path_of, record};
use reqwest::Method;
use serde_json::{Value, json};

const MISSING: &str = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";

/// A record of the resource, as a route's path names it; its ids are new each time.
pub(crate) async fn path_to_one(world: &World, resource: &str, route: &str) -> String {
    if resource == "webhooks" {
        let webhook = world.webhook(&["lead.created"]).await["id"].as_str().unwrap().to_owned();
        let test = world.client.post(&format!("/v1/webhooks/{webhook}/test"), &json!({})).await.ok();
        return route
            .replace("{id}", &webhook)
            .replace("{delivery_id}", test["data"]["id"].as_str().unwrap());
    }
    let record = record(resource).unwrap_or_else(|| panic!("the harness has no record of {resource}"));
    world.import(resource, std::slice::from_ref(&record)).await;
    route.replace("{id}", record["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_foreign_record_and_a_missing_one_answer_alike() {
    let world = World::new().await;
    let (_, stranger) = world.stranger().await;
    let mut checked = 0;
    for resource in catalogue::ALL {
        for route in resource.routes.iter().filter(|route| route.path.contains("{id}")) {
            for method in route.methods {
                let path = path_to_one(&world, resource.name, route.path).await;
                let body = route.path.ends_with("{id}/replay").then(|| json!({"since": "2026-02-24"}));
                let body = body.unwrap_or(json!({})).to_string();
                let ask = async |client: &Client, path: &str| {
                    client.send(method.parse().unwrap(), path, &[], Some(body.clone())).await
                };
                let foreign = ask(&stranger, &path).await;
                let missing = ask(&stranger, &path_of(route.path, MISSING)).await;
                assert_eq!(foreign.error(), (404, "not_found", None), "{method} {path}");
                assert_eq!(foreign.body["error"], missing.body["error"]);
                assert!(ask(&world.client, &path).await.status < 300, "{method} {path}");
                checked += 1;
            }
        }
    }
    assert!(checked >= 11);
}

#[tokio::test]
async fn a_foreign_cursor_pages_through_ones_own_records() {
    let world = World::new().await;
    let (organization, stranger) = world.stranger().await;
    let records: Vec<Value> = (0..6).map(|n| call(&format!("2026-02-24T20:59:0{n}Z"))).collect();
    world.import("calls", &records).await;
    let theirs = call("2026-02-24T20:59:01Z");
    let line = json!({"organization_id": organization, "resource": "calls", "record": theirs}).to_string();
    world.import_lines(vec![line]).await;
    let page = world.client.get("/v1/calls?limit=2").await.ok();
    let cursor = page["next_cursor"].as_str().unwrap();
    let answer = stranger.get(&format!("/v1/calls?cursor={cursor}")).await.ok();
    assert_eq!(
        answer["data"],
        json!([theirs]),
        "the place in time is the cursor's, the records are the caller's"
    );
}

#[tokio::test]
async fn an_idempotency_key_belongs_to_one_organization() {
    let world = World::new().await;
    let (_, stranger) = world.stranger().await;
    let headers = [("content-type", "application/json"), ("idempotency-key", "order-1")];
    let body = json!({"phone": "+14155559999", "name": "Mine"}).to_string();
    let mine = world.client.send(Method::POST, "/v1/contacts", &headers, Some(body)).await.ok();
    let body = json!({"phone": "+14155559999", "name": "Theirs"}).to_string();
    let theirs = stranger.send(Method::POST, "/v1/contacts", &headers, Some(body)).await;
    assert_eq!((theirs.status, theirs.header("idempotent-replayed")), (201, ""));
    assert_ne!(theirs.body["data"]["id"], mine["data"]["id"]);
    assert_eq!(theirs.body["data"]["name"], "Theirs");
}
