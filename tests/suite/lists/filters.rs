//! Lists: filters, `since`, order, and the errors for wrong parameters.

use harness::{World, appointment, call, contact, lead};
use serde_json::{Value, json};

const DAY: &str = "2026-02-24T20:59";

fn with(mut record: Value, field: &str, value: &str) -> Value {
    record[field] = value.into();
    record
}

fn ids(answer: &Value) -> Vec<&str> {
    answer["data"].as_array().unwrap().iter().map(|record| record["id"].as_str().unwrap()).collect()
}

async fn count(world: &World, path: &str) -> usize {
    world.client.get(path).await.ok()["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn the_newest_come_first_and_ties_by_id() {
    let world = World::new().await;
    let mut records: Vec<Value> = (0..12).map(|n| call(&format!("{DAY}:{:02}Z", n / 4))).collect();
    world.import("calls", &records).await;
    let key = |record: &Value| (record["created_at"].to_string(), record["id"].to_string());
    records.sort_by_key(key);
    records.reverse();
    assert_eq!(world.client.get("/v1/calls").await.ok()["data"], json!(records));
}

#[tokio::test]
async fn calls_are_narrowed_by_status_and_phone_together() {
    let world = World::new().await;
    let mut records = Vec::new();
    for status in ["completed", "failed", "blocked", "in-progress", "forwarding"] {
        for phone in ["+14155550101", "+14155550102"] {
            records.push(with(with(call(&format!("{DAY}:00Z")), "status", status), "caller_phone", phone));
        }
    }
    world.import("calls", &records).await;
    for status in ["completed", "failed", "blocked", "in-progress", "forwarding"] {
        assert_eq!(count(&world, &format!("/v1/calls?status={status}")).await, 2);
        let both = world.client.get(&format!("/v1/calls?status={status}&phone=%2B14155550102")).await.ok();
        assert_eq!(
            (both["data"][0]["status"].as_str(), both["data"].as_array().unwrap().len()),
            (Some(status), 1)
        );
    }
    assert_eq!(count(&world, "/v1/calls?phone=%2B14155550101").await, 5);
    assert_eq!(count(&world, "/v1/calls?phone=%2B14155550103").await, 0);
}

#[tokio::test]
async fn leads_are_narrowed_by_status_and_urgency_together() {
    let world = World::new().await;
    let mut records = Vec::new();
    for status in ["new", "contacted", "qualified", "converted", "lost"] {
        for urgency in ["low", "medium", "high"] {
            records.push(with(with(lead(&format!("{DAY}:00Z")), "status", status), "urgency", urgency));
        }
    }
    world.import("leads", &records).await;
    for status in ["new", "contacted", "qualified", "converted", "lost"] {
        assert_eq!(count(&world, &format!("/v1/leads?status={status}")).await, 3);
        assert_eq!(count(&world, &format!("/v1/leads?status={status}&urgency=high")).await, 1);
    }
    assert_eq!(count(&world, "/v1/leads?urgency=medium").await, 5);
}

#[tokio::test]
async fn appointments_are_narrowed_by_status() {
    let world = World::new().await;
    let statuses = ["booked", "confirmed", "cancelled", "completed", "no_show"];
    let records: Vec<Value> =
        statuses.iter().map(|status| with(appointment(&format!("{DAY}:00Z")), "status", status)).collect();
    world.import("appointments", &records).await;
    for (status, record) in statuses.iter().zip(&records) {
        let answer = world.client.get(&format!("/v1/appointments?status={status}")).await.ok();
        assert_eq!(ids(&answer), [record["id"].as_str().unwrap()]);
    }
}

#[tokio::test]
async fn contacts_are_found_by_their_exact_phone_however_it_is_written() {
    let world = World::new().await;
    let record = contact("+14155551234", "2026-02-20T14:00:00Z");
    world.import("contacts", &[record.clone(), contact("+141555512345", "2026-02-20T14:00:00Z")]).await;
    for phone in
        ["%2B14155551234", "+14155551234", "%2B1%20(415)%20555-1234", "+1.415.555.1234", "%2B1-415-555-1234"]
    {
        let answer = world.client.get(&format!("/v1/contacts?phone={phone}")).await.ok();
        assert_eq!(answer["data"], json!([record]), "{phone}");
    }
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
async fn what_is_allowed_is_said() {
    let world = World::new().await;
    for (path, said) in [
        ("calls?limit=0", "from 1 to 100"),
        ("calls?status=x", "completed, failed, blocked, in-progress, forwarding"),
        ("leads?page=2", "limit, cursor, since, status, urgency"),
        ("calls?phone=1", "E.164"),
        ("calls?since=x", "2026-02-24T20:59:00Z"),
        ("calls?cursor=x", "next_cursor"),
    ] {
        let answer = world.client.get(&format!("/v1/{path}")).await;
        assert!(answer.text.contains(said), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_cursor_opens_only_its_own_list() {
    let world = World::new().await;
    world.import("calls", &[call(&format!("{DAY}:00Z")), call(&format!("{DAY}:01Z"))]).await;
    let page = world.client.get("/v1/calls?limit=1&status=completed").await.ok();
    let cursor = page["next_cursor"].as_str().unwrap();
    assert!(cursor.starts_with("eyJjcmVhdGVkX2F0Ijo"), "as the documentation shows it");
    assert_eq!(count(&world, &format!("/v1/calls?status=completed&limit=9&cursor={cursor}")).await, 1);
    for other in
        ["calls?", "calls?status=failed&", "calls?status=completed&since=2026-01-01&", "leads?", "contacts?"]
    {
        let answer = world.client.get(&format!("/v1/{other}cursor={cursor}")).await;
        assert_eq!(answer.error(), (400, "bad_request", Some("cursor")), "{other}");
    }
    for end in [1, 20, cursor.len() - 1] {
        let answer = world.client.get(&format!("/v1/calls?status=completed&cursor={}", &cursor[..end])).await;
        assert_eq!(answer.error(), (400, "bad_request", Some("cursor")));
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
