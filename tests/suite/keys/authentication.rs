//! Authentication of every route of the catalogue: which keys are let in, and how the others are refused.

use std::sync::atomic::Ordering;

use domain::{OrganizationId, RecordId, Scope, Timestamp, catalogue, key::ApiKey};
use harness::{Client, UNLIMITED, World, clock, path_of};
use reqwest::Method;
use store::KeyRequest;

/// Every method and path of the catalogue, with an id that nobody has.
fn routes() -> Vec<(Method, String, Option<Scope>)> {
    let mut routes = Vec::new();
    for resource in catalogue::ALL {
        for route in resource.routes {
            for method in route.methods {
                let scope = if *method == "GET" { resource.read } else { resource.write };
                let path = path_of(route.path, &RecordId::random().to_string());
                routes.push((method.parse().unwrap(), path, scope));
            }
        }
    }
    routes
}

async fn ask(client: &Client, method: &Method, path: &str) -> (u16, String, String) {
    let answer = client.send(method.clone(), path, &[], None).await;
    let (status, code, _) = answer.error();
    (status, code.to_owned(), answer.body["error"]["message"].as_str().unwrap().to_owned())
}

async fn refused_everywhere(client: &Client, why: &str) {
    for (method, path, _) in routes() {
        let (status, code, message) = ask(client, &method, &path).await;
        assert_eq!((status, code.as_str()), (401, "unauthorized"), "{method} {path}");
        assert!(message.contains(why), "{method} {path}: {message}");
        let answer = client.send(method, &path, &[], None).await;
        assert_eq!((answer.header("x-ratelimit-limit"), answer.header("x-ratelimit-remaining")), ("60", "0"));
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
}

#[tokio::test]
async fn no_key_is_refused() {
    let world = World::new().await;
    refused_everywhere(&world.client.with_key(None), "Missing").await;
    assert!(world.wire.take_calls().is_empty(), "and nothing was asked of DynamoDB");
}

#[tokio::test]
async fn a_malformed_key_is_refused_without_a_look_up() {
    let world = World::new().await;
    let mistyped = world.key.replace(&world.key[20..21], if &world.key[20..21] == "x" { "y" } else { "x" });
    for key in ["sk_live_your_key_here", "x", &mistyped, &world.key[..45]] {
        refused_everywhere(&world.client.with_key(Some(key)), "Malformed").await;
    }
    assert!(world.wire.take_calls().is_empty());
}

#[tokio::test]
async fn an_unknown_key_is_refused_and_looked_up_once() {
    let world = World::new().await;
    let unknown = ApiKey::generate().unwrap();
    refused_everywhere(&world.client.with_key(Some(unknown.reveal())), "Unknown").await;
    // One look-up per function: each has its own memory.
    assert_eq!(world.wire.take_calls().len(), catalogue::ALL.len());
}

#[tokio::test]
async fn a_revoked_key_is_refused_from_the_next_request_on() {
    let world = World::new().await;
    assert_eq!(world.client.get("/v1/me").await.status, 200);
    assert_eq!(world.client.get("/v1/calls").await.status, 200);
    let key_id = world.store.keys(world.organization).await.unwrap()[0].key_id;
    world.store.revoke_key(key_id).await.unwrap();
    refused_everywhere(&world.client, "revoked").await;
}

#[tokio::test]
async fn an_expired_key_is_refused() {
    let (time, clock) = clock("2026-02-24T20:59:00Z");
    let world = World::with_clock(clock).await;
    let request = KeyRequest {
        organization: world.organization,
        name: "short".to_owned(),
        scopes: Scope::ALL.into(),
        expires_at: Timestamp::parse("2026-02-24T21:00:00Z"),
        requests_per_minute: UNLIMITED,
    };
    let key = world.store.create_key(&request).await.unwrap();
    let client = world.client.with_key(Some(key.key.reveal()));
    assert_eq!(client.get("/v1/me").await.status, 200);
    time.fetch_add(59_999, Ordering::SeqCst);
    assert_eq!(client.get("/v1/me").await.status, 200);
    time.fetch_add(1, Ordering::SeqCst);
    refused_everywhere(&client, "expired").await;
}

#[tokio::test]
async fn a_key_without_the_scope_is_forbidden_before_anything_is_looked_up() {
    let world = World::new().await;
    for (method, path, scope) in routes() {
        let Some(scope) = scope else { continue };
        let others: Vec<Scope> = Scope::ALL.into_iter().filter(|other| *other != scope).collect();
        let key = world.key(&others, UNLIMITED).await;
        let client = world.client.with_key(Some(&key));
        // Cold, then warm; and a wrong parameter is not looked at either.
        for path in [path.clone(), path.clone(), format!("{path}?limit=0")] {
            let _ = world.wire.take_calls();
            let (status, code, message) = ask(&client, &method, &path).await;
            assert_eq!((status, code.as_str()), (403, "forbidden"), "{method} {path}");
            assert!(message.contains(scope.as_str()), "{message}");
            assert_eq!(world.wire.take_calls(), ["UpdateItem"], "only the count");
        }
    }
}

#[tokio::test]
async fn a_key_with_just_the_scope_is_let_in() {
    let world = World::new().await;
    for (method, path, scope) in routes() {
        let key = world.key(&scope.into_iter().collect::<Vec<_>>(), UNLIMITED).await;
        let client = world.client.with_key(Some(&key));
        let answer = client.send(method.clone(), &path, &[], Some("{}".to_owned())).await;
        // Nobody has the id; but a body is read before the record is looked for.
        let expected: &[u16] = if path.contains('-') { &[404, 400] } else { &[200, 400] };
        assert!(expected.contains(&answer.status), "{method} {path}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_key_with_the_documented_scopes_alone_reaches_nothing_of_webhooks() {
    let world = World::new().await;
    let webhook = world.webhook(&["lead.created"]).await["id"].as_str().unwrap().to_owned();
    let documented = ["calls:read", "contacts:read", "contacts:write", "appointments:read", "leads:read"];
    let key = world.key(&documented.map(|scope| scope.parse().unwrap()), UNLIMITED).await;
    let client = world.client.with_key(Some(&key));
    assert_eq!(client.get("/v1/me").await.ok()["data"]["scopes"], serde_json::json!(documented));
    for resource in [&catalogue::WEBHOOKS, &catalogue::EVENTS] {
        for route in resource.routes {
            for method in route.methods {
                let path = path_of(route.path, &webhook);
                let (status, code, _) = ask(&client, &method.parse().unwrap(), &path).await;
                assert_eq!((status, code.as_str()), (403, "forbidden"), "{method} {path}");
            }
        }
    }
    assert_eq!(world.client.get(&format!("/v1/webhooks/{webhook}")).await.status, 200, "it is there still");
}

#[tokio::test]
async fn the_scheme_and_the_header_are_matched_without_case() {
    let world = World::new().await;
    let anonymous = world.client.with_key(None);
    for (name, scheme, status) in [
        ("authorization", "Bearer", 200),
        ("AUTHORIZATION", "bearer", 200),
        ("Authorization", "BEARER", 200),
        ("Authorization", "Basic", 401),
        ("Authorization", "", 401),
        ("X-Api-Key", "Bearer", 401),
    ] {
        let value = format!("{scheme} {}", world.key);
        assert_eq!(
            anonymous.send(Method::GET, "/v1/me", &[(name, &value)], None).await.status,
            status,
            "{name} {scheme}"
        );
    }
}

#[tokio::test]
async fn a_key_is_found_by_its_hash_alone() {
    let world = World::new().await;
    let keys = world.store.keys(world.organization).await.unwrap();
    let shown = serde_json::to_string(&keys).unwrap();
    assert!(!shown.contains(&world.key), "a list never shows a key");
    assert_eq!(keys[0].hint, format!("{}…{}", &world.key[..12], &world.key[42..]));
    assert!(world.store.keys(OrganizationId::random()).await.unwrap().is_empty());
}
