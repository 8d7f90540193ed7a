//! Single records: got, created, and the account.

use serde_json::{Value, json};

use super::{Reply, StandIn, printed};
use crate::{Dev, err, out};

#[tokio::test]
async fn a_record_is_what_the_api_answers_in_every_form() {
    let dev = Dev::start(&["--dynamodb-port", "0"]);
    let call = printed(&dev.ask(&["calls", "list", "--limit", "1", "--status", "completed"]))[0].clone();
    for (command, id) in [("calls", &call["id"]), ("contacts", &call["contact_id"])] {
        let id = id.as_str().unwrap();
        let (_, answer) = dev.get(&format!("/v1/{command}/{id}"), &dev.text("api_key")).await;
        let expected = &answer["data"];
        let shown = |form: &str| out(&dev.ask(&[command, "get", id, "-o", form]));
        assert_eq!(
            out(&dev.ask(&[command, "get", id])),
            format!("{expected:#}\n"),
            "JSON, where nobody looks"
        );
        assert_eq!(shown("jsonl"), format!("{expected}\n"));
        super::lists::assert_csv(&shown("csv"), std::slice::from_ref(expected));
        let table = shown("table");
        for (name, value) in expected.as_object().unwrap() {
            let first = value.as_str().unwrap_or_default().lines().next().unwrap_or_default();
            assert!(
                table.lines().any(|line| line.starts_with(name) && line.contains(first)),
                "{name}: {table}"
            );
        }
    }
    let said = out(&dev.ask(&["calls", "get", call["id"].as_str().unwrap(), "-o", "table"]));
    assert!(said.contains("assistant: Thank you for calling"), "{said}");
    let (_, me) = dev.get("/v1/me", &dev.text("api_key")).await;
    assert_eq!(printed(&dev.ask(&["me"])), me["data"]);
    assert!(out(&dev.ask(&["me", "-o", "table"])).contains("organization_name  Demo Auto Shop"));

    let missing = dev.ask(&["calls", "get", "00000000-0000-4000-8000-000000000000"]);
    assert_eq!(missing.status.code(), Some(1));
    let said = err(&missing);
    assert!(
        said.starts_with(
            "error: There is no such record in your organization. (404, not_found, request req_"
        ),
        "{said}"
    );
    assert_eq!(dev.ask(&["calls", "get", "../me"]).status.code(), Some(2), "what is no id is not asked for");
}

#[test]
fn a_contact_is_created_once() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let create = |arguments: &[&str]| dev.ask(&[&["contacts", "create", "--phone"], arguments].concat());
    let all = [
        "+1 (415) 555-9999",
        "--name",
        "Jo",
        "--email",
        "jo@example.com",
        "--company",
        "",
        "--notes",
        "a\nb",
    ];
    let made = printed(&create(&all));
    let told = [&made["phone"], &made["name"], &made["email"], &made["company"], &made["notes"]];
    assert_eq!(
        told,
        [&json!("+14155559999"), &json!("Jo"), &json!("jo@example.com"), &json!(""), &json!("a\nb")]
    );
    assert_eq!(printed(&dev.ask(&["contacts", "get", made["id"].as_str().unwrap()])), made);

    let again = create(&all);
    let named =
        format!("(409, conflict, param phone, existing_id {}, request req_", made["id"].as_str().unwrap());
    assert!(again.status.code() == Some(1) && err(&again).contains(&named), "{again:?}");
    let wrong = create(&["555"]);
    assert!(wrong.status.code() == Some(1) && err(&wrong).contains("E.164"), "{wrong:?}");
    assert!(err(&wrong).contains("(400, bad_request, param phone, request req_"), "{wrong:?}");

    let keyed = ["+14155550000", "--idempotency-key", "first"];
    let (first, second) = (create(&keyed), create(&keyed));
    assert_eq!(printed(&first)["id"], printed(&second)["id"]);
    assert_eq!(err(&first), "");
    assert!(err(&second).contains("made the contact before"), "{second:?}");
    for unfit in ["", "é", "a\nb"] {
        let refused = create(&["+14155550001", "--idempotency-key", unfit]);
        assert!(refused.status.code() == Some(2) && err(&refused).contains("printable ASCII"), "{refused:?}");
    }
    assert_eq!(printed(&dev.ask(&["contacts", "list"])).as_array().unwrap().len(), 2);
}

#[test]
fn creating_again_after_a_failure_is_one_request_to_the_server() {
    let contact = json!({"id": "1", "phone": "+14155559999"});
    let made = contact.clone();
    let api = StandIn::start(move |number, _| match number {
        0 => Reply::error(500, "internal_error", "on purpose"),
        1 => Reply::data(&made).cut(),
        _ => Reply::data(&made).header("idempotent-replayed", "true"),
    });
    let output = api.run(&["contacts", "create", "--phone", "+14155559999", "--name", "Zoë"]);
    assert_eq!(printed(&output), contact);
    assert!(err(&output).lines().all(|line| line.ends_with(": going on in 1 s")), "{output:?}");
    let asked = api.asked();
    assert_eq!(asked.len(), 3);
    for one in &asked {
        assert_eq!((one.method.as_str(), one.path.as_str()), ("POST", "/v1/contacts"));
        assert_eq!(one.headers["content-type"], "application/json");
        assert_eq!(one.headers["idempotency-key"], asked[0].headers["idempotency-key"]);
        assert_eq!(
            serde_json::from_str::<Value>(&one.body).unwrap(),
            json!({"phone": "+14155559999", "name": "Zoë"})
        );
    }
    assert!(uuid::Uuid::parse_str(&asked[0].headers["idempotency-key"]).is_ok());
    api.run(&["contacts", "create", "--phone", "+14155559999"]);
    let next = api.asked().last().unwrap().headers["idempotency-key"].clone();
    assert_ne!(next, asked[0].headers["idempotency-key"], "another contact");
}

#[test]
fn what_may_have_been_made_is_told_with_the_way_to_find_out() {
    let api = StandIn::start(|_, _| Reply::error(500, "internal_error", "on purpose"));
    let output = api.run(&["contacts", "create", "--phone", "+14155559999"]);
    let key = api.asked()[0].headers["idempotency-key"].clone();
    let way_out = format!("add --idempotency-key {key} to try again safely");
    assert!(output.status.code() == Some(1) && err(&output).contains(&way_out), "{output:?}");
    assert_eq!(api.asked().len(), 6, "five more attempts");
    let refused =
        super::run("http://127.0.0.1:1", super::KEY, &["contacts", "create", "--phone", "+14155559999"]);
    assert!(!err(&refused).contains("may have been made"), "nobody was reached: {refused:?}");
}
