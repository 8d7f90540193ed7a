//! Recorded events, replayed: what REST APIs and HTTP APIs send, and batches of the
//! queue and of the tables' streams.

use std::{fs, path::PathBuf};

use domain::{Timestamp, plan::PlanKeys};
use harness::{FAST, Fanning, World, call, clock, functions, invoke, stack};
use identify::{Identify, Request};
use local::LocalQueue;
use serde_json::{Value, json};

/// Every recorded event of a resource, with the key of this world in the place of the recorded one.
fn recorded(world: &World) -> Vec<(String, Value)> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../events"));
    let mut events = Vec::new();
    for folder in fs::read_dir(root).unwrap().map(Result::unwrap) {
        // These are no requests. They stand below, but for deliver's, which `.ci/replay.py` gives the binary alone.
        if ["identify", "ingest", "fanout", "deliver"].iter().any(|other| folder.file_name() == *other) {
            continue;
        }
        for file in fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            let text = fs::read_to_string(&path).unwrap().replace("sk_live_your_key_here", &world.key);
            events.push((path.display().to_string(), serde_json::from_str(&text).unwrap()));
        }
    }
    events.sort_by(|a, b| a.0.cmp(&b.0));
    events
}

#[tokio::test]
async fn every_recorded_event_of_the_authorizer_gets_its_answer() {
    let world = World::new().await;
    let identify = Identify { plan_keys: PlanKeys::Individual, prefix: "Test-".to_owned() };
    for name in ["with-key", "without-key", "two-keys", "documentation"] {
        let path = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/../events/identify/{}.json"), name);
        let text = fs::read_to_string(path).unwrap().replace("sk_live_your_key_here", &world.key);
        let event: Value = serde_json::from_str(&text).unwrap();
        let request: Request = serde_json::from_value(event.clone()).unwrap();
        let answer = serde_json::to_value(identify.answer(&request, Timestamp::now())).unwrap();
        for (pointer, value) in event["_expected"]["answer"].as_object().unwrap() {
            assert_eq!(answer.pointer(pointer), Some(value), "{name} {pointer}: {answer}");
        }
    }
}

#[tokio::test]
async fn every_recorded_batch_of_the_queue_is_applied_parked_or_comes_again() {
    let world = World::new().await;
    let queue = LocalQueue::listen(&stack()).await.unwrap();
    let ingest = queue.ingest(&stack(), &world.store).unwrap();
    let batches = batches("ingest", &world, ("your-events-bucket", queue.bucket()));
    assert!(batches.len() >= 6, "{}", batches.len());
    for (name, event) in batches {
        let (expected, before) = (&event["_expected"], queue.dead_letters().len());
        let answer = ingest.handle(serde_json::from_value(event.clone()).unwrap()).await;
        let answer = serde_json::to_value(answer).unwrap();
        assert_eq!(answer["batchItemFailures"], expected["answer"]["/batchItemFailures"], "{name}");
        let dead_letters: Vec<_> =
            queue.dead_letters().into_iter().skip(before).map(|letter| letter.kind).collect();
        assert_eq!(json!(dead_letters), expected["dead_letters"], "{name}");
        check_then(&world, &name, expected).await;
    }
}

#[tokio::test]
async fn every_recorded_batch_of_a_stream_is_published_sent_or_a_dead_letter() {
    let world = World::new().await;
    let fanning = Fanning::new(&world).await;
    // A sweep takes what is due of every organization, and other tests' deliveries are none of its business.
    let (_, before_all) = clock("2020-01-01T00:00:00Z");
    let early = Fanning::over(&world, &world.store.clone().with_clock(before_all)).await;
    let batches = batches("fanout", &world, (":table/InboundFlow-", ":table/Test-"));
    assert!(batches.len() >= 7, "{}", batches.len());
    for (name, event) in batches {
        let (expected, before) = (&event["_expected"], fanning.tasks(FAST).len());
        let letters_before = fanning.dead_letters().len();
        let is_sweep = event["source"].is_string();
        let answer = if is_sweep { &early } else { &fanning }.call(&event).await.unwrap();
        for (pointer, value) in expected["answer"].as_object().unwrap() {
            assert_eq!(answer.pointer(pointer), Some(value), "{name} {pointer}: {answer}");
        }
        let dead_letters = fanning.dead_letters().into_iter().skip(letters_before);
        let dead_letters: Vec<String> = dead_letters.map(|(kind, _)| kind).collect();
        assert_eq!(json!(dead_letters), expected["dead_letters"], "{name}");
        let sent = fanning.tasks(FAST).len() - before;
        assert_eq!(sent as u64, expected["sent"].as_u64().unwrap_or_default(), "{name}");
        check_then(&world, &name, expected).await;
    }
}

/// The recorded batches of a function, with this world's own names in the place of the recorded ones.
fn batches(function: &str, world: &World, (recorded, own): (&str, &str)) -> Vec<(String, Value)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../events")).join(function);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap().replace(recorded, own);
        let text = text.replace("8f3d0324-ac89-48ba-bffd-aac009b8c000", &world.organization.to_string());
        (file.display().to_string(), serde_json::from_str(&text).unwrap())
    };
    files.into_iter().map(read).collect()
}

/// Checks the API's response after a batch.
async fn check_then(world: &World, name: &str, expected: &Value) {
    let Some(path) = expected["then"]["path"].as_str() else { return };
    let body = world.client.get(path).await.body;
    for (pointer, value) in expected["then"]["body"].as_object().unwrap() {
        assert_eq!(body.pointer(pointer), Some(value), "{name} {pointer}: {body}");
    }
}

/// The first value of each header of a gateway's response.
pub(crate) fn headers_of(answer: &Value) -> Value {
    // A REST API's answer has its headers in lists, an HTTP API's has one value each.
    match answer["multiValueHeaders"].as_object().filter(|multi| !multi.is_empty()) {
        None => {
            assert_eq!(answer["cookies"], json!([]), "cargo-lambda refuses an answer without them");
            answer["headers"].clone()
        }
        Some(multi) => multi.iter().map(|(name, values)| (name.clone(), values[0].clone())).collect(),
    }
}

#[tokio::test]
async fn every_recorded_event_gets_its_answer() {
    let world = World::new().await;
    let mut known = call("2026-02-24T20:59:00Z");
    known["id"] = "07f51470-ef1d-421c-a847-36e98732bb9b".into();
    known["caller_phone"] = "+14155551234".into();
    world.import("calls", &[known]).await;
    let functions = functions(&world.store);
    let events = recorded(&world);
    assert!(events.len() >= 12, "{}", events.len());
    for (file, event) in events {
        let expected = &event["_expected"];
        let answer = invoke(&functions, &event).await;
        assert_eq!(answer["statusCode"], expected["status"], "{file}: {answer}");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(answer["isBase64Encoded"], false);
        for (pointer, value) in expected["body"].as_object().unwrap() {
            assert_eq!(body.pointer(pointer), Some(value), "{file} {pointer}: {body}");
        }
        // The OpenAPI document is no record, and has no envelope.
        let request_id =
            if body["openapi"].is_null() { &body["meta"]["request_id"] } else { &json!("req_c6af9ac67b61") };
        assert_eq!(&headers_of(&answer)["x-request-id"], request_id, "{file}");
        assert_eq!(headers_of(&answer)["content-type"], "application/json", "{file}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_whole_is_refused_and_not_read_in_part() {
    let world = World::new().await;
    let functions = functions(&world.store);
    let bearer = format!("Bearer {}", world.key);
    let good = json!({
        "path": "/v1/calls", "httpMethod": "GET", "headers": {"authorization": bearer},
        "multiValueHeaders": {"authorization": [bearer]}, "queryStringParameters": {"status": "failed"},
        "multiValueQueryStringParameters": {"status": ["failed"]},
    });
    assert_eq!(invoke(&functions, &good).await["statusCode"], 200);
    for (field, odd) in [
        ("multiValueHeaders", json!({"authorization": [bearer, null]})),
        ("multiValueHeaders", json!({"authorization": bearer})),
        ("multiValueQueryStringParameters", json!({"status": ["failed", 1]})),
        ("multiValueQueryStringParameters", json!(["status"])),
    ] {
        let mut event = good.clone();
        event[field] = odd;
        let answer = invoke(&functions, &event).await;
        assert_eq!(answer["statusCode"], 400, "{event}");
    }
}

#[tokio::test]
async fn both_event_shapes_answer_alike() {
    let world = World::new().await;
    let functions = functions(&world.store);
    let bearer = format!("Bearer {}", world.key);
    let rest = json!({
        "resource": "/v1/calls", "path": "/v1/calls", "httpMethod": "GET", "headers": {"authorization": bearer},
        "multiValueHeaders": {"authorization": [bearer]}, "queryStringParameters": {"limit": "0"},
        "multiValueQueryStringParameters": {"limit": ["0"]},
        "requestContext": {"requestId": "c6af9ac6-7b61-41e6-9a41-93e8deadbeef", "stage": "live", "httpMethod": "GET"},
    });
    let http = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/v1/calls", "rawQueryString": "limit=0",
        "headers": {"authorization": bearer}, "isBase64Encoded": false,
        "requestContext": {
            "requestId": "c6af9ac6-7b61-41e6-9a41-93e8deadbeef", "stage": "$default", "timeEpoch": 1_771_966_740_000_i64,
            "http": {"method": "GET", "path": "/v1/calls", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "curl"},
        },
    });
    let (rest, http) = (invoke(&functions, &rest).await, invoke(&functions, &http).await);
    assert_eq!((&rest["statusCode"], &http["statusCode"]), (&json!(400), &json!(400)));
    let error = |answer: &Value| {
        serde_json::from_str::<Value>(answer["body"].as_str().unwrap()).unwrap()["error"].clone()
    };
    assert_eq!(error(&rest), error(&http));
}
