//! The reference pages: each operation's command, run as a reader runs it, answers what its page shows.

use std::fmt::Write as _;

use domain::Language;
use serde_json::Value;

use crate::shown::{Place, Seed, steps};

/// The URL of the examples' endpoint, and the address of the receiver that stands in for it.
const ENDPOINT: &str = "https://hooks.example.com/inboundflow";
const RECEIVER: &str = "http://127.0.0.1:4000/";
/// The operation that comes last, since nothing of an endpoint can be asked after it.
const LAST: &str = "deleteWebhook";
/// The command that makes a call happen, so that there is an event.
const HAPPENED: &str = r#"curl "http://127.0.0.1:3000/_local/ingest" -d '{"version": 1, "event_id": "example-1",
  "occurred_at": "2026-11-27T09:00:00Z", "call": {"id": "3f1c7a52-9d0b-4b86-8a51-6f0d2f0e7c99", "caller_phone": "+12015550123",
  "caller_name": "Dave", "status": "completed", "duration_seconds": 55, "summary": "Called about brakes.",
  "intent": "book appointment", "started_at": "2026-11-27T08:59:00Z", "ended_at": "2026-11-27T09:00:00Z"}}'"#;

/// The operations of one reference page, in the order in which they can be followed.
fn operations(document: &Value, tag: &str) -> Vec<Value> {
    let items = document["paths"].as_object().unwrap().values();
    let all = items.flat_map(|item| item.as_object().unwrap().values());
    let mut operations: Vec<Value> = all.filter(|it| it["tags"][0] == tag).cloned().collect();
    operations.sort_by_key(|operation| operation["operationId"] == LAST);
    operations
}

/// The page as its commands and answers.
fn page(document: &Value, tag: &str) -> String {
    let mut page = match tag {
        "webhooks" => "```sh background\ninboundflow webhooks listen\n```\n```text\n…\n```\n".to_owned(),
        "events" => format!("```sh\n{HAPPENED}\n```\n```json\n{{\"queued\": 1}}\n```\n"),
        _ => String::new(),
    };
    for operation in operations(document, tag) {
        let sample = operation["x-codeSamples"][0]["source"].as_str().unwrap().replace(ENDPOINT, RECEIVER);
        let answers = operation["responses"].as_object().unwrap();
        let answer =
            answers.values().find_map(|it| it["content"]["application/json"].get("example")).unwrap();
        let shown = format!("{answer:#}").replace(ENDPOINT, RECEIVER);
        write!(page, "```sh\n{sample}\n```\n```json\n{shown}\n```\n").unwrap();
        if let Some((_, variable)) = openapi::KEPT_IDS.iter().find(|(id, _)| operation["operationId"] == *id)
        {
            writeln!(page, "```sh\n{variable}={}\n```", answer["data"]["id"].as_str().unwrap()).unwrap();
        }
    }
    page
}

#[test]
fn every_command_of_the_reference_answers_what_its_page_shows() {
    let document = openapi::document(Language::English).unwrap();
    let seed = Seed::sow();
    let mut wrong = Vec::new();
    for tag in document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()) {
        let mut place = Place::open(&seed);
        let followed = steps(&page(&document, tag))
            .and_then(|steps| steps.iter().try_for_each(|step| place.follow(step)));
        wrong.extend(followed.err().map(|said| format!("the page of {tag}, {said}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
