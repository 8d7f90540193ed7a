//! The committed documents are those that are made, and break nobody.

use domain::Language;
use serde_json::Value;

fn document() -> Value {
    openapi::document(Language::English).expect("a document")
}

fn same(made: &Value, committed: &str, command: &str) {
    assert!(format!("{made:#}\n") == committed, "it is another one now: {command}");
}

#[test]
fn the_committed_document_is_the_one_that_is_made() {
    same(&document(), include_str!("../../../docs/openapi.json"), "cargo run -- openapi > docs/openapi.json");
}

#[test]
fn the_committed_collection_is_the_one_that_is_made() {
    let collection = openapi::postman(&document());
    same(
        &collection,
        include_str!("../../../docs/postman.json"),
        "cargo run -- openapi --postman > docs/postman.json",
    );
}

#[test]
fn no_client_of_the_last_release_is_broken() {
    let released: Value =
        serde_json::from_str(include_str!("../../../docs/openapi.released.json")).expect("JSON");
    let breaking = openapi::breaking_changes(&released, &document());
    // Another scope is in no key that exists, and so in no response that a client of the last release gets.
    let is_decided = |found: &String| {
        DECIDED.contains(&found.as_str())
            || found.contains(".error.code: enum is \"bad_request\", ")
            || found.contains(".data.scopes[]: enum is ")
    };
    let breaking: Vec<_> = breaking.into_iter().filter(|found| !is_decided(found)).collect();
    assert!(breaking.is_empty(), "{breaking:#?}");
    let codes = |document: &Value| document["components"]["schemas"]["ErrorCode"]["enum"].clone();
    let (old, new) = (codes(&released), codes(&document()));
    let new: Vec<_> =
        new.as_array().unwrap().iter().filter(|code| !old.as_array().unwrap().contains(code)).collect();
    assert_eq!(new, NEW_CODES, "another word of `error.code`");
}

/// Codes of errors whose status is new too: no client of the last release has it. See docs/decisions/0077.
const NEW_CODES: [&str; 1] = ["unavailable"];

/// Breaking changes that were decided all the same: a replay waits for the end of the hour where its budget
/// is spent. See docs/decisions/0063.
const DECIDED: [&str; 2] = [
    "POST /v1/webhooks/{id}/replay: 429: the header Retry-After: maximum is 60 (was promised, is not)",
    "POST /v1/webhooks/{id}/deliveries/{delivery_id}/replay: 429: the header Retry-After: maximum is 60 (was promised, is not)",
];
