//! The site's page on voice events leaves nothing out that a producer has to know.

use std::collections::BTreeMap;

use domain::{ingest, schema::schema};
use serde_json::json;

use crate::ingest::documented::docs;

/// Each field as the page calls it, and whether it may be null.
pub(crate) fn fields_of_the_schema() -> BTreeMap<String, bool> {
    let schema = schema();
    let mut fields = BTreeMap::new();
    for (of, prefix) in [
        ("CallEvent", ""),
        ("CallSnapshot", "call."),
        ("Message", "call.messages[]."),
        ("LeadSnapshot", "lead."),
        ("AppointmentSnapshot", "appointment."),
        ("LeadStatusChange", "lead change."),
        ("AppointmentStatusChange", "appointment change."),
        ("S3Object", "s3."),
    ] {
        let of = &schema["$defs"][of];
        let required = of["required"].as_array().cloned().unwrap_or_default();
        for name in of["properties"].as_object().unwrap().keys().filter(|name| *name != "s3") {
            fields.insert(format!("{prefix}{name}"), !required.contains(&json!(name)));
        }
    }
    fields
}

#[test]
fn the_page_describes_every_field_and_which_are_required() {
    let page = docs("site/en/ingest.md");
    let (mut described, mut prefix) = (BTreeMap::new(), String::new());
    for line in page.lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, names, required, ..] = cells[..] else { continue };
        if required == "Required" {
            prefix = names.split('`').nth(1).map_or(String::new(), |of| format!("{of}."));
        }
        let ("yes" | "no") = required else { continue };
        for name in names.split(", ").map(|name| name.trim_matches('`')) {
            assert_eq!(described.insert(format!("{prefix}{name}"), required == "no"), None, "{name} twice");
        }
    }
    let mut fields = fields_of_the_schema();
    let generated = if page.contains("\n```generated fields Lead\n") { "lead." } else { "[]" };
    fields.retain(|name, _| !["[]", " change.", "s3.", generated].iter().any(|part| name.contains(part)));
    assert_eq!(described, fields);
}

#[test]
fn the_page_says_what_to_do_about_every_kind_of_dead_letter() {
    let page = docs("site/en/ingest.md");
    for kind in ingest::RejectionKind::VALUES {
        assert!(page.contains(&format!("\n| `{kind}` |")), "{kind}");
    }
}
