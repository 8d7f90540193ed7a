//! The format's page, `docs/INGEST.md`, holds every field and every kind of dead letter.

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
fn the_page_describes_every_field_and_what_may_be_null() {
    let page = docs("INGEST.md");
    let mut described = BTreeMap::new();
    let mut section = "";
    for line in page.lines() {
        section = line.strip_prefix("## ").unwrap_or(section);
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, names, _, null @ ("yes" | "no"), ..] = cells[..] else { continue };
        for name in names.split(", ").map(|name| name.trim_matches('`')) {
            let name =
                if section == "A change of status" { name.replace('.', " change.") } else { name.to_owned() };
            assert_eq!(described.insert(name.clone(), null == "yes"), None, "{name} twice");
        }
    }
    assert_eq!(described, fields_of_the_schema());
}

#[test]
fn the_page_says_what_to_do_about_every_kind_of_parked_event() {
    let page = docs("INGEST.md");
    for kind in ingest::RejectionKind::VALUES {
        assert!(page.contains(&format!("\n| `{kind}` |")), "{kind}");
    }
}
