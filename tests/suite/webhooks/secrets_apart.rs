//! The table of signing secrets, also of those that an earlier version left with the endpoints.

use std::time::Duration;

use domain::{
    RecordId, Timestamp,
    webhooks::{DisabledReason, EventType, NewWebhook, Secret, Webhook, WebhookPatch, WebhookStatus},
};
use futures_util::{future::join_all, join};
use harness::{Streams, World};
use serde_json::json;
use store::TABLES;

use crate::webhooks::endpoints::one;

/// Leaves an endpoint as an earlier version stored it: with its secrets in its own item.
async fn as_before(world: &World, id: &str) {
    let mut item = world.item("Webhooks", id).await.unwrap();
    let apart = world.item("WebhookSecrets", id).await.unwrap();
    item.insert("secrets".to_owned(), apart["secrets"].clone());
    world.put_item("Webhooks", item).await;
    world.delete_item("WebhookSecrets", id).await;
}

/// The secrets of an endpoint that are still good, the newest first. None stands with the endpoint any more.
async fn moved(world: &World, id: &str) -> Vec<String> {
    assert!(!world.item("Webhooks", id).await.unwrap().contains_key("secrets"), "they were moved");
    let apart = world.item("WebhookSecrets", id).await.unwrap();
    let secrets = apart["secrets"].as_m().unwrap();
    let previous = secrets.get("previous").map(|previous| &previous.as_m().unwrap()["secret"]);
    let secrets = std::iter::once(&secrets["current"]).chain(previous);
    secrets.map(|secret| secret.as_s().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_secret_is_in_one_table_and_in_no_stream_and_no_index() {
    let (_, clock) = harness::clock("2026-02-24T20:59:00Z");
    let world = World::apart(clock).await;
    let webhooks = world.store.changes::<Webhook>(world.organization);
    let secrets = [(); 3].map(|()| Secret::generate().unwrap());
    let new = || NewWebhook {
        url: "https://hooks.example.com/in".to_owned(),
        description: None,
        events: vec![EventType::CallCompleted],
    };
    let (kept, gone) = (
        webhooks.create(new(), &secrets[0]).await.unwrap(),
        webhooks.create(new(), &secrets[1]).await.unwrap(),
    );
    let rotatable = webhooks.rotatable(kept.id).await.unwrap();
    webhooks.rotate_secret(rotatable, &secrets[2], Duration::from_secs(3600)).await.unwrap();
    let disabled = WebhookPatch { status: Some(WebhookStatus::Disabled), ..WebhookPatch::default() };
    let disabled = webhooks.change(kept.id, disabled).await.unwrap();
    assert_eq!(disabled.disabled_reason, Some(DisabledReason::Requested));
    webhooks.delete(gone.id).await.unwrap();

    let has_one = |text: &str| secrets.iter().any(|secret| text.contains(secret.reveal()));
    let mut streams = Streams::of(&world);
    for table in TABLES.iter() {
        let name = world.table(table.name);
        // Tables are shared with other tests, so they have several pages.
        let scan = world.raw_dynamodb().scan().table_name(&name).into_paginator().items().send();
        let items = format!("{:?}", scan.collect::<Result<Vec<_>, _>>().await.unwrap());
        assert_eq!(has_one(&items), table.name == "WebhookSecrets", "{}: {items}", table.name);
        if table.stream.is_some() {
            let changes = json!(streams.changes(&name).await).to_string();
            assert!(!has_one(&changes), "the stream of {}: {changes}", table.name);
        }
        assert!(table.name != "WebhookSecrets" || (table.stream.is_none() && table.indexes.is_empty()));
    }
    assert!(world.item("WebhookSecrets", &gone.id.to_string()).await.is_none(), "it went with its endpoint");
}

#[tokio::test]
async fn an_endpoint_of_an_earlier_version_signs_as_before_and_a_rotation_moves_its_secret() {
    let world = World::new().await;
    let (id, made) = one(&world).await;
    let of = || async {
        world.store.delivery_endpoint(world.organization, id.parse().unwrap()).await.unwrap().unwrap()
    };
    as_before(&world, &id).await;
    assert_eq!(of().await.secrets.current.reveal(), made["secret"], "from where it was");
    let item = world.item("Webhooks", &id).await.unwrap();
    assert!(item.contains_key("secrets"), "whoever signs moves nothing");

    let path = format!("/v1/webhooks/{id}/rotate-secret");
    let first = world.client.post(&path, &json!({})).await.ok()["data"].clone();
    as_before(&world, &id).await;
    let second = world.client.post(&path, &json!({})).await.ok()["data"].clone();
    let shown = [&second, &first].map(|rotated| rotated["secret"].as_str().unwrap().to_owned());
    assert_eq!(moved(&world, &id).await, shown, "a rotation moves them too");
    let updated_at =
        |data: &serde_json::Value| data["updated_at"].as_str().and_then(Timestamp::parse).unwrap();
    assert!(updated_at(&second) >= updated_at(&first));
    let listed = world.client.get(&format!("/v1/webhooks/{id}")).await.ok()["data"].clone();
    assert_eq!(updated_at(&listed), updated_at(&second));

    as_before(&world, &id).await;
    let deleted = world.client.send(reqwest::Method::DELETE, &format!("/v1/webhooks/{id}"), &[], None).await;
    assert_eq!(deleted.status, 200);
    assert!(world.store.delivery_endpoint(world.organization, id.parse().unwrap()).await.unwrap().is_none());
}

#[tokio::test]
async fn of_moves_and_a_rotation_at_once_no_secret_that_was_shown_is_lost() {
    let world = World::new().await;
    for round in 0..12 {
        let (id, made) = one(&world).await;
        let webhook: RecordId = id.parse().unwrap();
        as_before(&world, &id).await;
        let path = format!("/v1/webhooks/{id}/rotate-secret");
        // Each call takes as long as the die falls.
        world.wire.disturb(move |_, body| {
            let spread = body.to_string().len() as u64 * 7 + round * 13;
            harness::Fault::Delay(Duration::from_millis(spread % 9))
        });
        let body = json!({});
        let readers = join_all((0..3).map(|_| world.store.delivery_endpoint(world.organization, webhook)));
        let movers = join_all((0..3).map(|_| world.store.move_old_secrets(world.organization)));
        let (seen, moves, rotated) = join!(readers, movers, world.client.post(&path, &body));
        let moves: u64 = moves.into_iter().map(Result::unwrap).sum();
        assert!(moves <= 1, "of those at once one takes place");
        let rotated = rotated.ok()["data"]["secret"].as_str().unwrap().to_owned();
        let made = made["secret"].as_str().unwrap().to_owned();
        for endpoint in seen {
            let current = endpoint.unwrap().unwrap().secrets.current.reveal().to_owned();
            assert!(current == made || current == rotated, "it signs with one that was shown");
        }
        assert_eq!(moved(&world, &id).await, [rotated, made], "round {round}");
    }
}

#[tokio::test]
async fn all_of_an_organization_are_moved_at_once_and_then_none_is_left() {
    let world = World::new().await;
    let mut made = Vec::new();
    for nth in 0..4 {
        let (id, webhook) = one(&world).await;
        if nth > 0 {
            as_before(&world, &id).await;
        }
        made.push((id, webhook["secret"].as_str().unwrap().to_owned()));
    }
    assert_eq!(world.store.move_old_secrets(world.organization).await.unwrap(), 3);
    for (id, secret) in &made {
        assert_eq!(moved(&world, id).await, [secret.as_str()]);
    }
    assert_eq!(world.store.move_old_secrets(world.organization).await.unwrap(), 0);
}
