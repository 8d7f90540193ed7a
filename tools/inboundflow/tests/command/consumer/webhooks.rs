//! `webhooks` with an API key: over HTTP, as everything else that asks the API.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::{Asked, KEY, ORGANIZATION, Reply, StandIn, json_lines, printed};
use crate::{Dev, err, inboundflow, out};

const URL: &str = "https://hooks.example.com/in";
const ID: &str = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";
/// The commands of `webhooks` about endpoints, and the requests that they send.
const COMMANDS: [(&[&str], &str); 11] = [
    (&["list"], "GET /v1/webhooks"),
    (&["get", ID], "GET /v1/webhooks/{id}"),
    (&["create", "--url", URL, "--events", "lead.created"], "POST /v1/webhooks"),
    (&["update", ID, "--disable"], "PATCH /v1/webhooks/{id}"),
    (&["delete", ID], "DELETE /v1/webhooks/{id}"),
    (&["test", ID], "POST /v1/webhooks/{id}/test"),
    (&["rotate-secret", ID], "POST /v1/webhooks/{id}/rotate-secret"),
    (&["deliveries", ID], "GET /v1/webhooks/{id}/deliveries"),
    (&["delivery", ID, ID], "GET /v1/webhooks/{id}/deliveries/{id}"),
    (&["replay", ID, "--since", "2026-01-01"], "POST /v1/webhooks/{id}/replay"),
    (&["replay", ID, "--delivery", ID], "POST /v1/webhooks/{id}/deliveries/{id}/replay"),
];

fn webhooks<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [&["webhooks"], arguments].concat()
}

#[tokio::test]
async fn whoever_has_a_key_looks_after_endpoints_without_naming_an_organization() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let run = |arguments: &[&str]| printed(&dev.ask(&webhooks(arguments)));
    let made =
        run(&["create", "--url", URL, "--events", "lead.created,call.completed", "--description", "CRM"]);
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert!(secret.starts_with("whsec_"), "{made}");
    let listed = run(&["list"]);
    assert_eq!((&listed[0]["id"], listed[0].get("secret")), (&json!(id), None));
    assert_eq!(run(&["get", id]), listed[0]);
    let table = out(&dev.ask(&webhooks(&["list", "-o", "table"])));
    assert!(table.contains(URL) && table.contains("lead.created, call.completed"), "{table}");

    let changed = run(&["update", id, "--events", "appointment.booked", "--description", ""]);
    assert_eq!((&changed["events"], &changed["description"]), (&json!(["appointment.booked"]), &json!(null)));
    let rotated = run(&["rotate-secret", id, "--overlap", "2h"]);
    assert!(rotated["secret"] != secret && rotated["previous_secret_expires_at"].is_string(), "{rotated}");
    let shown = dev.ask(&webhooks(&["rotate-secret", id, "-o", "table"]));
    assert!(out(&shown).contains("whsec_") && err(&shown).contains("it is not shown again"), "{shown:?}");

    let test = run(&["test", id, "--event", "call.transferred"]);
    let delivery = test["id"].as_str().unwrap();
    assert_eq!((&test["event"], &test["test"]), (&json!("call.transferred"), &json!(true)));
    assert_eq!(run(&["deliveries", id])[0]["id"], delivery);
    assert_eq!(run(&["deliveries", id, "--status", "cancelled"]), json!([]));
    assert!(run(&["delivery", id, delivery])["attempts"].is_array());
    assert_eq!(run(&["replay", id, "--delivery", delivery])["id"], delivery);
    assert_eq!(run(&["replay", id, "--since", "2026-01-01"]), json!({"replayed": 0}));

    assert_eq!(run(&["update", id, "--disable"])["status"], "disabled");
    let refused = dev.ask(&webhooks(&["test", id]));
    assert!(refused.status.code() == Some(1) && err(&refused).contains("(409, conflict"), "{refused:?}");
    assert_eq!(run(&["delete", id]), json!({"id": id, "deleted": true}));
    let gone = dev.ask(&webhooks(&["get", id]));
    assert!(gone.status.code() == Some(1) && err(&gone).contains("(404, not_found"), "{gone:?}");
    let wrong = dev.ask(&webhooks(&["create", "--url", "https://10.0.0.1/in", "--events", "lead.created"]));
    assert!(err(&wrong).contains("(400, bad_request, param url"), "{wrong:?}");
}

#[tokio::test]
async fn by_key_and_by_organization_the_same_is_shown() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let (organization, endpoint) = (dev.text("organization_id"), dev.text("dynamodb_endpoint"));
    let made = printed(&dev.ask(&webhooks(&["create", "--url", URL, "--events", "lead.created"])));
    let id = made["id"].as_str().unwrap();
    out(&dev.ask(&webhooks(&["update", id, "--disable"])));
    for arguments in [&["list"][..], &["get", id], &["deliveries", id]] {
        let operators = ["--organization", &organization, "--endpoint-url", &endpoint];
        for form in [&["--json"][..], &["-o", "json"], &["-o", "csv"], &["-o", "table"]] {
            let asked = webhooks(&[arguments, form].concat());
            let by_key = out(&dev.ask(&asked));
            // The key is in the environment here as well.
            let by_organization = out(&dev.ask(&[&asked[..], &operators].concat()));
            assert_eq!(by_key, by_organization, "{asked:?}");
        }
    }
    let lacking = ["webhooks", "list", "--endpoint-url", &endpoint];
    let output = dev.ask(&lacking);
    assert!(
        output.status.code() == Some(2) && err(&output).contains("say with --organization"),
        "{output:?}"
    );
}

#[test]
fn each_command_asks_the_api_and_without_a_key_names_both_ways() {
    for (arguments, asks) in COMMANDS {
        let api = StandIn::start(answer);
        let output = api.run(&webhooks(arguments));
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        let asked = api.asked();
        let path = asked[0].path.replace(ID, "{id}");
        assert_eq!((format!("{} {path}", asked[0].method).as_str(), asked.len()), (asks, 1));

        let output = inboundflow(&webhooks(arguments)).output().unwrap();
        let said = err(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        let way = said.lines().next().unwrap();
        assert!(way.contains("INBOUNDFLOW_API_KEY") && way.contains("--organization ID"), "{said}");
        assert!(said.contains(&format!("Usage: inboundflow webhooks {}", arguments[0])), "{said}");
    }
}

/// A record, or a page of none.
fn answer(_: usize, asked: &Asked) -> Reply {
    let is_list = asked.method == "GET" && (asked.path.ends_with("s") && !asked.path.ends_with(ID));
    if is_list {
        return Reply::json(200, &json!({"data": [], "has_more": false, "next_cursor": null}));
    }
    Reply::data(&json!({"id": ID, "organization_id": ORGANIZATION, "replayed": 0, "next_until": null}))
}

#[tokio::test]
async fn a_scope_that_a_key_lacks_is_named() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let organization = dev.text("organization_id");
    let (reader, writer) =
        (dev.another_key(&organization, "webhooks:read"), dev.another_key(&organization, "webhooks:write"));
    for (arguments, asks) in COMMANDS {
        let (key, lacks) =
            if asks.starts_with("GET") { (&writer, "webhooks:read") } else { (&reader, "webhooks:write") };
        let output = super::run(&dev.text("url"), key, &webhooks(arguments));
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = err(&output);
        assert!(
            said.contains(&format!("lacks the scope {lacks}")) && said.contains("(403, forbidden"),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn what_is_not_the_same_twice_is_not_sent_again_and_how_to_find_out_is_said() {
    for (arguments, asks) in COMMANDS {
        let is_once = asks.starts_with("POST");
        let replies: [fn() -> Reply; 3] = [
            || Reply::error(500, "internal_error", "Something went wrong."),
            || Reply::error(503, "unavailable", "No answer.").header("retry-after", 1),
            || Reply::data(&json!({"id": ID})).cut(),
        ];
        for reply in replies {
            let api = StandIn::start(
                move |number, asked| if number == 0 { reply() } else { answer(number, asked) },
            );
            let output = api.run(&webhooks(arguments));
            let asked = api.asked().len();
            assert_eq!(
                (asked, output.status.success()),
                if is_once { (1, false) } else { (2, true) },
                "{asks}"
            );
            assert!(!is_once || err(&output).contains("all the same"), "{output:?}");
        }
        // What the rate limit refused was not done.
        let limited = StandIn::start(|number, asked| match number {
            0 => Reply::error(429, "rate_limited", "Too many.").header("retry-after", 1),
            number => answer(number, asked),
        });
        assert!(limited.run(&webhooks(arguments)).status.success() && limited.asked().len() == 2, "{asks}");
    }
    let api = StandIn::start(|_, _| Reply::error(503, "unavailable", "No."));
    let said = err(&api.run(&webhooks(&["rotate-secret", ID])));
    assert!(said.contains(&format!("`inboundflow webhooks get {ID}` shows by updated_at")), "{said}");
}

#[test]
fn a_limit_that_is_longer_than_a_minute_is_not_waited_for() {
    let api = StandIn::start(|_, _| {
        Reply::error(429, "rate_limited", "An hour's replays.").header("retry-after", 1800)
    });
    let output = api.run(&webhooks(&["replay", ID, "--since", "2026-01-01"]));
    assert!(err(&output).contains("An hour's replays. (429, rate_limited"), "{output:?}");
    assert_eq!(api.asked().len(), 1);
}

#[test]
fn deliveries_and_replays_are_walked_to_their_end() {
    let pages = AtomicUsize::new(0);
    let api = StandIn::start(move |_, asked| {
        let page = pages.fetch_add(1, Ordering::SeqCst);
        let limit: usize = asked.query["limit"].parse().unwrap();
        let data: Vec<Value> = (0..limit).map(|nth| json!({"id": page * 100 + nth})).collect();
        Reply::json(200, &json!({"data": data, "has_more": true, "next_cursor": page.to_string()}))
    });
    let listed =
        out(&api.run(&webhooks(&["deliveries", ID, "--limit", "250", "--status", "failed", "--json"])));
    assert_eq!(json_lines(&listed).len(), 250);
    let asked = api.asked();
    assert!(asked.len() == 3 && asked.iter().all(|asked| asked.query["status"] == "failed"), "{asked:?}");

    let api = StandIn::start(|number, _| {
        let next = (number < 2).then_some("2026-01-02T00:00:00Z");
        Reply::data(&json!({"replayed": 7, "next_until": next}))
    });
    let replayed = printed(&api.run(&webhooks(&["replay", ID, "--since", "2026-01-01"])));
    assert_eq!(replayed, json!({"replayed": 21}));
    let second: Value = serde_json::from_str(&api.asked()[1].body).unwrap();
    assert_eq!(second["until"], "2026-01-02T00:00:00Z");
}

#[test]
fn an_overlap_over_http_is_of_whole_hours() {
    let api = StandIn::start(answer);
    let refused = api.run(&webhooks(&["rotate-secret", ID, "--overlap", "90m"]));
    assert!(refused.status.code() == Some(2) && err(&refused).contains("whole hours"), "{refused:?}");
    assert!(api.asked().is_empty());
    for (overlap, hours) in [("0s", 0), ("120m", 2), ("7d", 168)] {
        out(&api.run(&webhooks(&["rotate-secret", ID, "--overlap", overlap])));
        let body: Value = serde_json::from_str(&api.asked().last().unwrap().body).unwrap();
        assert_eq!(body, json!({"overlap_hours": hours}));
    }
    let both =
        super::command(&api.url, KEY, &webhooks(&["list", "--organization", ORGANIZATION, "--api-key", KEY]));
    let output = { both }.output().unwrap();
    assert!(err(&output).contains("give one of them"), "{output:?}");
}
