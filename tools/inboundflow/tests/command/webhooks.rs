//! `webhooks` against the tables, by the rules that the API has.

mod failing;

use std::{
    ops::Deref,
    process::{Command, Output},
    sync::Arc,
    time::Duration,
};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    Organization, Timestamp,
    webhooks::{EventType, Webhook},
};
use harness::World;
use serde_json::{Value, json};
use store::Verdict;

use crate::{
    err, inboundflow, out,
    published::{publish_events, unpublished_call},
};

/// Tables of their own, with an organization.
struct Tables(World);

impl Tables {
    async fn new() -> Self {
        let world = World::apart(Arc::new(Timestamp::now)).await;
        let (organization_name, plan) = ("Lakeview Realty".to_owned(), "Pro Plan".to_owned());
        let organization = Organization { organization_id: world.organization, organization_name, plan };
        world.store.put_organization(&organization).await.unwrap();
        Self(world)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let organization = self.organization.to_string();
        let mut command =
            inboundflow(&[&["webhooks"], arguments, &["--organization", &organization]].concat());
        command.args(["--endpoint-url", self.dynamodb()]).env("TABLE_PREFIX", self.table(""));
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&out(&self.run(&[arguments, &["--json"]].concat()))).unwrap()
    }

    async fn get(&self, id: &str) -> Webhook {
        self.store.items::<Webhook>(self.organization).get(id.parse().unwrap()).await.unwrap()
    }
}

impl Deref for Tables {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}

const URL: &str = "https://hooks.example.com/in";

#[tokio::test]
async fn endpoints_are_looked_after() {
    let tables = Tables::new().await;
    let made = tables.json(&[
        "create",
        "--url",
        URL,
        "--events",
        "lead.created,call.completed",
        "--description",
        "CRM",
    ]);
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    let endpoint =
        tables.store.delivery_endpoint(tables.organization, id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(endpoint.secrets.current.reveal(), secret);
    let listed = tables.json(&["list"]);
    assert_eq!(
        (&listed["id"], &listed["description"], listed.get("secret")),
        (&json!(id), &json!("CRM"), None)
    );

    let changed = tables.json(&["update", id, "--events", "appointment.booked", "--description", ""]);
    assert_eq!((&changed["events"], &changed["description"]), (&json!(["appointment.booked"]), &json!(null)));
    assert_eq!(changed["url"], URL, "what is not named stays");
    assert_eq!(tables.json(&["update", id, "--disable"])["disabled_reason"], "requested");
    let enable = format!("`webhooks update {id} --organization {} --enable`", tables.organization);
    let refused = tables.run(&["test", id]);
    assert!(refused.status.code() == Some(1) && err(&refused).contains(&enable), "{refused:?}");
    assert_eq!(tables.json(&["update", id, "--enable"])["status"], "enabled");

    let rotated = tables.json(&["rotate-secret", id, "--overlap", "1h"]);
    assert_ne!(rotated["secret"], secret);
    let endpoint =
        tables.store.delivery_endpoint(tables.organization, id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(endpoint.secrets.current.reveal(), rotated["secret"].as_str().unwrap());
    assert_eq!(endpoint.secrets.previous_at(Timestamp::now()).unwrap().reveal(), secret);
    let shown = tables.run(&["rotate-secret", id, "--overlap", "0s", "-o", "table"]);
    assert!(out(&shown).contains("whsec_") && err(&shown).contains("not shown again"), "{shown:?}");
    let shown = out(&tables.run(&["list", "-o", "table"]));
    assert!(
        shown.contains(URL) && shown.contains("appointment.booked") && !shown.contains("whsec_"),
        "{shown}"
    );

    tables.run(&["update", id, "--description", "a\u{1b}]0;b\nc"]);
    for shown in [tables.run(&["list", "-o", "table"]), tables.run(&["show", id, "-o", "table"])] {
        assert!(out(&shown).contains("  a\\u001b]0;b"), "a terminal is told nothing: {shown:?}");
    }
    assert_eq!(tables.json(&["delete", id]), json!({"id": id, "deleted": true}));
    assert_eq!(out(&tables.run(&["list"])), "[]\n");
}

#[tokio::test]
async fn deliveries_are_tried_listed_and_made_again() {
    let tables = Tables::new().await;
    let wanted = [EventType::LeadCreated, EventType::CallCompleted];
    let webhooks = publish_events(&tables.store, tables.organization, &wanted, Timestamp::now()).await;
    let id = webhooks[0].id.to_string();
    let test = tables.json(&["test", &id, "--event", "call.transferred"]);
    assert_eq!(
        (&test["event"], &test["status"], &test["test"]),
        (&json!("call.transferred"), &json!("pending"), &json!(true))
    );
    let listed = out(&tables.run(&["deliveries", &id, "--status", "pending", "-o", "jsonl"]));
    assert_eq!(listed.lines().count(), 3, "{listed}");
    assert!(listed.lines().any(|line| line.contains("\"test\":true")), "{listed}");
    let newest = tables.json(&["deliveries", &id, "--limit", "1"]);
    assert_eq!(newest["webhook_id"], id);
    assert_eq!(
        tables.json(&["replay", &id, "--delivery", newest["id"].as_str().unwrap()])["status"],
        "pending"
    );

    // An endpoint that is new has none of what happened before it.
    let late = tables.json(&["create", "--url", URL, "--events", "appointment.booked"]);
    let late = late["id"].as_str().unwrap();
    assert_eq!(tables.json(&["replay", late, "--since", "2026-01-01"]), json!({"replayed": 1}));
    assert_eq!(
        tables.json(&["replay", late, "--since", "2026-01-01"]),
        json!({"replayed": 0}),
        "it is on its way"
    );
    assert_eq!(tables.json(&["deliveries", late])["event"], "appointment.booked");
}

#[tokio::test]
async fn what_is_failing_is_found_while_it_is_tried_again() {
    let tables = Tables::new().await;
    let made = tables.json(&["create", "--url", URL, "--events", "lead.created"]);
    let id = made["id"].as_str().unwrap();
    let deliveries: Vec<String> =
        (0..2).map(|_| tables.json(&["test", id])["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(out(&tables.run(&["deliveries", id, "--status", "failing"])), "[]\n");
    let later = Verdict::Again(Timestamp::now().plus(Duration::from_secs(60)));
    tables.attempted_until(id.parse().unwrap(), deliveries[0].parse().unwrap(), 500, "", later).await;
    let failing = tables.json(&["deliveries", id, "--status", "failing"]);
    assert_eq!((&failing["id"], &failing["status"]), (&json!(deliveries[0]), &json!("pending")));
    assert_eq!(
        out(&tables.run(&["deliveries", id, "--status", "failed"])),
        "[]\n",
        "there are attempts left"
    );
    let refused = tables.run(&["deliveries", id, "--status", "broken"]);
    assert!(refused.status.code() == Some(2) && err(&refused).contains("failing"), "{refused:?}");
}

#[tokio::test]
async fn replays_that_are_spent_say_where_and_when_to_go_on() {
    let tables = Tables::new().await;
    let wanted = [EventType::LeadCreated, EventType::CallCompleted];
    publish_events(&tables.store, tables.organization, &wanted, Timestamp::now()).await;
    let late = tables.json(&["create", "--url", URL, "--events", "lead.created,call.completed"]);
    let late = late["id"].as_str().unwrap();
    // One of this hour's and of the next one's are left.
    let hour = Timestamp::now().unix_seconds() / 3600;
    for hour in [hour, hour + 1] {
        let mut counter = tables.key_of(&format!("replays#{hour}"));
        counter.insert("replays".to_owned(), AttributeValue::N("9999".to_owned()));
        tables.put_item("Deliveries", counter).await;
    }
    let refused = tables.run(&["replay", late, "--since", "2026-01-01"]);
    let said = err(&refused);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(
        said.contains("1 deliveries are on their way again") && said.contains("To go on: --until 20"),
        "{said}"
    );
    let refused = tables.run(&["replay", late, "--since", "2026-01-01"]);
    assert!(err(&refused).contains("10000 replays of this hour"), "{refused:?}");
}

#[tokio::test]
async fn secrets_that_an_earlier_version_left_with_endpoints_are_moved_all_at_once() {
    let tables = Tables::new().await;
    let made = tables.json(&["create", "--url", URL, "--events", "lead.created"]);
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    let apart = tables.item("WebhookSecrets", id).await.unwrap();
    tables.delete_item("WebhookSecrets", id).await;
    tables.set_attribute("Webhooks", id, "secrets", apart["secrets"].clone()).await;

    let move_secrets = |more: &[&str]| {
        let mut command =
            inboundflow(&[&["webhooks", "move-secrets", "--endpoint-url", tables.dynamodb()], more].concat());
        out(&command.env("TABLE_PREFIX", tables.table("")).output().unwrap())
    };
    let moved = move_secrets(&[]);
    assert_eq!(serde_json::from_str::<Value>(&moved).unwrap(), json!({"moved": 1}));
    let again = move_secrets(&["--json"]);
    assert_eq!(serde_json::from_str::<Value>(&again).unwrap(), json!({"moved": 0}));
    let endpoint =
        tables.store.delivery_endpoint(tables.organization, id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(endpoint.secrets.current.reveal(), secret);
}

#[tokio::test]
async fn what_a_receiver_answered_is_shown() {
    let tables = Tables::new().await;
    let made = tables.json(&["create", "--url", URL, "--events", "lead.created"]);
    let id = made["id"].as_str().unwrap();
    let shown = tables.json(&["get", id]);
    assert_eq!(shown, tables.json(&["show", id]), "as it was called once");
    assert_eq!((&shown["id"], &shown["url"], shown.get("secret")), (&made["id"], &json!(URL), None));
    let shown = out(&tables.run(&["show", id]));
    assert!(shown.contains(URL) && !shown.contains("whsec_"), "{shown}");

    let delivery = tables.json(&["test", id])["id"].as_str().unwrap().to_owned();
    let untried = tables.json(&["show", id, "--delivery", &delivery]);
    assert_eq!((&untried["status"], &untried["attempts"]), (&json!("pending"), &json!([])));
    let answer = "Traceback:\r\n\tno such table \u{1b}[2J";
    tables.attempted(id.parse().unwrap(), delivery.parse().unwrap(), 500, answer).await;
    let tried = tables.json(&["delivery", id, &delivery]);
    assert_eq!(tried, tables.json(&["show", id, "--delivery", &delivery]), "as it was asked once");
    assert_eq!((&tried["status"], &tried["attempts"][0]["number"]), (&json!("failed"), &json!(1)));
    assert_eq!(tried["attempts"][0]["response_body"], answer);
    let shown = out(&tables.run(&["show", id, "--delivery", &delivery, "-o", "table"]));
    assert!(shown.contains(": 500 after 12 ms: the receiver answered 500\n"), "{shown}");
    assert!(
        shown.contains("    Traceback:\n") && shown.contains("    \tno such table \\u001b[2J\n"),
        "{shown}"
    );
}

#[tokio::test]
async fn operators_get_every_form_that_records_have() {
    let tables = Tables::new().await;
    tables.json(&["create", "--url", URL, "--events", "lead.created,call.completed"]);
    let listed = tables.json(&["list"]);
    let id = listed["id"].as_str().unwrap();
    let array: Value = serde_json::from_str(&out(&tables.run(&["list", "-o", "json"]))).unwrap();
    assert_eq!(array, json!([listed]));
    let table = out(&tables.run(&["list", "-o", "table"]));
    assert!(table.starts_with("CREATED (UTC)") && table.contains("lead.created, call.completed"), "{table}");
    assert!(out(&tables.run(&["deliveries", id, "-o", "csv"])).starts_with("id,webhook_id,event,status,"));
}

#[tokio::test]
async fn what_nobody_was_told_of_is_told_once() {
    let tables = Tables::new().await;
    let now = Timestamp::now();
    let hour = Duration::from_secs(3600);
    let made = tables.json(&["create", "--url", URL, "--events", "lead.created,call.completed"]);
    let id = made["id"].as_str().unwrap();
    for hours in [60, 20, 2, 1] {
        unpublished_call(&tables.store, tables.organization, now.minus(hour * hours)).await;
    }
    let since = now.minus(hour * 3).to_string();
    let first = tables.json(&["backfill", "--since", &since]);
    assert_eq!(
        first,
        json!({"records": 6, "written": 6, "existing": 0, "unreadable": 0}),
        "a call and a lead each, and a day before"
    );
    let again = tables.json(&["backfill", "--since", &since]);
    assert_eq!(again, json!({"records": 6, "written": 0, "existing": 6, "unreadable": 0}));
    let deliveries = out(&tables.run(&["deliveries", id, "-o", "jsonl"]));
    assert_eq!(deliveries.lines().count(), 6, "and each is delivered");
    let until = now.minus(hour * 50).to_string();
    let older = tables.json(&["backfill", "--since", &now.minus(hour * 70).to_string(), "--until", &until]);
    assert_eq!(older, json!({"records": 2, "written": 2, "existing": 0, "unreadable": 0}));

    let too_early = tables.run(&["backfill", "--since", "2026-01-01"]);
    assert!(
        too_early.status.code() == Some(1) && err(&too_early).contains("would be told again"),
        "{too_early:?}"
    );
    assert_eq!(tables.get(id).await.failing_since, None);
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_apis_words() {
    let tables = Tables::new().await;
    let made = tables.json(&["create", "--url", URL, "--events", "lead.created"]);
    let id = made["id"].as_str().unwrap();
    let nobody = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";
    let long = "x".repeat(201);
    let organization = tables.organization;
    let listed = format!("`webhooks list --organization {organization}` shows");
    let deliveries = format!("`webhooks deliveries {id} --organization {organization}` shows");
    for (arguments, code, said) in [
        (&["create", "--url", "http://hooks.example.com", "--events", "lead.created"][..], 1, "https://"),
        (&["create", "--url", "https://10.0.0.1/in", "--events", "lead.created"], 1, "public internet"),
        (&["create", "--url", URL, "--events", "lead.created", "--description", &long], 1, "200 characters"),
        (&["create", "--url", URL, "--events", "lead.created,lead.created"], 1, "each once"),
        (&["create", "--url", URL, "--events", "lead.deleted"], 2, "call.transferred"),
        (&["create", "--url", URL], 2, "--events"),
        (&["update", id], 2, "--url"),
        (&["update", id, "--enable", "--disable"], 2, "cannot be used with"),
        (&["update", id, "--url", "https://a.localhost/in"], 1, "a.localhost"),
        (&["update", nobody, "--enable"], 1, &listed),
        (&["show", nobody], 1, &listed),
        (&["show", id, "--delivery", nobody], 1, &deliveries),
        (&["delete", nobody], 1, &listed),
        (&["deliveries", nobody], 1, &listed),
        (&["deliveries", id, "--limit", "0"], 2, "--limit"),
        (&["rotate-secret", id, "--overlap", "8d"], 2, "a week at the most"),
        (&["replay", id], 2, "--since"),
        (&["replay", id, "--delivery", nobody], 1, &deliveries),
        (&["replay", id, "--since", "2026-01-02", "--until", "2026-01-01"], 1, "--until must be later"),
        (&["replay", id, "--since", "2999-01-01"], 1, "since must not be in the future"),
        (&["replay", id, "--delivery", nobody, "--since", "2026-01-01"], 2, "cannot be used with"),
        (&["list", "--base-url", "http://127.0.0.1:1"], 2, "--base-url is about the API over HTTP"),
        (&["list", "--api-key", "x"], 2, "--api-key is about the API over HTTP"),
        (&["list", "--json", "-o", "csv"], 2, "cannot be used with"),
    ] {
        let output = tables.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {output:?}");
        assert!(err(&output).contains(said), "{arguments:?}: {}", err(&output));
        assert!(code == 2 || err(&output).lines().count() == 1, "{}", err(&output));
    }
    let local = ["create", "--url", "http://127.0.0.1:4000/in", "--events", "lead.created", "--json"];
    assert!(
        out(&tables.run(&local)).contains("whsec_"),
        "`dev`, which is on this machine, may deliver to it"
    );
    let wrong = tables.command(&local).env("WEBHOOK_PORTS", "all").output().unwrap();
    assert!(err(&wrong).contains("WEBHOOK_PORTS"), "{wrong:?}");
}
