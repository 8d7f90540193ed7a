//! Promises about endpoints and events that can be tried without creating an endpoint.

use domain::{RecordId, catalogue};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    list::{self, MISSING_ID, Newest, path, path_to_none},
    promise::{CheckResult, Promise, addition, choice, expect, not_seen},
    records::in_order,
    request::Request,
    server::Server,
};

/// Bodies of which no endpoint is made, and the field at fault.
const BAD_ENDPOINTS: [(&str, &str, &str); 5] = [
    ("a URL without TLS", r#"{"url":"http://example.com/in","events":["lead.created"]}"#, "url"),
    ("a URL of a private network", r#"{"url":"https://10.0.0.1/in","events":["lead.created"]}"#, "url"),
    ("an endpoint without events", r#"{"url":"https://example.com/in","events":[]}"#, "events"),
    ("an unknown event", r#"{"url":"https://example.com/in","events":["lead.deleted"]}"#, "events"),
    (
        "a secret of one's own",
        r#"{"url":"https://example.com/in","events":["lead.created"],"secret":"x"}"#,
        "secret",
    ),
];

/// An event's fields, as they are sent.
const EVENT: [&str; 5] = ["event", "timestamp", "organization_id", "delivery_id", "data"];

/// The promises about endpoints besides those about every record.
pub(super) fn endpoints(server: &Server) -> Vec<Promise<'_>> {
    let mut promises = Vec::new();
    for (what, body, param) in BAD_ENDPOINTS {
        let refused = async move {
            let answer = server.send(Request::post(&path(&catalogue::WEBHOOKS), body)).await?;
            answer.refused_naming(400, param)
        };
        promises.push(addition(format!("{what} is a 400 naming {param}"), refused));
    }
    promises.extend([
        addition("the list has no secrets", no_secrets(server)),
        addition("each path of a missing endpoint is the same 404", missing_everywhere(server)),
        choice("webhook_id is no parameter of an endpoint's deliveries", owner_twice(server)),
    ]);
    promises
}

/// The promises about events.
pub(super) fn events(server: &Server) -> Vec<Promise<'_>> {
    vec![
        addition("an event is the body that is delivered, its fields in their order", fields(server)),
        addition("with webhook_id an event has the id of its delivery there", shown_to(server)),
        choice("a webhook_id of no endpoint is a 400 naming it", async {
            let asked = format!("{}?webhook_id={MISSING_ID}", path(&catalogue::EVENTS));
            server.get(&asked).await?.refused_naming(400, "webhook_id")
        }),
    ]
}

async fn no_secrets(server: &Server) -> CheckResult {
    let known = Newest::of(server, &catalogue::WEBHOOKS).await?;
    let secret = known.some()?.iter().any(|webhook| webhook.get("secret").is_some());
    expect(!secret, "no secret", "one")
}

/// Sends bodies of which nothing could be made, if the endpoint were there.
async fn missing_everywhere(server: &Server) -> CheckResult {
    let expected = server.get(&format!("{}/{MISSING_ID}", path(&catalogue::WEBHOOKS))).await?;
    expected.refused(404)?;
    for route in catalogue::WEBHOOKS.routes.iter().filter(|route| route.path.contains("{id}")) {
        for method in route.methods {
            let body = if route.path.ends_with("{id}/replay") { r#"{"since":"2026-02-24"}"# } else { "{}" };
            let method: Method = method.parse().map_err(|_| not_seen("no such method"))?;
            let request = Request::new(method, path_to_none(route.path)).body(body);
            let answer = server.send(request.header("content-type", "application/json")).await?;
            answer.refused(404)?;
            let same = answer.body["error"] == expected.body["error"];
            expect(same, expected.body["error"].to_string(), answer.body["error"].to_string())?;
        }
    }
    Ok(())
}

async fn owner_twice(server: &Server) -> CheckResult {
    let asked = format!("{}/{MISSING_ID}/deliveries?webhook_id={MISSING_ID}", path(&catalogue::WEBHOOKS));
    server.get(&asked).await?.refused_naming(400, "webhook_id")
}

async fn fields(server: &Server) -> CheckResult {
    let known = Newest::of(server, &catalogue::EVENTS).await?;
    known.some()?.iter().try_for_each(|event| in_order(event, &EVENT))
}

async fn shown_to(server: &Server) -> CheckResult {
    let (events, webhooks) =
        (Newest::of(server, &catalogue::EVENTS).await?, Newest::of(server, &catalogue::WEBHOOKS).await?);
    let (event, webhook) = (events.any()?, list::id(webhooks.any()?).unwrap_or("none"));
    let asked = format!("{}&webhook_id={webhook}", list::first_page(&catalogue::EVENTS));
    let shown = server.get(&asked).await?;
    let id: Option<RecordId> = list::id(event).and_then(|id| id.parse().ok());
    let expected = id.map(|id| id.derived(webhook).to_string());
    let came = shown.records()?.first().map(|event| event["delivery_id"].clone()).unwrap_or_default();
    expect(json!(expected) == came, Value::from(expected).to_string(), came.to_string())
}
