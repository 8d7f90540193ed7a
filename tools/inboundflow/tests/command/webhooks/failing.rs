//! `webhooks failing`: the endpoints of all organizations that fail or are disabled.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::{Tables, URL};
use crate::{err, inboundflow, out};

#[tokio::test]
async fn failing_endpoints_of_all_organizations_are_listed() {
    let tables = Tables::new().await;
    let failing = |more: &[&str]| {
        let mut command =
            inboundflow(&[&["webhooks", "failing", "--endpoint-url", tables.dynamodb()], more].concat());
        command.env("TABLE_PREFIX", tables.table("")).env("COLUMNS", "80").output().unwrap()
    };
    assert_eq!(out(&failing(&[])), "[]\n");
    let create = || {
        tables.json(&["create", "--url", URL, "--events", "lead.created"])["id"].as_str().unwrap().to_owned()
    };
    let ids: Vec<String> = (0..3).map(|_| create()).collect();
    let since = AttributeValue::S("2026-03-01T18:00:00.000Z".to_owned());
    tables.set_attribute("Webhooks", &ids[0], "failing_since", since).await;
    tables.json(&["update", &ids[1], "--disable"]);
    let rows: Vec<Value> = serde_json::from_str(&out(&failing(&[]))).unwrap();
    assert_eq!(rows.len(), 2, "{rows:?}");
    let row = |id: &str| rows.iter().find(|row| row["id"] == id).unwrap();
    assert_eq!(row(&ids[0])["failing_since"], "2026-03-01T18:00:00Z");
    assert_eq!(
        (&row(&ids[1])["status"], &row(&ids[1])["disabled_reason"]),
        (&json!("disabled"), &json!("requested"))
    );
    assert!(rows.iter().all(|row| row["organization_name"] == "Lakeview Realty"), "{rows:?}");
    assert!(rows.iter().all(|row| row["organization_id"] == tables.organization.to_string()), "{rows:?}");
    let table = out(&failing(&["-o", "table"]));
    assert!(
        table.contains("Lakeview Realty")
            && table.contains("https://hooks.exam")
            && table.contains(&ids[0][..8]),
        "{table}"
    );
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");

    let first = failing(&["--limit", "1", "-o", "jsonl"]);
    let said = err(&first);
    let after = said.trim().rsplit(' ').next().unwrap();
    assert!(out(&first).lines().count() == 1 && said.contains("go on with --after"), "{said}");
    let second = failing(&["--limit", "1", "--after", after, "-o", "jsonl"]);
    assert!(out(&second).lines().count() == 1 && err(&second).is_empty(), "{second:?}");
    assert_ne!(out(&first), out(&second));
}
