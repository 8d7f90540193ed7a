//! `openapi` and `docs build`: what they print and write.

use std::fs;

use serde_json::Value;

use crate::{out, run};

const COMMITTED: &str = include_str!("../../../../docs/openapi.json");

#[test]
fn the_document_is_printed_in_each_language() {
    assert_eq!(out(&run(&["openapi"])), COMMITTED);
    let german: Value = serde_json::from_str(&out(&run(&["openapi", "--language", "de"]))).unwrap();
    assert_eq!(german["paths"]["/v1/calls"]["get"]["summary"], "Alle Anrufe auflisten");
    let refused = run(&["openapi", "--language", "it"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("[possible values: en, de, fr, es]"));
}

#[test]
fn what_breaks_the_clients_of_an_earlier_document_is_said_and_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let compared = |text: &str| {
        let file = folder.path().join("earlier.json");
        fs::write(&file, text).unwrap();
        let output = run(&["openapi", "--breaks", file.to_str().unwrap()]);
        let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        (output.status.code(), said)
    };
    assert_eq!(compared(COMMITTED), (Some(0), String::new()));
    let (code, said) = compared(&COMMITTED.replace("\"/v1/leads\"", "\"/v1/prospects\""));
    assert!(code == Some(1) && said.starts_with("GET /v1/prospects is gone\n"), "{said}");
    assert!(said.contains("1 of the changes since"), "{said}");
    for (text, why) in
        [("{", "is no JSON"), ("{}", "is no OpenAPI document"), ("[]", "is no OpenAPI document")]
    {
        let (code, said) = compared(text);
        assert!(code == Some(1) && said.contains(why), "{said}");
    }
}

#[test]
fn the_pages_are_written_with_the_address_that_they_are_to_name() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("a/new site");
    let (target_text, url) = (target.to_str().unwrap(), "https://api.example.com/live");
    out(&run(&["docs", "build", "--output", target_text, "--base-url", url]));
    for language in ["en", "de", "fr", "es"] {
        let page = fs::read_to_string(target.join(language).join("reference-calls.html")).unwrap();
        assert!(page.contains(url) && !page.contains("http://127.0.0.1:3000"), "{language}");
    }
    let refused = run(&["docs", "build", "--output", target_text, "--base-url", "https://x.example/<b>"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("expected the API's base URL"), "{refused:?}");
}
