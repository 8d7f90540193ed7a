//! Promises about refused requests to create a contact, which change nothing.

use domain::catalogue;
use serde_json::json;

use crate::{
    exchange::CONTENT_ENCODING,
    list::{Newest, first_page},
    promise::{CheckResult, NotKept, Promise, addition, choice, documented, expect},
    request::Request,
    server::Server,
};

pub(super) const CONTACTS: &str = "/v1/contacts";
const MAX_BODY_BYTES: usize = 64 * 1024;
const MAX_NAME: usize = 200;
const MAX_IDEMPOTENCY_KEY: usize = 255;

/// Bodies of which no server makes a contact, and the field at fault.
const BAD_BODIES: [(&str, &str, Option<&str>); 7] = [
    ("a missing phone", "{}", Some("phone")),
    ("a phone of null", r#"{"phone":null}"#, Some("phone")),
    ("a phone that is no E.164", r#"{"phone":"555-9999"}"#, Some("phone")),
    ("a phone of the wrong type", r#"{"phone":[]}"#, Some("phone")),
    ("a body that is no JSON", "{", None),
    ("a body that is no object", "[]", None),
    ("an empty body", "", None),
];

pub(super) fn promises(server: &Server) -> Vec<Promise<'_>> {
    let mut promises = Vec::new();
    for (what, body, param) in BAD_BODIES {
        let refused = async move {
            let answer = server.send(Request::post(CONTACTS, body)).await?;
            let Some(param) = param else {
                answer.refused(400)?;
                let none = answer.body["error"].get("param").is_none();
                return expect(none, "400 without param", answer.shown());
            };
            answer.refused_naming(400, param)
        };
        let promise = if what == "a missing phone" { documented } else { choice };
        promises.push(promise(format!("{what} is a 400{}", naming(param)), refused));
    }
    for (what, field, value) in [
        ("an email that is none", "email", json!("john")),
        ("a name of the wrong type", "name", json!(7)),
        ("an over-long name", "name", json!("x".repeat(MAX_NAME + 1))),
        ("an unknown field", "id", json!("1")),
    ] {
        promises
            .push(choice(format!("{what} is a 400{}", naming(Some(field))), bad_field(server, field, value)));
    }
    promises.extend([
        choice("a field that is there twice is a 400 that names it", twice(server)),
        addition("a body over 64 KiB is a 413 that says so", too_large(server)),
        addition("a body that is not declared as JSON is a 415", not_json(server)),
        addition("a body in an unknown coding is a 415 that names Content-Encoding", other_coding(server)),
        addition("an over-long Idempotency-Key is a 400 that names it", idempotency_key(server)),
        choice("a parameter is a 400 that names it", parameter(server)),
        choice("what was refused has written nothing", nothing_written(server)),
    ]);
    promises
}

fn naming(param: Option<&str>) -> String {
    param.map(|param| format!(" naming {param}")).unwrap_or_default()
}

/// Sends a contact with a phone that is taken: a server that overlooked the field would still write nothing.
async fn bad_field(server: &Server, field: &str, value: serde_json::Value) -> CheckResult {
    let answer = server
        .send(Request::post(CONTACTS, json!({"phone": taken(server).await?, field: value}).to_string()));
    answer.await?.refused_naming(400, field)
}

/// Sends a field twice, with a phone that is taken, as above.
async fn twice(server: &Server) -> CheckResult {
    let phone = json!(taken(server).await?);
    let body = format!(r#"{{"phone":{phone},"name":"a","name":"b"}}"#);
    server.send(Request::post(CONTACTS, body)).await?.refused_naming(400, "name")
}

async fn taken(server: &Server) -> Result<String, NotKept> {
    let known = Newest::of(server, &catalogue::CONTACTS).await?;
    Ok(known.any()?["phone"].as_str().unwrap_or_default().to_owned())
}

async fn too_large(server: &Server) -> CheckResult {
    let body = json!({"phone": "x".repeat(MAX_BODY_BYTES)}).to_string();
    let answer = server.send(Request::post(CONTACTS, body)).await?;
    answer.refused(413)?;
    answer.says(&MAX_BODY_BYTES.to_string())
}

async fn not_json(server: &Server) -> CheckResult {
    let request =
        Request::new(reqwest::Method::POST, CONTACTS).header("content-type", "text/plain").body("{}");
    server.send(request).await?.refused(415)
}

async fn other_coding(server: &Server) -> CheckResult {
    let request = Request::post(CONTACTS, "{}").header(CONTENT_ENCODING, "x-unknown");
    server.send(request).await?.refused_naming(415, CONTENT_ENCODING)
}

async fn parameter(server: &Server) -> CheckResult {
    server.send(Request::post("/v1/contacts?verbose=1", "{}")).await?.refused_naming(400, "verbose")
}

async fn idempotency_key(server: &Server) -> CheckResult {
    let request =
        Request::post(CONTACTS, "{}").header("idempotency-key", "x".repeat(MAX_IDEMPOTENCY_KEY + 1));
    server.send(request).await?.refused_naming(400, "Idempotency-Key")
}

/// Checks that no request has made a contact: a call may have made one meanwhile.
async fn nothing_written(server: &Server) -> CheckResult {
    let known = Newest::of(server, &catalogue::CONTACTS).await?;
    let now = server.send(Request::get(first_page(&catalogue::CONTACTS))).await?;
    let mut new = now.records()?.iter().take_while(|record| Some(*record) != known.records().first());
    expect(new.all(|record| record["source"] != "api"), "no new contact of a request", "one")
}
