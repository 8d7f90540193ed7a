//! Markers of contacts that are gone, which must not keep their phone numbers from others.

use aws_sdk_dynamodb::types::AttributeValue;
use harness::{Fault, Item, World, contact};
use reqwest::Method;
use serde_json::{Value, json};

const PHONE: &str = "+14155550199";

/// An organization with a phone's marker whose contact is gone; the contact, as it was.
async fn orphaned() -> (World, Item) {
    let world = World::new().await;
    let made = world.client.post("/v1/contacts", &json!({"phone": PHONE})).await.ok();
    let id = made["data"]["id"].as_str().unwrap();
    let item = world.item("Contacts", id).await.unwrap();
    world.delete_item("Contacts", id).await;
    (world, item)
}

async fn is_had_by_one(world: &World) -> Value {
    let taken = world.client.post("/v1/contacts", &json!({"phone": PHONE})).await;
    assert_eq!(taken.error(), (409, "conflict", Some("phone")));
    let id = taken.body["error"]["existing_id"].as_str().unwrap();
    let existing = world.client.get(&format!("/v1/contacts/{id}")).await.ok()["data"].take();
    assert_eq!(world.client.walk("/v1/contacts?limit=9").await, std::slice::from_ref(&existing));
    existing
}

#[tokio::test]
async fn the_number_of_a_contact_that_is_gone_may_be_taken_over() {
    let (world, _) = orphaned().await;
    let headers = [("content-type", "application/json"), ("idempotency-key", "order-1")];
    let body = json!({"phone": PHONE, "name": "Maria Garcia"}).to_string();
    let post = || world.client.send(Method::POST, "/v1/contacts", &headers, Some(body.clone()));
    let (made, again) = (post().await, post().await);
    assert_eq!((made.status, again.status, again.header("idempotent-replayed")), (201, 201, "true"));
    assert_eq!(is_had_by_one(&world).await, made.body["data"]);
}

#[tokio::test]
async fn an_import_takes_over_the_number_of_a_contact_that_is_gone() {
    let (world, _) = orphaned().await;
    let other = contact(PHONE, "2026-02-20T14:00:00Z");
    world.import("contacts", std::slice::from_ref(&other)).await;
    assert_eq!(is_had_by_one(&world).await, other);
}

#[tokio::test]
async fn a_contact_that_comes_back_meanwhile_keeps_its_number() {
    let (world, item) = orphaned().await;
    let (dynamodb, table) = (world.raw_dynamodb(), world.table("Contacts"));
    // The second transaction is the one that takes the number over.
    let nth = std::sync::atomic::AtomicUsize::new(0);
    world.wire.disturb(move |operation, _| {
        let is_second =
            operation == "TransactWriteItems" && nth.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 1;
        let put = dynamodb.put_item().table_name(&table).set_item(Some(item.clone()));
        match is_second {
            true => Fault::After(Box::pin(async move { drop(put.send().await.unwrap()) })),
            false => Fault::None,
        }
    });
    let id = is_had_by_one(&world).await["id"].clone();
    assert_eq!(world.client.walk("/v1/contacts?limit=9").await[0]["id"], id);
}

#[tokio::test]
async fn an_import_mends_a_contact_that_does_not_read() {
    let world = World::new().await;
    let known = contact(PHONE, "2026-02-20T14:00:00Z");
    world.import("contacts", std::slice::from_ref(&known)).await;
    let id = known["id"].as_str().unwrap();
    world.set_attribute("Contacts", id, "total_calls", AttributeValue::S("many".to_owned())).await;
    assert!(world.client.walk("/v1/contacts?limit=9").await.is_empty());
    world.import("contacts", std::slice::from_ref(&known)).await;
    assert_eq!(is_had_by_one(&world).await, known);
}

#[tokio::test]
async fn a_key_whose_organization_is_gone_is_refused_as_revoked() {
    let world = World::new().await;
    let delete = world.raw_dynamodb().delete_item().table_name(world.table("Organizations"));
    let id = AttributeValue::S(world.organization.to_string());
    delete.key("organization_id", id).send().await.unwrap();
    assert_eq!(world.client.get("/v1/me").await.error(), (401, "unauthorized", None));
}
