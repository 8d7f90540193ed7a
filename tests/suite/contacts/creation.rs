//! Creating contacts.

use std::sync::atomic::Ordering;

use futures_util::future::join_all;
use harness::{Response, World, clock};
use reqwest::Method;
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn post_raw(world: &World, headers: &[(&str, &str)], body: &str) -> Response {
    world.client.send(Method::POST, "/v1/contacts", headers, Some(body.to_owned())).await
}

async fn post_once(world: &World, key: &str, body: &Value) -> Response {
    post_raw(world, &[JSON, ("idempotency-key", key)], &body.to_string()).await
}

async fn contacts(world: &World) -> Vec<Value> {
    world.client.walk("/v1/contacts?limit=100").await
}

#[tokio::test]
async fn the_documented_request_makes_a_contact() {
    let world = World::new().await;
    let body = json!({
        "phone": "+14155559999", "name": "John Doe", "email": "john@example.com", "company": "Doe Industries",
        "notes": "Referred by Maria Garcia",
    });
    let answer = world.client.post("/v1/contacts", &body).await;
    answer.check_common();
    assert_eq!(answer.status, 201);
    let made = &answer.body["data"];
    let expected = json!({
        "id": made["id"], "phone": "+14155559999", "name": "John Doe", "email": "john@example.com",
        "company": "Doe Industries", "source": "api", "total_calls": 0, "last_call_at": null,
        "notes": "Referred by Maria Garcia", "created_at": made["created_at"], "updated_at": made["created_at"],
    });
    assert_eq!(made.to_string(), expected.to_string());
    let got = world.client.get(&format!("/v1/contacts/{}", made["id"].as_str().unwrap())).await.ok();
    assert_eq!(&got["data"], made);
    assert_eq!(contacts(&world).await, std::slice::from_ref(made));
    assert_eq!(world.client.get("/v1/contacts?phone=+14155559999").await.ok()["data"], json!([made]));
}

#[tokio::test]
async fn a_phone_that_is_there_is_a_conflict_that_names_its_contact() {
    let world = World::new().await;
    let first = world.client.post("/v1/contacts", &json!({"phone": "+14155559999"})).await.ok();
    let second =
        world.client.post("/v1/contacts", &json!({"phone": "+1 415 555 9999", "name": "Again"})).await;
    assert_eq!(second.error(), (409, "conflict", Some("phone")));
    assert_eq!(second.body["error"]["existing_id"], first["data"]["id"]);
    let imported = harness::contact("+14155558888", "2026-02-20T14:00:00Z");
    world.import("contacts", std::slice::from_ref(&imported)).await;
    let third = world.client.post("/v1/contacts", &json!({"phone": "+14155558888"})).await;
    assert_eq!(
        third.body["error"]["existing_id"], imported["id"],
        "an imported contact's phone is taken too"
    );
    assert_eq!(contacts(&world).await.len(), 2);
}

#[tokio::test]
async fn bad_bodies_name_what_is_wrong_and_write_nothing() {
    let world = World::new().await;
    let long = "x".repeat(10_001);
    let cases = [
        ("", None),
        ("{", None),
        ("[]", None),
        ("null", None),
        ("\"+14155559999\"", None),
        ("{\"phone\":}", None),
        ("{}", Some("phone")),
        (r#"{"phone":null}"#, Some("phone")),
        (r#"{"phone":14155559999}"#, Some("phone")),
        (r#"{"phone":""}"#, Some("phone")),
        (r#"{"phone":"555-9999"}"#, Some("phone")),
        (r#"{"phone":"+14155559999","email":"john"}"#, Some("email")),
        (r#"{"phone":"+14155559999","email":["john@example.com"]}"#, Some("email")),
        (r#"{"phone":"+14155559999","name":7}"#, Some("name")),
        (r#"{"phone":"+14155559999","company":{}}"#, Some("company")),
        (r#"{"phone":"+14155559999","id":"c6af9ac6-7b61-41e6-9a41-93e8deadbeef"}"#, Some("id")),
        (r#"{"phone":"+14155559999","source":"api"}"#, Some("source")),
        (r#"{"phone":"+14155559999","Name":"John"}"#, Some("Name")),
    ];
    for (body, param) in cases {
        assert_eq!(post_raw(&world, &[JSON], body).await.error(), (400, "bad_request", param), "{body}");
    }
    for field in ["name", "company", "notes"] {
        let answer = world.client.post("/v1/contacts", &json!({"phone": "+14155559999", field: long})).await;
        assert_eq!(answer.error(), (400, "bad_request", Some(field)));
    }
    let deep = format!("{{\"phone\":{}1{}}}", "[".repeat(500), "]".repeat(500));
    assert_eq!(post_raw(&world, &[JSON], &deep).await.status, 400);
    assert!(contacts(&world).await.is_empty());
    assert_eq!(
        world.client.post("/v1/contacts", &json!({"phone": "+14155559999"})).await.status,
        201,
        "nothing was kept"
    );
}

#[tokio::test]
async fn only_json_is_taken() {
    let world = World::new().await;
    let body = r#"{"phone":"+14155559999"}"#;
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "json", ""]
    {
        let answer = post_raw(&world, &[("content-type", kind)], body).await;
        assert_eq!(answer.error(), (415, "unsupported_media_type", Some("Content-Type")), "{kind}");
    }
    for (nth, kind) in [
        "application/json",
        "application/json; charset=UTF-8",
        "Application/JSON",
        "application/vnd.api+json",
    ]
    .iter()
    .enumerate()
    {
        let body = format!(r#"{{"phone":"+1415555999{nth}"}}"#);
        assert_eq!(post_raw(&world, &[("content-type", kind)], &body).await.status, 201, "{kind}");
    }
    assert_eq!(
        post_raw(&world, &[], r#"{"phone":"+14155558888"}"#).await.status,
        201,
        "none is taken for JSON"
    );
}

#[tokio::test]
async fn the_same_idempotency_key_and_body_give_the_first_answer_again() {
    let world = World::new().await;
    let body = json!({"phone": "+14155559999", "name": "John"});
    let first = post_once(&world, "order-1", &body).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, ""));
    // The same data, written otherwise.
    let again = post_raw(
        &world,
        &[JSON, ("idempotency-key", "order-1")],
        "{ \"name\":\"John\", \"phone\":\"+1 415 555 9999\" }",
    )
    .await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
    assert_eq!(again.body["data"].to_string(), first.body["data"].to_string());
    assert_ne!(again.body["meta"]["request_id"], first.body["meta"]["request_id"]);
    assert_eq!(contacts(&world).await.len(), 1);
}

#[tokio::test]
async fn a_refused_request_does_not_use_up_its_idempotency_key() {
    let world = World::new().await;
    assert_eq!(post_once(&world, "order-1", &json!({"phone": "555"})).await.status, 400);
    assert_eq!(world.client.post("/v1/contacts", &json!({"phone": "+14155559999"})).await.status, 201);
    assert_eq!(post_once(&world, "order-1", &json!({"phone": "+14155559999"})).await.status, 409);
    assert_eq!(post_once(&world, "order-1", &json!({"phone": "+14155558888"})).await.status, 201);
}

#[tokio::test]
async fn an_idempotency_key_is_forgotten_after_a_day() {
    let (ms, clock) = clock("2026-02-24T20:59:00Z");
    let world = World::with_clock(clock).await;
    assert_eq!(post_once(&world, "order-1", &json!({"phone": "+14155559999"})).await.status, 201);
    ms.fetch_add(24 * 3_600_000 - 1000, Ordering::SeqCst);
    assert_eq!(post_once(&world, "order-1", &json!({"phone": "+14155558888"})).await.status, 409);
    ms.fetch_add(1000, Ordering::SeqCst);
    assert_eq!(post_once(&world, "order-1", &json!({"phone": "+14155558888"})).await.status, 201);
}

#[tokio::test]
async fn an_idempotency_key_is_1_to_255_printable_characters() {
    let world = World::new().await;
    for key in ["", &"x".repeat(256), "a\tb"] {
        let answer = post_once(&world, key, &json!({"phone": "+14155559999"})).await;
        assert_eq!(answer.error(), (400, "bad_request", Some("Idempotency-Key")), "{key}");
    }
    let odd = reqwest::header::HeaderValue::from_bytes("ü".as_bytes()).unwrap();
    let request = reqwest::Client::new().post(world.url("/v1/contacts")).bearer_auth(&world.key);
    let answer =
        request.header("idempotency-key", odd).body(r#"{"phone":"+14155559999"}"#).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 400, "rather than taken for a request without one");
    assert_eq!(post_once(&world, &"x".repeat(255), &json!({"phone": "+14155559999"})).await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_requests_at_once_one_makes_the_contact() {
    let world = World::new().await;
    let body = json!({"phone": "+14155559999", "name": "John"});
    let answers = join_all((0..20).map(|_| post_once(&world, "order-1", &body))).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotent-replayed").is_empty()).count(), 1);
    let answers = join_all((0..20).map(|_| world.client.post("/v1/contacts", &body))).await;
    assert!(answers.iter().all(|answer| answer.status == 409));
    assert_eq!(contacts(&world).await.len(), 1);
}
