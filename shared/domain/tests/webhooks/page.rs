//! The pages for receivers, held against the service's constants and the published test vectors.

use domain::{
    Language,
    webhooks::{self, EventType},
};
use serde_json::Value;

use crate::{Case, docs};

fn pages() -> impl Iterator<Item = (Language, String)> {
    Language::ALL
        .into_iter()
        .map(|language| (language, docs(&format!("site/{}/webhooks.md", language.tag()))))
}

#[test]
fn each_example_of_a_body_is_a_test_vectors() {
    let compact = |json: &str| serde_json::from_str::<Value>(json).ok().map(|value| value.to_string());
    for (language, page) in pages() {
        let blocks = page.split("\n```json\n").skip(1).filter_map(|rest| rest.split("```\n").next());
        // What is cut is no JSON.
        let shown: Vec<String> = blocks.filter_map(compact).collect();
        for event in EventType::VALUES {
            let is_generated = page.contains(&format!("\n```generated event {event}\n"));
            let body = &Case::named(event).body;
            assert!(
                is_generated || shown.contains(body),
                "{language:?}: {event} is shown as no vector has it"
            );
        }
    }
}

#[test]
fn every_page_on_webhooks_names_every_header() {
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
        for (language, page) in pages() {
            assert!(page.contains(header), "{language:?}: {header}");
        }
    }
}

#[test]
fn the_published_rust_is_run_with_the_versions_that_it_names() {
    let manifest = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .expect("the workspace's");
    let code = docs("webhooks/verify.rs");
    let crates = code.lines().next().and_then(|line| line.split_once("the crates ")).expect("crates").1;
    let named = crates.trim_end_matches('.').split([',', ' ']).filter(|word| !["", "and"].contains(word));
    let named: Vec<&str> = named.collect();
    assert_eq!(named.len(), 8);
    for pair in named.chunks(2) {
        let [name, version] = pair else { unreachable!() };
        assert!(manifest.contains(&format!("\n{name} = {{ version = \"{version}\",")), "{name} {version}");
    }
}

#[test]
fn every_page_on_webhooks_has_the_services_attempts_and_limit() {
    let shown = |seconds: u64| match seconds {
        0..60 => seconds,
        60..3600 => seconds / 60,
        _ => seconds / 3600,
    };
    for (language, page) in pages() {
        let (_, retries) = page.split_once("{#retries}").expect("the section");
        let rows = retries.lines().skip_while(|line| !line.starts_with("| 2 |"));
        let wait = |row: &str| row.split('|').nth(2)?.split_whitespace().next()?.parse().ok();
        let waits: Vec<u64> = rows.map_while(wait).collect();
        assert_eq!(waits, webhooks::RETRY_AFTER.map(|wait| shown(wait.as_secs())), "{language:?}");
        let most = webhooks::MAX_WEBHOOKS;
        let words = ["endpoints", "Endpunkte"].map(|word| format!(" {most} {word}"));
        assert!(words.iter().any(|words| page.contains(words)), "{language:?}");
    }
}
