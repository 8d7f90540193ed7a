//! Lists: `since`, the errors for wrong parameters, and the bound of a filter. What each filter leaves, and in which order, is among
//! the promises that `check` asks of `dev`.

use harness::{World, call};
use serde_json::Value;

const DAY: &str = "2026-02-24T20:59";

fn with(mut record: Value, field: &str, value: &str) -> Value {
    record[field] = value.into();
    record
}

async fn count(world: &World, path: &str) -> usize {
    world.client.get(path).await.ok()["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn since_is_exclusive_and_reads_what_people_write() {
    let world = World::new().await;
    let records: Vec<Value> =
        [":00Z", ":00.001Z", ":01Z"].iter().map(|end| call(&format!("{DAY}{end}"))).collect();
    world.import("calls", &records).await;
    for (since, left) in [
        ("2026-02-24T20:59:00Z", 2),
        ("2026-02-24T20:59:00.000Z", 2),
        ("2026-02-24T20:59:00.001Z", 1),
        ("2026-02-24T20:59:00.0005Z", 2),
        ("2026-02-24T20:59:01Z", 0),
        ("2026-02-24T20:58:59.999Z", 3),
        ("2026-02-24T22:59:00%2B02:00", 2),
        ("2026-02-24T22:59:00+02:00", 2),
        ("2026-02-24T15:59:00-05:00", 2),
        ("2026-02-24", 3),
        ("2026-02-25", 0),
        ("2026-02-24t20:59:00z", 2),
    ] {
        assert_eq!(count(&world, &format!("/v1/calls?since={since}")).await, left, "{since}");
        assert_eq!(
            count(&world, &format!("/v1/calls?status=completed&since={since}")).await,
            left,
            "{since}"
        );
    }
}

#[tokio::test]
async fn a_parameter_that_is_wrong_is_named() {
    let world = World::new().await;
    let page = world.client.get("/v1/leads").await.ok();
    assert_eq!(page["next_cursor"], Value::Null);
    for (path, param) in [
        ("calls?limit=0", "limit"),
        ("calls?limit=101", "limit"),
        ("calls?limit=-1", "limit"),
        ("calls?limit=ten", "limit"),
        ("calls?limit=", "limit"),
        ("calls?limit", "limit"),
        ("calls?limit=1e1", "limit"),
        ("calls?status=done", "status"),
        ("calls?status=COMPLETED", "status"),
        ("calls?status=", "status"),
        ("contacts?status=new", "status"),
        ("leads?urgency=urgent", "urgency"),
        ("leads?phone=%2B14155551234", "phone"),
        ("appointments?status=no-show", "status"),
        ("calls?phone=0415", "phone"),
        ("contacts?phone=", "phone"),
        ("calls?since=yesterday", "since"),
        ("calls?since=2026-02-30", "since"),
        ("calls?since=", "since"),
        ("calls?since=2026-02-24T20:59:00", "since"),
        ("calls?cursor=", "cursor"),
        ("calls?cursor=abc", "cursor"),
        ("calls?cursor=eyJjcmVhdGVkX2F0Ijo", "cursor"),
        ("calls?page=2", "page"),
        ("calls?Limit=5", "Limit"),
        ("calls?limit=5&limit=5", "limit"),
        ("calls?status=failed&status=failed", "status"),
        ("calls?%ff=1", "\u{fffd}"),
        ("calls?limit=5&offset=5", "offset"),
        ("calls?=1", ""),
    ] {
        let answer = world.client.get(&format!("/v1/{path}")).await;
        assert_eq!(answer.error(), (400, "bad_request", Some(param)), "{path}");
    }
}

#[tokio::test]
async fn a_filter_that_matches_nearly_nothing_ends_within_its_budget() {
    let world = World::new().await;
    let phone = "+14155550101";
    let mut records: Vec<Value> = (0..6000)
        .map(|n| {
            with(call(&format!("2026-02-24T20:{:02}:{:02}Z", n / 60 % 60, n % 60)), "caller_phone", phone)
        })
        .collect();
    records.push(with(with(call("2026-01-01T00:00:00Z"), "caller_phone", phone), "status", "failed"));
    world.import("calls", &records).await;
    let _ = world.wire.take_calls();
    let page = world.client.get("/v1/calls?phone=%2B14155550101&status=failed").await.ok();
    assert!(world.wire.take_calls().len() <= 25, "a bounded number of queries");
    assert_eq!(
        (page["data"].as_array().unwrap().len(), page["has_more"].as_bool()),
        (0, Some(true)),
        "the budget is spent"
    );
    let next = format!(
        "/v1/calls?phone=%2B14155550101&status=failed&cursor={}",
        page["next_cursor"].as_str().unwrap()
    );
    let page = world.client.get(&next).await.ok();
    assert_eq!((page["data"].as_array().unwrap().len(), page["has_more"].as_bool()), (1, Some(false)));
}
