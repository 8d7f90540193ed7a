//! What breaks clients is told from what does not.

use domain::Language;
use openapi::breaking_changes;
use serde_json::{Value, json};

fn changed(change: impl Fn(&mut Value)) -> Vec<String> {
    let old = openapi::document(Language::English).expect("a document");
    let mut new = old.clone();
    change(&mut new);
    assert_ne!(old, new, "the change hits something");
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
    let none = [""; 0];
    assert_eq!(changed(|new| new["paths"]["/v1/new"] = json!({"get": {"operationId": "getNew"}})), none);
    assert_eq!(
        changed(|new| new["components"]["schemas"]["Call"]["properties"]["mood"] = json!({"type": "string"})),
        none
    );
    assert_eq!(
        changed(
            |new| new["components"]["schemas"]["NewContact"]["properties"]["vat"] = json!({"type": "string"})
        ),
        none
    );
    assert_eq!(
        changed(|new| new["components"]["parameters"]["limit"]["schema"]["maximum"] = json!(200)),
        none
    );
    assert_eq!(changed(|new| new["info"]["description"] = json!("x")), none);
    let optional = json!({"name": "sort", "in": "query", "schema": {"type": "string"}});
    assert_eq!(
        changed(|new| new["paths"]["/v1/calls"]["get"]["parameters"]
            .as_array_mut()
            .expect("a list")
            .push(optional.clone())),
        none
    );
}

#[test]
fn what_breaks_a_client_is_named() {
    let schemas = |new: &mut Value, pointer: &str, value: Value| {
        *new["components"]["schemas"].pointer_mut(pointer).expect(pointer) = value;
    };
    let cases: Vec<(&str, Vec<String>)> = vec![
        ("GET /v1/leads is gone", changed(|new| remove(&mut new["paths"], "/v1/leads"))),
        ("operationId was", changed(|new| new["paths"]["/v1/me"]["get"]["operationId"] = json!("whoAmI"))),
        (
            "it took",
            changed(|new| new["paths"]["/v1/me"]["get"]["security"] = json!([{"apiKey": ["calls:read"]}])),
        ),
        (
            "parameter \"status\" is gone",
            changed(|new| {
                let parameters =
                    new["paths"]["/v1/calls"]["get"]["parameters"].as_array_mut().expect("a list");
                parameters.retain(|it| it["name"] != "status");
            }),
        ),
        (
            "is new and required",
            changed(|new| {
                let required = json!({"name": "x", "in": "query", "required": true, "schema": {}});
                new["paths"]["/v1/me"]["get"]["parameters"].as_array_mut().expect("a list").push(required);
            }),
        ),
        (
            "maximum is 50 (was taken",
            changed(|new| new["components"]["parameters"]["limit"]["schema"]["maximum"] = json!(50)),
        ),
        (
            "a body is required now",
            changed(|new| {
                new["paths"]["/v1/webhooks/{id}/test"]["post"]["requestBody"]["required"] = json!(true)
            }),
        ),
        (
            "name is required (was taken",
            changed(|new| schemas(new, "/NewContact/required", json!(["phone", "name"]))),
        ),
        (
            "no field notes (was taken",
            changed(|new| remove(&mut new["components"]["schemas"]["NewContact"]["properties"], "notes")),
        ),
        (
            "maxLength is 100 (was taken",
            changed(|new| schemas(new, "/NewContact/properties/name/maxLength", json!(100))),
        ),
        (
            "type is \"string\" (was taken",
            changed(|new| schemas(new, "/NewContact/properties/name/type", json!("string"))),
        ),
        ("201 is gone", changed(|new| remove(&mut new["paths"]["/v1/contacts"]["post"]["responses"], "201"))),
        (
            "summary is required (was promised",
            changed(|new| {
                remove(&mut new["components"]["schemas"]["Call"]["properties"], "summary");
                without(&mut new["components"]["schemas"]["Call"]["required"], "summary");
            }),
        ),
        (
            "type is \"string\" (was promised",
            changed(|new| schemas(new, "/Contact/properties/phone/type", json!(["string", "null"]))),
        ),
        (
            "enum is",
            changed(|new| {
                new["components"]["schemas"]["CallStatus"]["enum"]
                    .as_array_mut()
                    .expect("words")
                    .push(json!("ringing"));
            }),
        ),
        (
            "the header X-RateLimit-Remaining",
            changed(|new| new["components"]["headers"]["X-RateLimit-Remaining"]["required"] = json!(false)),
        ),
        ("webhook lead.created is gone", changed(|new| remove(&mut new["webhooks"], "lead.created"))),
        (
            "none of the alternatives",
            changed(|new| {
                let event = new["components"]["schemas"]["Event"]["oneOf"].as_array_mut().expect("a list");
                event.push(json!({"type": "object", "properties": {"event": {"const": "call.ringing"}}}));
            }),
        ),
    ];
    for (said, found) in cases {
        assert!(found.iter().any(|it| it.contains(said)), "{said}: {found:#?}");
    }
}
