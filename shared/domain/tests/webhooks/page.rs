//! The page for receivers, held against the code that CI runs and the published test vectors.

use domain::{
    Language,
    webhooks::{self, EventType},
};
use serde_json::Value;

use crate::{Case, docs};

/// The page's blocks in that language, without their fences.
fn blocks(language: &str) -> Vec<String> {
    blocks_of(&docs("WEBHOOKS.md"), language)
}

fn blocks_of(page: &str, language: &str) -> Vec<String> {
    let fence = format!("\n```{language}\n");
    page.split(fence.as_str())
        .skip(1)
        .map(|rest| rest.split("```\n").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn the_page_shows_the_code_that_ci_runs_word_for_word() {
    for (language, file) in [
        ("python", "verify.py"),
        ("python", "receiver.py"),
        ("js", "verify.mjs"),
        ("rust", "verify.rs"),
        ("sh", "verify.sh"),
    ] {
        let code = docs(&format!("webhooks/{file}"));
        assert!(blocks(language).contains(&code), "docs/WEBHOOKS.md and docs/webhooks/{file} differ");
    }
}

#[test]
fn each_example_of_a_body_is_a_test_vectors() {
    let compact = |json: &str| serde_json::from_str::<Value>(json).ok().map(|value| value.to_string());
    let languages = ["en", "de", "fr", "es"].map(|language| format!("site/{language}/webhooks.md"));
    let pages = languages.iter().map(String::as_str);
    for page in pages.chain(["WEBHOOKS.md"]) {
        // What is cut is no JSON.
        let blocks = blocks_of(&docs(page), "json");
        let shown: Vec<String> = blocks.iter().filter_map(|block| compact(block)).collect();
        for event in EventType::VALUES {
            let body = &Case::named(event).body;
            assert!(shown.contains(body), "docs/{page}: the example of {event} is no vector's body");
        }
    }
}

#[test]
fn the_example_of_a_request_is_a_test_vectors() {
    let case = Case::named("call.completed");
    let request = blocks("http").into_iter().next().expect("an example of a request");
    let (head, body) = request.split_once("\n\n").expect("headers and a body");
    let headers: Vec<(&str, &str)> = head.lines().filter_map(|line| line.split_once(": ")).collect();
    for (name, value) in &case.headers {
        assert!(headers.contains(&(name, value)), "{name}: {value}");
    }
    assert_eq!(headers.len(), case.headers.len() + 3, "beside Host, Connection and Content-Length");
    assert!(headers.contains(&("Content-Length", &case.body.len().to_string())));
    assert_eq!(body.trim_end(), case.body);
}

#[test]
fn every_page_on_webhooks_names_every_header() {
    let of_the_site = Language::ALL.map(|language| format!("site/{}/webhooks.md", language.tag()));
    let pages: Vec<(&str, String)> = of_the_site
        .iter()
        .map(String::as_str)
        .chain(["WEBHOOKS.md"])
        .map(|name| (name, docs(name)))
        .collect();
    for header in [
        webhooks::EVENT,
        webhooks::DELIVERY_ID,
        webhooks::TIMESTAMP,
        webhooks::SIGNATURE,
        webhooks::TEST,
        webhooks::STANDARD_ID,
        webhooks::STANDARD_TIMESTAMP,
        webhooks::STANDARD_SIGNATURE,
        webhooks::USER_AGENT,
    ] {
        for (name, page) in &pages {
            assert!(page.contains(header), "{name}: {header}");
        }
    }
}

#[test]
fn the_pages_rust_is_tried_with_the_versions_that_the_page_names() {
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .expect("the workspace's");
    let dependencies = blocks("toml").into_iter().next().expect("dependencies");
    let named: Vec<(&str, &str)> = dependencies.lines().filter_map(|line| line.split_once(" = ")).collect();
    assert_eq!(named.len(), 4);
    for (name, version) in named {
        assert!(manifest.contains(&format!("\n{name} = {{ version = {version},")), "{name} {version}");
    }
}

#[test]
fn every_page_on_webhooks_has_the_services_tries_and_limit() {
    let page = docs("WEBHOOKS.md");
    let rows = page.lines().skip_while(|line| !line.starts_with("| Try |")).skip(3);
    let wait = |row: &str| {
        let (number, unit) = row.split('|').nth(2)?.trim().split_once(' ')?;
        let seconds = match unit {
            "seconds" => 1,
            "minutes" => 60,
            _ => 3600,
        };
        Some(number.parse::<u64>().ok()? * seconds)
    };
    let waits: Vec<u64> = rows.map_while(wait).collect();
    assert_eq!(waits, webhooks::RETRY_AFTER.map(|wait| wait.as_secs()));
    let shown = |seconds: u64| match seconds {
        0..60 => seconds,
        60..3600 => seconds / 60,
        _ => seconds / 3600,
    };
    for language in Language::ALL.map(Language::tag) {
        let page = docs(&format!("site/{language}/webhooks.md"));
        let (_, retries) = page.split_once("{#retries}").expect("the section");
        let rows = retries.lines().skip_while(|line| !line.starts_with("| 2 |"));
        let wait = |row: &str| row.split('|').nth(2)?.split_whitespace().next()?.parse().ok();
        let waits: Vec<u64> = rows.map_while(wait).collect();
        assert_eq!(waits, webhooks::RETRY_AFTER.map(|wait| shown(wait.as_secs())), "{language}");
        let most = webhooks::MAX_WEBHOOKS;
        let words = ["endpoints", "Endpunkte"].map(|word| format!(" {most} {word}"));
        assert!(words.iter().any(|words| page.contains(words)), "{language}");
    }
    assert!(page.contains(&format!("| endpoints of an organization | {}", webhooks::MAX_WEBHOOKS)));
}
