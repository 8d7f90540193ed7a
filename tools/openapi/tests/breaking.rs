//! Tests of which changes break clients.

use domain::Language;
use openapi::breaking_changes;
use serde_json::{Value, json};

fn changed(change: impl Fn(&mut Value)) -> Vec<String> {
    let old = openapi::document(Language::English).expect("a document");
    let mut new = old.clone();
    change(&mut new);
    assert!(old != new, "the change hits nothing");
    breaking_changes(&old, &new)
}

fn remove(value: &mut Value, member: &str) {
    assert!(value.as_object_mut().expect("an object").shift_remove(member).is_some(), "{member}");
}

fn without(list: &mut Value, word: &str) {
    list.as_array_mut().expect("a list").retain(|it| it != word);
}

#[test]
fn the_same_document_breaks_nothing() {
    let document = openapi::document(Language::English).expect("a document");
    assert_eq!(breaking_changes(&document, &document), [""; 0]);
}

#[test]
fn what_is_more_for_clients_breaks_nothing() {
    let optional = json!({"name": "sort", "in": "query", "schema": {"type": "string"}});
    for found in [
        changed(set("/paths/~1v1~1new", json!({"get": {"operationId": "getNew"}}))),
        changed(schema("/Call/properties/mood", json!({"type": "string"}))),
        changed(schema("/NewContact/properties/vat", json!({"type": "string"}))),
        changed(set("/components/parameters/limit/schema/maximum", json!(200))),
        changed(set("/info/description", json!("x"))),
        changed(push("/paths/~1v1~1calls/get/parameters", optional)),
    ] {
        assert_eq!(found, [""; 0]);
    }
}

/// Checks that each sentence is said of its change.
fn said(cases: Vec<(&str, Vec<String>)>) {
    for (said, found) in cases {
        assert!(found.iter().any(|it| it.contains(said)), "{said}: {found:#?}");
    }
}

/// Puts a value where a JSON pointer leads.
fn set(pointer: impl Into<String>, value: Value) -> impl Fn(&mut Value) {
    let pointer = pointer.into();
    move |new| {
        let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
        new.pointer_mut(parent).expect(parent)[member.replace("~1", "/")] = value.clone();
    }
}

fn schema(pointer: &str, value: Value) -> impl Fn(&mut Value) {
    set(format!("/components/schemas{pointer}"), value)
}

/// Removes the parameter with a name from a list of them.
fn without_parameter(pointer: &str, name: &str) -> impl Fn(&mut Value) {
    move |new| {
        let parameters = new.pointer_mut(pointer).and_then(Value::as_array_mut).expect(pointer);
        parameters.retain(|it| it["name"] != name);
    }
}

/// Removes the value at a JSON pointer.
fn gone(pointer: &str) -> impl Fn(&mut Value) {
    let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
    let member = member.replace("~1", "/");
    move |new| remove(new.pointer_mut(parent).expect(parent), &member)
}

fn push(pointer: &str, value: Value) -> impl Fn(&mut Value) {
    move |new| new.pointer_mut(pointer).and_then(Value::as_array_mut).expect(pointer).push(value.clone())
}

#[test]
fn what_is_not_taken_any_more_is_named() {
    let required = json!({"name": "x", "in": "query", "required": true, "schema": {}});
    let test = "/paths/~1v1~1webhooks~1{id}~1test/post/requestBody";
    said(vec![
        ("GET /v1/leads is gone", changed(gone("/paths/~1v1~1leads"))),
        ("operationId was", changed(set("/paths/~1v1~1me/get/operationId", json!("whoAmI")))),
        ("tags was", changed(set("/paths/~1v1~1me/get/tags", json!(["account"])))),
        (
            "parameter \"limit\": default was 50 and is 20",
            changed(set("/components/parameters/limit/schema/default", json!(20))),
        ),
        (
            "GET /v1/me: security was",
            changed(set("/paths/~1v1~1me/get/security", json!([{"apiKey": ["calls:read"]}]))),
        ),
        (
            "parameter \"status\" is gone",
            changed(without_parameter("/paths/~1v1~1calls/get/parameters", "status")),
        ),
        (
            "server \"https://api.inboundflow.app\" is gone",
            changed(set("/servers/0/url", json!("https://api.example.com"))),
        ),
        (
            "security scheme apiKey: type was \"http\" and is \"apiKey\"",
            changed(set("/components/securitySchemes/apiKey/type", json!("apiKey"))),
        ),
        ("is new and required", changed(push("/paths/~1v1~1me/get/parameters", required))),
        ("maximum is 50 (was taken", changed(set("/components/parameters/limit/schema/maximum", json!(50)))),
        ("a body is required now", changed(set(test, json!({"required": true})))),
        ("body is gone", changed(gone(test))),
        ("name is required (was taken", changed(schema("/NewContact/required", json!(["phone", "name"])))),
        ("no field notes (was taken", changed(gone("/components/schemas/NewContact/properties/notes"))),
        ("maxLength is 100 (was taken", changed(schema("/NewContact/properties/name/maxLength", json!(100)))),
        (
            "type is \"string\" (was taken",
            changed(schema("/NewContact/properties/name/type", json!("string"))),
        ),
    ]);
}

#[test]
fn what_is_not_answered_any_more_is_named() {
    let headers = "/components/responses/RateLimited/headers";
    said(vec![
        ("201 is gone", changed(gone("/paths/~1v1~1contacts/post/responses/201"))),
        (
            "summary is required (was promised",
            changed(|new| {
                remove(&mut new["components"]["schemas"]["Call"]["properties"], "summary");
                without(&mut new["components"]["schemas"]["Call"]["required"], "summary");
            }),
        ),
        (
            "error.existing_id is gone",
            changed(gone("/components/schemas/ErrorDetails/properties/existing_id")),
        ),
        (
            "type is \"string\" (was promised",
            changed(schema("/Contact/properties/phone/type", json!(["string", "null"]))),
        ),
        ("enum is", changed(push("/components/schemas/CallStatus/enum", json!("ringing")))),
        (
            "the header X-RateLimit-Remaining is no longer promised",
            changed(set("/components/headers/X-RateLimit-Remaining/required", json!(false))),
        ),
        (
            "schema Lead is gone",
            changed(|new| {
                let renamed = new.to_string().replace("/schemas/Lead\"", "/schemas/Prospect\"");
                *new = serde_json::from_str(&renamed).expect("JSON");
                let schemas = new["components"]["schemas"].as_object_mut().expect("the schemas");
                let lead = schemas.shift_remove("Lead").expect("Lead");
                schemas.insert("Prospect".to_owned(), lead);
            }),
        ),
        ("the header Vary is no longer promised", changed(gone(&format!("{headers}/Vary")))),
        (
            "the header Retry-After: type is \"integer\" (was promised",
            changed(set("/components/headers/Retry-After/schema", json!({"type": "string"}))),
        ),
    ]);
}

#[test]
fn what_is_not_sent_to_receivers_any_more_is_named() {
    let other = json!({"type": "object", "properties": {"event": {"const": "call.ringing"}}});
    said(vec![
        (
            "webhook lead.created: operationId was",
            changed(set("/webhooks/lead.created/post/operationId", json!("onLead"))),
        ),
        (
            "discriminator is \"event\" (was promised",
            changed(schema("/Event/discriminator/propertyName", json!("type"))),
        ),
        ("webhook lead.created is gone", changed(gone("/webhooks/lead.created"))),
        ("none of the alternatives", changed(push("/components/schemas/Event/oneOf", other))),
        (
            "the header \"X-InboundFlow-Signature\" is no longer promised",
            changed(without_parameter("/webhooks/lead.created/post/parameters", "X-InboundFlow-Signature")),
        ),
    ]);
}
