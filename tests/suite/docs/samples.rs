//! The five sample responses of the public documentation: every field, in its order, with its type. What came later
//! stands between or after them.

use harness::{World, appointment, call, contact, lead, message};
use serde_json::{Value, json};

/// The fields of an answer's record in their order, each with its JSON type.
fn shape(record: &Value) -> Vec<String> {
    let kind = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    record.as_object().unwrap().iter().map(|(name, value)| format!("{name}: {}", kind(value))).collect()
}

/// One imported record, listed: the answer's text must be the documentation's, but for ids of ours.
async fn listed(resource: &str, record: Value, documented: &[&str]) {
    let world = World::new().await;
    world.import(resource, std::slice::from_ref(&record)).await;
    let answer = world.client.get(&format!("/v1/{resource}")).await;
    answer.check_common();
    assert_eq!(shape(&answer.body), ["data: array", "has_more: bool", "next_cursor: null", "meta: object"]);
    assert_eq!(shape(&answer.body["meta"]), ["request_id: string", "timestamp: string"]);
    let mut shown = shape(&answer.body["data"][0]);
    shown.retain(|field| documented.contains(&field.as_str()));
    assert_eq!(shown, documented);
    assert_eq!(answer.body["data"], json!([record]), "what was imported is what is answered");
    assert_eq!(answer.body["has_more"], false);
}

#[tokio::test]
async fn calls_are_listed_as_documented() {
    let documented = [
        "id: string",
        "caller_phone: string",
        "caller_name: string",
        "status: string",
        "duration_seconds: number",
        "summary: string",
        "transcript: string",
        "recording_url: string",
        "transfer_status: null",
        "started_at: string",
        "ended_at: string",
        "assistant_id: string",
        "contact_id: string",
        "created_at: string",
    ];
    listed("calls", call("2026-02-24T20:59:00Z"), &documented).await;
}

#[tokio::test]
async fn contacts_are_listed_as_documented() {
    let documented = [
        "id: string",
        "phone: string",
        "name: string",
        "email: string",
        "company: null",
        "source: string",
        "total_calls: number",
        "last_call_at: string",
        "notes: string",
        "created_at: string",
        "updated_at: string",
    ];
    listed("contacts", contact("+14155551234", "2026-02-20T14:00:00Z"), &documented).await;
}

#[tokio::test]
async fn leads_are_listed_as_documented() {
    let documented = [
        "id: string",
        "caller_phone: string",
        "caller_name: string",
        "caller_email: string",
        "status: string",
        "urgency: string",
        "interest: string",
        "qualification_reason: string",
        "call_summary: string",
        "call_log_id: string",
        "contact_id: string",
        "created_at: string",
        "updated_at: string",
    ];
    listed("leads", lead("2026-02-24T21:00:00Z"), &documented).await;
}

#[tokio::test]
async fn appointments_are_listed_as_documented() {
    let documented = [
        "id: string",
        "caller_phone: string",
        "caller_name: string",
        "appointment_date: string",
        "appointment_time_start: string",
        "appointment_time_end: string",
        "service_type: string",
        "status: string",
        "calendar_event_link: string",
        "call_log_id: string",
        "contact_id: string",
        "created_at: string",
        "updated_at: string",
    ];
    listed("appointments", appointment("2026-02-24T21:00:00Z"), &documented).await;
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
    assert_eq!(shape(&answer.body), ["data: object", "meta: object"]);
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
    for field in [
        "caller_phone",
        "caller_name",
        "duration_seconds",
        "summary",
        "transcript",
        "recording_url",
        "transfer_status",
        "started_at",
        "ended_at",
        "assistant_id",
        "contact_id",
    ] {
        record[field] = Value::Null;
    }
    world.import("calls", std::slice::from_ref(&record)).await;
    assert_eq!(world.client.get("/v1/calls").await.ok()["data"], json!([record]));
}

#[tokio::test]
async fn an_error_is_answered_as_documented() {
    let world = World::new().await;
    let answer = world.client.with_key(None).get("/v1/me").await;
    assert_eq!(shape(&answer.body), ["error: object", "meta: object"]);
    assert_eq!(shape(&answer.body["error"]), ["code: string", "message: string", "status: number"]);
    assert_eq!(answer.error(), (401, "unauthorized", None));
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
