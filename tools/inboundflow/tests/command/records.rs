//! `records check`: what is stored and does not read is found, and said without a word of what it holds.

use std::process::Output;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use crate::{err, out, world::World};

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// What was printed, whatever the exit code.
fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[tokio::test]
async fn an_operator_is_told_what_does_not_read_and_why() {
    let world = World::new().await;
    world.create();
    let clean = world.run(&["records", "check"]);
    assert_eq!((clean.status.code(), out(&clean).trim()), (Some(0), "[]"));
    assert_eq!(err(&clean), "2 items, 0 of them unreadable.\n");

    let organization = "4f6a5b0e-8a1c-4d3e-9f52-0c7d1e2a3b4c";
    let id = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";
    let dynamodb = harness::raw_dynamodb(&world.engine.endpoint_url);
    for (table, id, name, value) in [
        ("Calls", id, "status", text("Maria Garcia")),
        ("Contacts", "phone#+14155551234", "contact_id", text("Maria Garcia")),
        ("CallMessages", &format!("{id}#head"), "pieces", AttributeValue::Bool(true)),
        ("Organizations", "", "organization_name", AttributeValue::N("7".to_owned())),
    ] {
        let put = dynamodb.put_item().table_name(format!("InboundFlow-{table}"));
        let put = put.item("organization_id", text(organization)).item(name, value);
        let put = if id.is_empty() { put } else { put.item("id", text(id)) };
        put.send().await.unwrap();
    }
    let found = world.run(&["records", "check", "-o", "json"]);
    let shown = printed(&found) + &err(&found);
    assert_eq!(found.status.code(), Some(1), "{shown}");
    let rows: Vec<Value> = serde_json::from_str(&printed(&found)).unwrap();
    for (table, id, field, reason) in [
        ("Calls", id, "status", "is none of completed, "),
        ("CallMessages", &format!("{id}#head"), "pieces", "is a boolean, expected "),
        ("Contacts", "phone#+14155551234", "contact_id", "is not of the form"),
        ("Organizations", "", "organization_name", "is a whole number, expected a string"),
    ] {
        let row = rows.iter().find(|row| row["table"] == table).unwrap();
        assert_eq!((&row["organization_id"], &row["field"]), (&organization.into(), &field.into()));
        assert!(row["id"].as_str().unwrap_or_default() == id, "{row}");
        assert!(row["reason"].as_str().unwrap().starts_with(reason), "{row}");
    }
    for line in
        ["6 items, 4 of them unreadable.", "4 to mend: see \"Unreadable items\" in docs/OPERATIONS.md."]
    {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    let table = printed(&world.run(&["records", "check", "-o", "table"]));
    assert!(table.starts_with("TABLE") && table.contains("phone#+14155551234"), "{table}");
    assert!(!shown.contains("Maria") && !table.contains("Maria"), "{shown}");

    let narrow = ["records", "check", "--organization", organization, "--resource", "calls", "--json"];
    let narrow = printed(&world.run(&narrow));
    let lines: Vec<Value> = narrow.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&lines[0]["field"], &lines[0]["id"], &lines[1]["unreadable"]),
        (&"status".into(), &id.into(), &1.into())
    );
    let other = world.run(&["records", "check", "--resource", "leads"]);
    assert_eq!(other.status.code(), Some(0));

    let listed = world.run(&["orgs", "list"]);
    assert!(out(&listed).contains("Lakeview Realty") && listed.status.success(), "{listed:?}");
    assert!(err(&listed).contains("item_unreadable") && err(&listed).contains(organization), "{listed:?}");
}
