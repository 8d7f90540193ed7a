//! DynamoDB fails: what the SDK retries is not seen, what it cannot is a 500, 409 or 429 that says nothing
//! of the inside, and an import loses nothing.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use domain::RecordId;
use harness::{Fault, World, call, contact, line, message};
use serde_json::{Map, Value, json};

const FOREVER: usize = usize::MAX;

#[tokio::test]
async fn what_passes_is_retried_unseen() {
    let world = World::new().await;
    for fault in [
        || Fault::error(500, "InternalServerError"),
        || Fault::error(400, "ThrottlingException"),
        || Fault::Timeout,
        || Fault::Answer(503, String::new()),
    ] {
        for operation in ["UpdateItem", "Query"] {
            world.wire.fail(operation, 1, fault);
            assert_eq!(world.client.get("/v1/calls").await.status, 200, "{operation}");
        }
        world.wire.fail("GetItem", 1, fault);
        assert_eq!(world.client.get("/v1/me").await.status, 200);
        world.wire.fail("BatchGetItem", 1, fault);
        assert_eq!(world.client.get(&format!("/v1/calls/{}", RecordId::random())).await.status, 404);
    }
}

#[tokio::test]
async fn a_call_is_tried_three_times_and_the_next_one_again() {
    let world = World::new().await;
    assert_eq!(world.client.get("/v1/me").await.status, 200);
    for _ in 0..5 {
        world.wire.fail("GetItem", FOREVER, || Fault::error(500, "InternalServerError"));
        let _ = world.wire.take_calls();
        assert_eq!(world.client.get("/v1/me").await.status, 500);
        let attempts = world.wire.take_calls().into_iter().filter(|called| called == "GetItem").count();
        assert_eq!(attempts, 3);
        world.wire.let_be();
        assert_eq!(world.client.get("/v1/me").await.status, 200);
    }
}

#[tokio::test]
async fn what_a_busy_dynamodb_leaves_of_a_batch_is_asked_for_again() {
    let world = World::new().await;
    let mut a_call = call("2026-02-24T20:59:00Z");
    a_call["messages"] = json!([message("user", "Can you mend a bumper?")]);
    world.import("calls", std::slice::from_ref(&a_call)).await;
    let path = format!("/v1/calls/{}", a_call["id"].as_str().unwrap());
    let whole = world.client.get(&path).await.ok();
    assert_eq!(whole["data"]["messages"], a_call["messages"]);
    let tables = ["Calls", "CallMessages"].map(|table| world.table(table));
    let ids = [a_call["id"].as_str().unwrap().to_owned(), format!("{}#head", a_call["id"].as_str().unwrap())];
    let keys: Map<String, Value> = tables.iter().cloned().zip(ids.map(|id| {
        json!({"Keys": [{"organization_id": {"S": world.organization}, "id": {"S": id}}], "ConsistentRead": true})
    })).collect();
    let answered = world.ask_engine("BatchGetItem", json!({"RequestItems": keys})).await;
    for (left, times, status) in
        [(&tables[..1], 1, 200), (&tables[1..], 1, 200), (&tables[..], 2, 200), (&tables[..], FOREVER, 429)]
    {
        let (mut there, mut unprocessed) = (answered["Responses"].clone(), keys.clone());
        there.as_object_mut().unwrap().retain(|table, _| !left.contains(table));
        unprocessed.retain(|table, _| left.contains(table));
        let partial = json!({"Responses": there, "UnprocessedKeys": unprocessed}).to_string();
        world.wire.fail("BatchGetItem", times, move || Fault::Answer(200, partial.clone()));
        let _ = world.wire.take_calls();
        let answer = world.client.get(&path).await;
        assert_eq!(answer.status, status, "{left:?}");
        let asked = world.wire.take_calls().into_iter().filter(|called| called == "BatchGetItem").count();
        assert_eq!(asked, times.min(2) + 1, "{left:?}");
        if status == 200 {
            assert_eq!(answer.ok()["data"], whole["data"]);
        }
    }
}

#[tokio::test]
async fn what_stays_is_a_500_that_says_nothing_of_the_inside() {
    let world = World::new().await;
    assert_eq!(world.client.get("/v1/calls").await.status, 200);
    for fault in [
        || Fault::error(500, "InternalServerError"),
        || Fault::error(400, "AccessDeniedException"),
        || Fault::error(400, "ResourceNotFoundException"),
        || Fault::Timeout,
        || Fault::Answer(200, "<html>".to_owned()),
    ] {
        for operation in ["UpdateItem", "Query"] {
            world.wire.fail(operation, FOREVER, fault);
            let answer = world.client.get("/v1/calls").await;
            assert_eq!(answer.error(), (500, "internal_error", None), "{operation}");
            let said = answer.text.to_lowercase();
            for inside in ["dynamodb", "injected", "table", "exception", operation] {
                assert!(!said.contains(&inside.to_lowercase()), "{said}");
            }
        }
    }
    world.wire.let_be();
    assert_eq!(world.client.get("/v1/calls").await.status, 200);
}

#[tokio::test]
async fn a_throttled_key_and_a_throttled_table_are_a_429() {
    let world = World::new().await;
    for code in ["ThrottlingException", "ProvisionedThroughputExceededException"] {
        world.wire.fail("UpdateItem", FOREVER, || Fault::error(400, code));
        let answer = world.client.get("/v1/calls").await;
        assert_eq!(answer.error(), (429, "rate_limited", None));
        assert!((1..=60).contains(&answer.header("retry-after").parse().unwrap()));
        world.wire.fail("Query", FOREVER, || Fault::error(400, code));
        let answer = world.client.get("/v1/calls").await;
        assert_eq!((answer.error(), answer.header("retry-after")), ((429, "rate_limited", None), "1"));
    }
}

#[tokio::test]
async fn a_transaction_in_conflict_is_tried_again() {
    let world = World::new().await;
    let conflict = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"canceled",
        "CancellationReasons":[{"Code":"TransactionConflict"},{"Code":"None"}]}"#;
    world.wire.fail("TransactWriteItems", 3, || Fault::Answer(400, conflict.to_owned()));
    assert_eq!(world.client.post("/v1/contacts", &json!({"phone": "+14155559999"})).await.status, 201);
    world.wire.fail("TransactWriteItems", FOREVER, || Fault::Answer(400, conflict.to_owned()));
    assert_eq!(world.client.post("/v1/contacts", &json!({"phone": "+14155558888"})).await.status, 409);
}

#[tokio::test]
async fn an_idempotency_key_whose_first_request_is_still_under_way_is_waited_for() {
    let world = World::new().await;
    let headers = [("content-type", "application/json"), ("idempotency-key", "order-1")];
    let body = json!({"phone": "+14155559999"}).to_string();
    let post = || world.client.send(reqwest::Method::POST, "/v1/contacts", &headers, Some(body.clone()));
    assert_eq!(post().await.status, 201);
    let mixed = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"canceled",
        "CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed"},{"Code":"TransactionConflict"}]}"#;
    world.wire.fail("TransactWriteItems", 1, || Fault::Answer(400, mixed.to_owned()));
    let again = post().await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
}

#[tokio::test]
async fn a_creation_that_fails_writes_nothing_or_all() {
    let world = World::new().await;
    for (nth, fault) in [
        || Fault::error(500, "InternalServerError"),
        || Fault::error(400, "ThrottlingException"),
        || Fault::Timeout,
        || Fault::Answer(200, "<html>".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({"phone": format!("+1415555000{nth}")});
        world.wire.fail("TransactWriteItems", FOREVER, fault);
        let expected = if nth == 1 { (429, "rate_limited", None) } else { (500, "internal_error", None) };
        assert_eq!(world.client.post("/v1/contacts", &body).await.error(), expected);
        world.wire.fail("TransactWriteItems", 1, fault);
        let answer = world.client.post("/v1/contacts", &body).await;
        // An answer that is none is not tried again by the SDK; whatever else is.
        let expected = if nth == 3 { 500 } else { 201 };
        assert_eq!(answer.status, expected, "{nth}");
        world.wire.let_be();
    }
    assert_eq!(world.client.walk("/v1/contacts?limit=9").await.len(), 3);
}

#[tokio::test]
async fn a_creation_whose_answer_was_lost_is_made_once() {
    let world = World::new().await;
    world.wire.fail("TransactWriteItems", 1, || Fault::LostAnswer);
    assert_eq!(world.client.post("/v1/contacts", &json!({"phone": "+14155559999"})).await.status, 201);
    assert_eq!(world.client.walk("/v1/contacts?limit=9").await.len(), 1);
}

#[tokio::test]
async fn an_import_writes_again_what_was_left_unprocessed_or_throttled() {
    let world = World::new().await;
    let nth = Arc::new(AtomicUsize::new(0));
    world.wire.disturb(move |operation, body| {
        if operation != "BatchWriteItem" {
            return Fault::None;
        }
        match nth.fetch_add(1, Ordering::SeqCst) % 3 {
            0 => Fault::error(400, "ProvisionedThroughputExceededException"),
            1 => Fault::Answer(200, json!({"UnprocessedItems": body["RequestItems"]}).to_string()),
            _ => Fault::None,
        }
    });
    let records: Vec<Value> = (0..60).map(|n| call(&format!("2026-02-24T20:59:{n:02}Z"))).collect();
    world.import("calls", &records).await;
    world.wire.let_be();
    assert_eq!(world.client.walk("/v1/calls?limit=100").await.len(), 60);
}

#[tokio::test]
async fn an_import_that_cannot_write_counts_every_line_as_failed() {
    let world = World::new().await;
    world.wire.fail("BatchWriteItem", FOREVER, || Fault::error(400, "AccessDeniedException"));
    let lines = (0..30).map(|n| line("calls", &call(&format!("2026-02-24T20:59:{n:02}Z")))).collect();
    let counts = world.import_lines(lines).await;
    assert_eq!((counts.imported, counts.failed), (0, 30));
}

#[tokio::test]
async fn importing_twice_changes_nothing() {
    let world = World::new().await;
    let mut record = call("2026-02-24T20:59:00.5Z");
    record["messages"] = json!([harness::message("user", "Hi")]);
    let known = contact("+14155551234", "2026-02-20T14:00:00Z");
    for _ in 0..3 {
        world.import("calls", &[record.clone(), record.clone()]).await;
        world.import("contacts", std::slice::from_ref(&known)).await;
    }
    assert_eq!(world.client.walk("/v1/calls?limit=9").await.len(), 1);
    assert_eq!(world.client.get("/v1/contacts").await.ok()["data"], json!([known]));
}

#[tokio::test]
async fn an_imported_contact_may_change_its_phone_but_not_take_anothers() {
    let world = World::new().await;
    let mut moved = contact("+14155550101", "2026-02-20T14:00:00Z");
    world.import("contacts", &[moved.clone(), contact("+14155550102", "2026-02-20T14:00:00Z")]).await;
    moved["phone"] = "+14155550102".into();
    assert_eq!(world.import_lines(vec![line("contacts", &moved)]).await.failed, 1);
    moved["phone"] = "+14155550103".into();
    world.import("contacts", std::slice::from_ref(&moved)).await;
    let freed = world.client.post("/v1/contacts", &json!({"phone": "+14155550101"})).await;
    assert_eq!(freed.status, 201, "its old number is free again");
}
