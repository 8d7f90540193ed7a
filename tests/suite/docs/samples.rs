//! The five sample responses of the public documentation: every field, in its order, with its type. What came later
//! stands between or after them.

use harness::{World, appointment, call, contact, lead, message};
use serde_json::{Value, json};

/// The documented fields of the records of each list.
const DOCUMENTED: [(&str, &str); 4] = [
    (
        "calls",
        "id caller_phone caller_name status duration_seconds summary transcript recording_url transfer_status \
         started_at ended_at assistant_id contact_id created_at",
    ),
    ("contacts", "id phone name email company source total_calls last_call_at notes created_at updated_at"),
    (
        "leads",
        "id caller_phone caller_name caller_email status urgency interest qualification_reason call_summary \
         call_log_id contact_id created_at updated_at",
    ),
    (
        "appointments",
        "id caller_phone caller_name appointment_date appointment_time_start appointment_time_end service_type \
         status calendar_event_link call_log_id contact_id created_at updated_at",
    ),
];

fn names(record: &Value) -> Vec<&str> {
    record.as_object().unwrap().keys().map(String::as_str).collect()
}

/// One imported record, listed: what is answered must be the documentation's, but for ids of ours.
#[tokio::test]
async fn each_list_is_answered_as_documented() {
    let world = World::new().await;
    let records = [
        call("2026-02-24T20:59:00Z"),
        contact("+14155551234", "2026-02-20T14:00:00Z"),
        lead("2026-02-24T21:00:00Z"),
        appointment("2026-02-24T21:00:00Z"),
    ];
    for ((resource, documented), record) in DOCUMENTED.into_iter().zip(records) {
        world.import(resource, std::slice::from_ref(&record)).await;
        let answer = world.client.get(&format!("/v1/{resource}")).await;
        answer.check_common();
        assert_eq!(names(&answer.body), ["data", "has_more", "next_cursor", "meta"]);
        assert_eq!(names(&answer.body["meta"]), ["request_id", "timestamp"]);
        let documented: Vec<&str> = documented.split(' ').collect();
        let mut shown = names(&answer.body["data"][0]);
        shown.retain(|field| documented.contains(field));
        assert_eq!(shown, documented);
        assert_eq!(answer.body["data"], json!([record]), "what was imported is what is answered");
        assert_eq!((&answer.body["has_more"], &answer.body["next_cursor"]), (&json!(false), &Value::Null));
    }
}

#[tokio::test]
async fn me_is_answered_as_documented() {
    let world = World::new().await;
    let scopes = ["calls:read", "contacts:read", "contacts:write", "appointments:read", "leads:read"];
    let key = world.key(&scopes.map(|scope| scope.parse().unwrap()), harness::UNLIMITED).await;
    let answer = world.client.with_key(Some(&key)).get("/v1/me").await;
    answer.check_common();
    let documented = json!({
        "organization_id": world.organization, "organization_name": "Dave Auto Shop", "plan": "Starter Plan",
        "scopes": scopes,
    });
    assert_eq!(answer.body["data"].to_string(), documented.to_string());
    assert_eq!(names(&answer.body), ["data", "meta"]);
}

#[tokio::test]
async fn a_single_call_adds_its_messages_at_the_end() {
    let world = World::new().await;
    let mut record = call("2026-02-24T20:59:00.250Z");
    record["messages"] =
        json!([message("assistant", "Hello, \"Dave\" – über ☎"), message("user", "Hi\nthere")]);
    world.import("calls", std::slice::from_ref(&record)).await;
    let answer = world.client.get(&format!("/v1/calls/{}", record["id"].as_str().unwrap())).await.ok();
    assert_eq!(answer["data"].to_string(), record.to_string(), "same fields, same order, messages last");
    let listed = world.client.get("/v1/calls").await.ok();
    assert!(listed["data"][0].get("messages").is_none());
}

#[tokio::test]
async fn a_call_without_messages_has_an_empty_array() {
    let world = World::new().await;
    let record = call("2026-02-24T20:59:00Z");
    world.import("calls", std::slice::from_ref(&record)).await;
    let answer = world.client.get(&format!("/v1/calls/{}", record["id"].as_str().unwrap())).await.ok();
    assert_eq!(answer["data"]["messages"], json!([]));
}

#[tokio::test]
async fn what_may_be_null_is_printed_as_null() {
    let world = World::new().await;
    let mut record = call("2026-02-24T20:59:00Z");
    for (field, value) in record.as_object_mut().unwrap() {
        if !["id", "status", "created_at"].contains(&field.as_str()) {
            *value = Value::Null;
        }
    }
    world.import("calls", std::slice::from_ref(&record)).await;
    assert_eq!(world.client.get("/v1/calls").await.ok()["data"], json!([record]));
}

#[tokio::test]
async fn the_request_id_is_the_gateways() {
    let world = World::new().await;
    let functions = harness::functions(&world.store);
    let event = json!({
        "resource": "/v1/me", "path": "/v1/me", "httpMethod": "GET", "headers": {}, "multiValueHeaders": {},
        "requestContext": {"requestId": "C6AF9AC6-7b61-41e6-9a41-93e8deadbeef", "httpMethod": "GET", "stage": "live"},
    });
    let answer = harness::invoke(&functions, &event).await;
    assert_eq!(answer["multiValueHeaders"]["x-request-id"], json!(["req_c6af9ac67b61"]));
}
