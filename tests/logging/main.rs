//! What is in the log and what never is, in a process of its own: the log and the panic hook are the
//! process's.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod deliveries;

use std::collections::HashMap;

use api::{ApiError, Caller, Function, List, Read};
use aws_lambda_events::sqs::SqsEvent;
use aws_sdk_dynamodb::types::AttributeValue;
use axum::routing::get;
use domain::{Organization, RecordId, Scope, key::ApiKey, webhooks::EventType};
use harness::{
    Fanning, Fault, Lines, World, body, call, call_event, clock, endpoint, functions, ingest, invoke, message,
};
use serde_json::{Value, json};
use tracing::subscriber::DefaultGuard;

/// What this thread logs from here on.
struct Log {
    written: Lines,
    _guard: DefaultGuard,
}

impl Log {
    fn begin() -> Self {
        let written = Lines::default();
        let writer = written.clone();
        let log = runtime::json_lines(move || writer.clone(), tracing::Level::INFO);
        Self { written, _guard: tracing::subscriber::set_default(log) }
    }

    fn text(&self) -> String {
        self.written.text()
    }

    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The lines with a message.
    fn of(&self, message: &str) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line["message"] == message).collect()
    }

    /// How many lines have each of these messages.
    fn count<const N: usize>(&self, messages: [&str; N]) -> [usize; N] {
        messages.map(|message| self.of(message).len())
    }

    fn assert_none_of<const N: usize>(&self, secrets: [&str; N]) {
        let text = self.text();
        for secret in secrets {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

fn event(method: &str, path: &str, query: &Value, key: &str, body: &Value) -> Value {
    json!({
        "resource": path, "path": path, "httpMethod": method, "headers": {}, "body": body.to_string(),
        "multiValueHeaders": {"authorization": [format!("Bearer {key}")], "content-type": ["application/json"]},
        "queryStringParameters": query,
        "requestContext": {"requestId": "c6af9ac6-7b61-41e6-9a41-93e8deadbeef", "stage": "live", "httpMethod": method},
    })
}

async fn broken(_: Caller<Organization, Read>) -> Result<List, ApiError> {
    panic!("the transcript was: I am Maria Garcia");
}

#[tokio::test]
async fn every_line_has_the_request_id_and_none_a_secret() {
    let (_, clock) = clock("2026-02-24T20:59:00Z");
    let world = World::with_clock(clock).await;
    let mut record = call("2026-02-24T20:59:00Z");
    record["caller_phone"] = "+14155551234".into();
    record["transcript"] = "I am Maria Garcia".into();
    record["messages"] = json!([message("user", "I am Maria Garcia")]);
    world.import("calls", std::slice::from_ref(&record)).await;
    let log = Log::begin();
    runtime::quiet_panics();

    let all = functions(&world.store);
    let narrow = world.key(&[Scope::LeadsRead], 1).await;
    let unknown = ApiKey::generate().unwrap();
    let one = format!("/v1/calls/{}", record["id"].as_str().unwrap());
    let none = json!(null);
    let contact = json!({"phone": "+14155551234", "name": "Maria Garcia", "email": "maria@example.com"});
    for (method, path, query, key, body) in [
        ("GET", "/v1/calls", json!({"phone": "+14155551234"}), world.key.as_str(), &none),
        ("GET", &one, none.clone(), &world.key, &none),
        ("GET", "/v1/calls/+14155551234", none.clone(), &world.key, &none),
        ("GET", "/v1/+14155551234", none.clone(), &world.key, &none),
        ("GET", "/v1/calls", json!({"phone": "Maria Garcia"}), &world.key, &none),
        ("GET", "/v1/calls", none.clone(), unknown.reveal(), &none),
        ("GET", "/v1/calls", none.clone(), "sk_live_Maria Garcia", &none),
        ("GET", "/v1/calls", none.clone(), &narrow, &none),
        ("GET", "/v1/leads", none.clone(), &narrow, &none),
        ("POST", "/v1/contacts", none.clone(), &world.key, &contact),
        ("POST", "/v1/contacts", none.clone(), &world.key, &contact),
        ("POST", "/v1/contacts", none.clone(), &world.key, &json!({"phone": "Maria Garcia"})),
        ("DELETE", "/v1/contacts", none.clone(), &world.key, &contact),
        ("MARIA", "/v1/contacts", none.clone(), &world.key, &none),
        ("Maria Garcia", "/v1/contacts", none.clone(), &world.key, &none),
    ] {
        invoke(&all, &event(method, path, &query, key, body)).await;
    }
    // Stored data that no longer reads, and DynamoDB quoting it.
    world.wire.disturb(|operation, _| match operation {
        "Query" => Fault::Answer(200, r#"{"Items": [{"id": {"S": "1"}, "status": {"S": "Maria Garcia"}}], "Count": 1, "ScannedCount": 1}"#.to_owned()),
        _ => Fault::None,
    });
    invoke(&all, &event("GET", "/v1/calls", &none, &world.key, &none)).await;
    world.wire.disturb(|_, _| Fault::error(400, "AccessDeniedException"));
    invoke(&all, &event("GET", "/v1/calls", &none, &world.key, &none)).await;
    for (method, path) in [("GET", "/v1/calls"), ("POST", "/v1/contacts")] {
        let said = r#"{"__type": "com.amazonaws.dynamodb.v20120810#ValidationException",
            "message": "The provided expression refers to an operand: {S: Maria Garcia +14155551234}"}"#;
        world.wire.disturb(move |operation, _| match operation {
            "UpdateItem" => Fault::None,
            _ => Fault::Answer(400, said.to_owned()),
        });
        invoke(&all, &event(method, path, &none, &world.key, &json!({"phone": "+14155559876"}))).await;
    }
    world.wire.let_be();
    let panicking =
        [("me", Function::new(world.store.clone(), me::routes().route("/v1/broken", get(broken))))];
    invoke(&panicking, &event("GET", "/v1/broken", &none, &world.key, &none)).await;

    let (text, logged) = (log.text(), log.lines());
    assert_eq!(log.count(["request_finished", "request_failed", "panicked"]), [20, 4, 1], "{text}");
    // So that it is there at each level that an operator may choose.
    for line in log.of("request_finished") {
        let is_error = line["level"] == "ERROR";
        assert_eq!(is_error, line["status"].as_u64().unwrap() >= 500, "{line}");
    }
    let others = logged.iter().filter(|line| line["method"] == "other");
    assert_eq!(others.map(|line| &line["status"]).collect::<Vec<_>>(), [405, 400], "{text}");
    assert_eq!(text.matches("ValidationException").count(), 2, "{text}");
    // What the operator's alarm goes by; an id that is none of ours is not repeated.
    let unreadable = &log.of("item_unreadable")[0];
    assert_eq!(["table", "id", "level"].map(|name| &unreadable[name]), ["Calls", "none", "ERROR"]);
    for line in &logged {
        assert_eq!(line["span"]["request_id"], "req_c6af9ac67b61", "{line}");
    }
    let hash = ApiKey::parse(&world.key).unwrap().hash().to_hex();
    log.assert_none_of(["sk_live_", &hash, "4155551234", "Maria", "maria@", "transcript", "Bearer"]);
    log.assert_none_of(["MARIA", "operand", "4155559876"]);
    let finished = &log.of("request_finished")[0];
    assert_eq!((&finished["route"], &finished["status"]), (&json!("/v1/calls"), &json!(200)));
    assert_eq!(finished["organization_id"], json!(world.organization));
}

#[test]
fn what_is_no_crate_of_the_functions_logs_from_warn_up() {
    let log = Log::begin();
    tracing::info!("said");
    tracing::warn!("warned");
    assert_eq!(log.count(["said", "warned"]), [0, 1], "{}", log.text());
}

#[tokio::test]
async fn of_an_endpoint_neither_its_url_nor_its_secret_is_logged() {
    let world = World::new().await;
    let made = world.webhook(&["lead.created"]).await;
    let id = made["id"].as_str().unwrap();
    let log = Log::begin();
    let all = functions(&world.store);
    let (path, none) = (format!("/v1/webhooks/{id}"), json!(null));
    let url = "https://maria.example.com/Maria?token=Garcia";
    for (method, path, query, body, status) in [
        ("POST", "/v1/webhooks", none.clone(), json!({"url": url, "events": ["lead.created"]}), 201),
        (
            "POST",
            "/v1/webhooks",
            none.clone(),
            json!({"url": "http://10.0.0.1/Maria", "events": ["lead.created"]}),
            400,
        ),
        ("GET", "/v1/webhooks", none.clone(), none.clone(), 200),
        ("PATCH", &path, none.clone(), json!({"url": url, "description": "Maria Garcia"}), 200),
        ("POST", &format!("{path}/rotate-secret"), none.clone(), json!({}), 200),
        ("POST", &format!("{path}/test"), none.clone(), json!({}), 202),
        ("GET", &format!("{path}/deliveries"), none.clone(), none.clone(), 200),
        ("GET", "/v1/events", json!({"webhook_id": "Maria Garcia"}), none.clone(), 400),
    ] {
        let answer = invoke(&all, &event(method, path, &query, &world.key, &body)).await;
        assert_eq!(answer["statusCode"], status, "{method} {path} {answer}");
    }
    // What is stored no longer reads.
    let broken = HashMap::from([("current".to_owned(), AttributeValue::S("whsec_Maria".to_owned()))]);
    world.set_attribute("WebhookSecrets", id, "secrets", AttributeValue::M(broken)).await;
    let rotate = format!("{path}/rotate-secret");
    let answer = invoke(&all, &event("POST", &rotate, &none, &world.key, &json!({}))).await;
    assert_eq!(answer["statusCode"], 500, "{answer}");

    let (text, routes) = (log.text(), log.of("request_finished"));
    assert_eq!((routes.len(), &routes[4]["route"]), (9, &json!("/v1/webhooks/{id}/rotate-secret")), "{text}");
    assert_eq!(log.lines().len(), 10, "{text}");
    log.assert_none_of(["whsec_", "Maria", "maria", "Garcia", "example.com", "10.0.0.1", "sk_live_"]);
}

#[tokio::test]
async fn of_a_voice_event_only_the_messages_id_and_the_outcome_are_logged() {
    let world = World::new().await;
    let log = Log::begin();
    let mut said = call_event(world.organization, RecordId::random(), "2026-02-24T21:00:00Z");
    said["call"]["caller_phone"] = "+14155551234".into();
    said["call"]["caller_name"] = "Maria Garcia".into();
    said["call"]["messages"] = json!([message("user", "I am Maria Garcia")]);
    let mut broken = said.clone();
    broken["call"]["duration_seconds"] = "Maria Garcia".into();
    let mut unknown = said.clone();
    unknown["call"]["+14155551234"] = "Maria Garcia".into();
    let pointer = json!({"version": 1, "s3": {"bucket": "maria", "key": "+14155551234"}});
    let batch = |receives: &str| -> SqsEvent {
        let record = |(nth, event): (usize, &Value)| json!({"messageId": format!("m{nth}"), "body": event.to_string(), "attributes": {"ApproximateReceiveCount": receives}});
        let records: Vec<Value> =
            [&said, &broken, &unknown, &pointer].into_iter().enumerate().map(record).collect();
        serde_json::from_value(json!({"Records": records})).unwrap()
    };
    // Nobody listens on port 9: neither SQS nor S3.
    let ingest = ingest(&world.store, "http://127.0.0.1:9", 5);
    ingest.handle(batch("1")).await;
    world.wire.disturb(|_, _| Fault::error(400, "AccessDeniedException"));
    ingest.handle(batch("5")).await;

    let counts = log.count(["event_applied", "message_retried", "event_failed", "dead_letter_failed"]);
    assert_eq!(counts, [1, 1, 3, 6], "{}", log.text());
    log.assert_none_of(["4155551234", "Maria", "maria", "Garcia"]);
    for outcome in log.lines().iter().filter(|line| line["message"] != "event_failed") {
        assert!(outcome["message_id"].as_str().is_some_and(|id| id.starts_with('m')), "{outcome}");
    }
}

#[tokio::test]
async fn of_what_is_published_the_ids_are_logged_and_of_an_endpoint_that_was_disabled_why() {
    let world = World::new().await;
    let mut fanning = Fanning::new(&world).await;
    let gone = endpoint(&world.store, world.organization, &[EventType::CallCompleted]).await;
    let mut said = call_event(world.organization, RecordId::random(), "2026-02-24T21:00:00Z");
    said["call"] = json!({
        "id": said["call"]["id"], "caller_phone": "+14155551234", "caller_name": "Maria Garcia", "status": "completed",
    });
    world.store.apply(&body(&said)).await.unwrap();
    let endpoint = world.store.delivery_endpoint(world.organization, gone.id).await.unwrap().unwrap();
    world.store.disable_gone(&endpoint).await.unwrap();
    let log = Log::begin();
    let (mut calls, webhooks) = (fanning.changes("Calls").await, fanning.changes("Webhooks").await);
    assert_eq!(fanning.hand(&calls).await, None);
    assert_eq!(fanning.hand(&webhooks).await, None);
    calls[0]["dynamodb"]["NewImage"]["caller_name"] = json!({"Maria": "Garcia"});
    assert_eq!(fanning.hand(&calls).await, None);
    world.wire.disturb(|_, _| Fault::error(400, "AccessDeniedException"));
    assert_eq!(fanning.hand(&webhooks).await, Some(webhooks.len() - 1));
    assert_eq!(fanning.hand(&calls).await, Some(0));

    let counts =
        log.count(["event_published", "message_dead_lettered", "dead_letter_failed", "record_failed"]);
    assert_eq!(counts, [2, 1, 1, 1], "{}", log.text());
    // What the operator's alarm goes by.
    let disabled = log.of("endpoint_disabled");
    assert_eq!(disabled.len(), 1, "{disabled:?}");
    let fields = ["webhook_id", "organization_id", "reason", "level"].map(|name| disabled[0][name].clone());
    assert_eq!(fields, [json!(gone.id), json!(world.organization), json!("gone"), json!("ERROR")]);
    log.assert_none_of(["4155551234", "Maria", "Garcia", "example.com", "https", "whsec_", "hook\""]);
}
