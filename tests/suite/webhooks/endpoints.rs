//! Endpoints: which events they may have, and which URLs.

use std::sync::atomic::Ordering;

use domain::{Timestamp, webhooks::Secret};
use harness::{Response, World, fields};
use reqwest::Method;
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json");
const URL: &str = "https://hooks.example.com/in?token=x1";

async fn post_raw(world: &World, headers: &[(&str, &str)], body: &str) -> Response {
    world.client.send(Method::POST, "/v1/webhooks", headers, Some(body.to_owned())).await
}

async fn patch(world: &World, id: &str, body: &Value) -> Response {
    let path = format!("/v1/webhooks/{id}");
    world.client.send(Method::PATCH, &path, &[JSON], Some(body.to_string())).await
}

async fn webhooks(world: &World) -> Vec<Value> {
    world.client.walk("/v1/webhooks?limit=100").await
}

pub(crate) async fn one(world: &World) -> (String, Value) {
    let webhook = world.webhook(&["lead.created", "call.completed"]).await;
    (webhook["id"].as_str().unwrap().to_owned(), webhook)
}

pub(crate) fn without_secret(webhook: &Value) -> Value {
    let mut webhook = webhook.clone();
    webhook.as_object_mut().unwrap().shift_remove("secret");
    webhook
}

#[tokio::test]
async fn an_endpoint_is_made_and_its_secret_shown_this_once() {
    let world = World::new().await;
    let body = json!({"url": URL, "events": ["lead.created", "call.completed"], "description": "CRM"});
    let answer = world.client.post("/v1/webhooks", &body).await;
    answer.check_common();
    assert_eq!(answer.status, 201);
    let made = &answer.body["data"];
    let expected = json!({
        "id": made["id"], "url": URL, "description": "CRM", "events": ["lead.created", "call.completed"],
        "status": "enabled", "disabled_reason": null, "failing_since": null, "created_at": made["created_at"],
        "updated_at": made["created_at"], "secret": made["secret"],
    });
    assert_eq!(made.to_string(), expected.to_string());
    let secret = Secret::parse(made["secret"].as_str().unwrap()).expect("a secret");
    let endpoint =
        world.store.delivery_endpoint(world.organization, made["id"].as_str().unwrap().parse().unwrap());
    assert_eq!(endpoint.await.unwrap().unwrap().secrets.current, secret, "and deliveries are signed with it");

    let got = world.client.get(&format!("/v1/webhooks/{}", made["id"].as_str().unwrap())).await;
    let listed = world.client.get("/v1/webhooks").await;
    for answer in [&got, &listed] {
        assert!(!answer.text.contains("whsec_") && !answer.text.contains("secret"), "{}", answer.text);
    }
    assert_eq!(got.body["data"].to_string(), without_secret(made).to_string());
    assert_eq!(listed.body["data"], json!([without_secret(made)]));
}

#[tokio::test]
async fn bad_bodies_name_what_is_wrong_and_write_nothing() {
    let world = World::new().await;
    let cases = [
        ("", None),
        ("[]", None),
        ("{}", Some("url")),
        (r#"{"url":"https://hooks.example.com"}"#, Some("events")),
        (r#"{"url":null,"events":["lead.created"]}"#, Some("url")),
        (r#"{"url":"https://hooks.example.com","events":[]}"#, Some("events")),
        (r#"{"url":"https://hooks.example.com","events":["lead.created","lead.created"]}"#, Some("events")),
        (r#"{"url":"https://hooks.example.com","events":["lead.deleted"]}"#, Some("events")),
        (r#"{"url":"https://hooks.example.com","events":"lead.created"}"#, Some("events")),
        (
            r#"{"url":"https://hooks.example.com","events":["lead.created"],"description":7}"#,
            Some("description"),
        ),
        (r#"{"url":"https://hooks.example.com","events":["lead.created"],"secret":"mine"}"#, Some("secret")),
        (
            r#"{"url":"https://hooks.example.com","events":["lead.created"],"status":"enabled"}"#,
            Some("status"),
        ),
    ];
    for (body, param) in cases {
        assert_eq!(post_raw(&world, &[JSON], body).await.error(), (400, "bad_request", param), "{body}");
    }
    let good = json!({"url": URL, "events": ["lead.created"]}).to_string();
    let answer = post_raw(&world, &[("content-type", "text/plain")], &good).await;
    assert_eq!(answer.error(), (415, "unsupported_media_type", Some("Content-Type")));
    let answer = post_raw(&world, &[JSON], &format!("{good}{}", " ".repeat(64 * 1024))).await;
    assert_eq!(answer.error(), (413, "payload_too_large", None));
    assert!(webhooks(&world).await.is_empty());
}

#[tokio::test]
async fn a_url_that_nothing_may_be_sent_to_is_refused_with_the_reason_and_never_called() {
    let world = World::new().await;
    let (id, webhook) = one(&world).await;
    for (url, said) in [
        ("http://hooks.example.com/in", "https://"),
        ("https://hooks.example.com:8443/in", "Allowed: 443"),
        ("https://127.0.0.1/in", "public internet"),
        ("https://169.254.169.254/latest/meta-data", "public internet"),
        ("https://[::ffff:10.0.0.1]/in", "public internet"),
        ("https://localhost/in", "localhost"),
        ("https://printer.local/in", ".local"),
        ("https://user:password@hooks.example.com/in", "user name"),
        ("https://hooks.example.com/in#here", "fragment"),
        ("https://127.0.0.1/in", "use `inboundflow dev`"),
        ("hooks.example.com", "https://example.com/webhooks"),
        ("", "https://example.com/webhooks"),
    ] {
        let body = json!({"url": url, "events": ["lead.created"]});
        for answer in
            [world.client.post("/v1/webhooks", &body).await, patch(&world, &id, &json!({"url": url})).await]
        {
            assert_eq!(answer.error(), (400, "bad_request", Some("url")), "{url}");
            assert!(answer.text.contains(said), "{url}: {}", answer.text);
        }
    }
    assert_eq!(webhooks(&world).await, [without_secret(&webhook)]);
}

#[tokio::test]
async fn an_organization_has_fifty_endpoints_at_the_most() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for _ in 0..50 {
        ids.push(one(&world).await.0);
    }
    let body = json!({"url": URL, "events": ["lead.created"]});
    let answer = world.client.post("/v1/webhooks", &body).await;
    assert_eq!(answer.error(), (409, "conflict", None));
    assert!(answer.text.contains("50"), "{}", answer.text);
    let (_, stranger) = world.stranger().await;
    assert_eq!(stranger.post("/v1/webhooks", &body).await.status, 201, "others have their own fifty");
    let path = format!("/v1/webhooks/{}", ids[7]);
    assert_eq!(world.client.send(Method::DELETE, &path, &[], None).await.status, 200);
    assert_eq!(world.client.post("/v1/webhooks", &body).await.status, 201);
}

#[tokio::test]
async fn endpoints_are_listed_newest_first_page_by_page() {
    let (time, clock) = harness::clock("2026-02-24T20:59:00Z");
    let world = World::with_clock(clock).await;
    let mut made = Vec::new();
    for _ in 0..7 {
        made.push(without_secret(&one(&world).await.1));
        time.fetch_add(1000, Ordering::SeqCst);
    }
    made.reverse();
    assert_eq!(world.client.walk("/v1/webhooks?limit=3").await, made);
    let since = world.client.get("/v1/webhooks?since=2026-02-24T20:59:04Z").await.ok();
    assert_eq!(since["data"], json!(made[..2]));
    let answer = world.client.get("/v1/webhooks?status=enabled").await;
    assert_eq!(answer.error(), (400, "bad_request", Some("status")));
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let (time, clock) = harness::clock("2026-02-24T20:59:00Z");
    let world = World::with_clock(clock).await;
    let (id, made) = one(&world).await;
    let mut expected = without_secret(&made);
    for (body, field, value) in [
        (json!({"description": "CRM"}), "description", json!("CRM")),
        (json!({"url": URL}), "url", json!(URL)),
        (json!({"events": ["call.transferred"]}), "events", json!(["call.transferred"])),
        (json!({"description": ""}), "description", json!("")),
        (json!({"description": null}), "description", json!(null)),
    ] {
        time.fetch_add(1000, Ordering::SeqCst);
        let answer = patch(&world, &id, &body).await;
        answer.check_common();
        let now = answer.body["meta"]["timestamp"].as_str().and_then(Timestamp::parse).unwrap();
        expected[field] = value;
        expected["updated_at"] = json!(now);
        assert_eq!((answer.status, &answer.body["data"]), (200, &expected), "{body}");
    }
    time.fetch_add(1000, Ordering::SeqCst);
    assert_eq!(patch(&world, &id, &json!({})).await.ok()["data"], expected, "nothing has changed");
    assert_eq!(webhooks(&world).await, [expected]);
    let item = world.item("Webhooks", &id).await.unwrap();
    assert!(!item.contains_key("secrets"));
    let item = world.item("WebhookSecrets", &id).await.unwrap();
    assert_eq!(item["secrets"].as_m().unwrap()["current"].as_s().unwrap(), made["secret"].as_str().unwrap());
}

#[tokio::test]
async fn a_patch_that_is_wrong_names_the_field_and_changes_nothing() {
    let world = World::new().await;
    let (id, made) = one(&world).await;
    for (body, param) in [
        (json!([]), None),
        (json!({"status": "on", "description": "x"}), Some("status")),
        (json!({"events": null}), Some("events")),
        (json!({"url": null}), Some("url")),
        (json!({"description": "x".repeat(201)}), Some("description")),
        (json!({"secret": "whsec_"}), Some("secret")),
        (json!({"disabled_reason": null}), Some("disabled_reason")),
    ] {
        assert_eq!(patch(&world, &id, &body).await.error(), (400, "bad_request", param), "{body}");
    }
    assert_eq!(webhooks(&world).await, [without_secret(&made)]);
}

#[tokio::test]
async fn what_is_disabled_says_why_and_begins_clean_when_it_is_enabled() {
    let world = World::new().await;
    let (id, _) = one(&world).await;
    let off = patch(&world, &id, &json!({"status": "disabled"})).await.ok();
    assert_eq!(fields(&off["data"], ["status", "disabled_reason"]), json!(["disabled", "requested"]));
    let on = patch(&world, &id, &json!({"status": "enabled"})).await.ok();
    assert_eq!((&on["data"]["status"], &on["data"]["disabled_reason"]), (&json!("enabled"), &json!(null)));

    let endpoint =
        world.store.delivery_endpoint(world.organization, id.parse().unwrap()).await.unwrap().unwrap();
    world.store.note_failure(&endpoint).await.unwrap();
    let failing = world.client.get(&format!("/v1/webhooks/{id}")).await.ok();
    assert!(failing["data"]["failing_since"].is_string(), "{failing}");
    assert!(world.store.disable_gone(&endpoint).await.unwrap());
    let gone = world.client.get(&format!("/v1/webhooks/{id}")).await.ok();
    assert_eq!(gone["data"]["disabled_reason"], "gone");
    let on = patch(&world, &id, &json!({"status": "enabled"})).await.ok();
    assert_eq!((&on["data"]["disabled_reason"], &on["data"]["failing_since"]), (&json!(null), &json!(null)));
    let item = world.item("Webhooks", &id).await.unwrap();
    assert!(!["troubled_until", "last_failed_at"].iter().any(|name| item.contains_key(*name)), "{item:?}");
}

#[tokio::test]
async fn what_was_deleted_is_gone_for_every_route() {
    let world = World::new().await;
    let (id, _) = one(&world).await;
    let test = world.client.post(&format!("/v1/webhooks/{id}/test"), &json!({})).await.ok();
    let delivery = test["data"]["id"].as_str().unwrap();
    let path = format!("/v1/webhooks/{id}");
    let answer = world.client.send(Method::DELETE, &path, &[], None).await;
    answer.check_common();
    assert_eq!((answer.status, &answer.body["data"]), (200, &json!({"id": id, "deleted": true})));
    assert!(webhooks(&world).await.is_empty());
    for (method, path, body) in [
        (Method::GET, path.clone(), None),
        (Method::DELETE, path.clone(), None),
        (Method::PATCH, path.clone(), Some("{}")),
        (Method::POST, format!("{path}/test"), None),
        (Method::POST, format!("{path}/rotate-secret"), None),
        (Method::POST, format!("{path}/replay"), Some(r#"{"since": "2026-02-24"}"#)),
        (Method::GET, format!("{path}/deliveries"), None),
        (Method::GET, format!("{path}/deliveries/{delivery}"), None),
        (Method::POST, format!("{path}/deliveries/{delivery}/replay"), None),
    ] {
        let answer = world.client.send(method.clone(), &path, &[], body.map(str::to_owned)).await;
        assert_eq!(answer.error(), (404, "not_found", None), "{method} {path}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_needed_may_be_missing_but_not_be_wrong() {
    let world = World::new().await;
    let (id, _) = one(&world).await;
    let test = world.client.post(&format!("/v1/webhooks/{id}/test"), &json!({})).await.ok();
    let delivery = test["data"]["id"].as_str().unwrap();
    for path in [
        format!("/v1/webhooks/{id}/test"),
        format!("/v1/webhooks/{id}/rotate-secret"),
        format!("/v1/webhooks/{id}/deliveries/{delivery}/replay"),
    ] {
        let send = async |headers: &[(&str, &str)], body: Option<&str>| {
            world.client.send(Method::POST, &path, headers, body.map(str::to_owned)).await
        };
        for (headers, body) in [
            (&[][..], None),
            (&[JSON], None),
            (&[("content-type", "application/x-www-form-urlencoded")], Some("")),
            (&[JSON], Some("{}")),
        ] {
            assert!(send(headers, body).await.status < 300, "{path} {headers:?}");
        }
        assert_eq!(send(&[JSON], Some("[]")).await.error(), (400, "bad_request", None));
        assert_eq!(send(&[JSON], Some("{\"a\":1}")).await.error(), (400, "bad_request", Some("a")));
        assert_eq!(send(&[("content-type", "text/plain")], Some("{}")).await.status, 415);
        assert_eq!(send(&[JSON], Some(&" ".repeat(64 * 1024 + 1))).await.status, 413);
    }
}
