//! Errors of each status in every language: the message differs, and nothing else.

use std::collections::BTreeSet;

use domain::{Language, RecordId};
use harness::{Client, Fault, Response, World, clock};
use reqwest::Method;
use serde_json::{Value, json};

const JSON: &str = "application/json";

/// A request that is refused.
struct Refused<'a> {
    client: &'a Client,
    method: Method,
    path: String,
    media_type: &'static str,
    body: Option<String>,
}

impl<'a> Refused<'a> {
    fn get(client: &'a Client, path: &str) -> Self {
        Self { client, method: Method::GET, path: path.to_owned(), media_type: JSON, body: None }
    }

    fn post(client: &'a Client, media_type: &'static str, body: &str) -> Self {
        let get = Self::get(client, "/v1/contacts");
        Self { method: Method::POST, media_type, body: Some(body.to_owned()), ..get }
    }

    async fn ask(&self, accepted: Option<&str>) -> Response {
        let mut headers = vec![("content-type", self.media_type)];
        headers.extend(accepted.map(|accepted| ("accept-language", accepted)));
        self.client.send(self.method.clone(), &self.path, &headers, self.body.clone()).await
    }
}

/// The parts of an error that no language changes.
fn all_else(answer: &Response) -> (Value, [String; 5]) {
    let mut error = answer.body["error"].clone();
    error["message"] = Value::Null;
    let headers = ["content-type", "allow", "www-authenticate", "retry-after", "cache-control"];
    (error, headers.map(|name| answer.header(name).to_owned()))
}

/// What each message says in each language is for the tests of `domain` and `api`.
#[tokio::test]
async fn an_error_of_each_status_is_told_in_every_language() {
    let (_, clock) = clock("2026-02-24T20:59:17.400Z");
    let world = World::with_clock(clock).await;
    let (client, nobody) = (&world.client, world.client.with_key(None));
    let narrow = client.with_key(Some(&world.key(&[], 60).await));
    let spent = client.with_key(Some(&world.key(&[], 1).await));
    assert_eq!(spent.get("/v1/me").await.status, 200);
    let failing = World::new().await;
    failing.wire.disturb(|_, _| Fault::error(400, "AccessDeniedException"));
    let contact = json!({"phone": "+14155559999"});
    let existing = client.post("/v1/contacts", &contact).await.ok()["data"]["id"].clone();
    let no_call = format!("/v1/calls/{}", RecordId::random());
    for (refused, error, german) in [
        (
            Refused::get(client, "/v1/calls?limit=0"),
            (400, "bad_request", Some("limit")),
            "limit muss eine ganze Zahl von 1 bis 100 sein.",
        ),
        (
            Refused::post(client, JSON, "{\"phone\"}"),
            (400, "bad_request", None),
            "Der Body muss ein JSON-Objekt sein: Er ist in Zeile 1, Spalte 9 kein gültiges JSON.",
        ),
        (
            Refused::get(&nobody, "/v1/calls"),
            (401, "unauthorized", None),
            "Der API-Schlüssel fehlt. Senden Sie den Header: Authorization: Bearer sk_live_…",
        ),
        (
            Refused::get(&narrow, "/v1/leads"),
            (403, "forbidden", None),
            "Diesem API-Schlüssel fehlt der Scope leads:read. Verwenden Sie einen Schlüssel, der mit diesem Scope erstellt wurde.",
        ),
        (
            Refused::get(client, &no_call),
            (404, "not_found", None),
            "In Ihrer Organisation gibt es keinen solchen Datensatz.",
        ),
        (
            Refused::get(client, "/v1/appels"),
            (404, "not_found", None),
            "Diesen Pfad gibt es nicht. Die Pfade der API beginnen mit /v1 und haben keinen Schrägstrich am Ende.",
        ),
        (
            Refused { method: Method::DELETE, ..Refused::get(client, "/v1/contacts") },
            (405, "method_not_allowed", None),
            "Dieser Pfad unterstützt diese Methode nicht. Erlaubt sind GET, HEAD, POST.",
        ),
        (
            Refused::post(client, JSON, &contact.to_string()),
            (409, "conflict", Some("phone")),
            "Ihre Organisation hat bereits einen Kontakt mit dieser Telefonnummer: siehe existing_id.",
        ),
        (
            Refused::post(client, JSON, &" ".repeat(65_537)),
            (413, "payload_too_large", None),
            "Der Body ist größer als 65536 Bytes.",
        ),
        (
            Refused::post(client, "text/plain", "{}"),
            (415, "unsupported_media_type", Some("Content-Type")),
            "Der Body muss JSON in UTF-8 sein: Senden Sie den Header Content-Type: application/json.",
        ),
        (
            Refused::get(&spent, "/v1/me"),
            (429, "rate_limited", None),
            "Zu viele Anfragen mit diesem API-Schlüssel. Warten Sie so viele Sekunden, wie in Retry-After steht.",
        ),
        (
            Refused::get(&failing.client, "/v1/leads"),
            (500, "internal_error", None),
            "Bei uns ist ein Fehler aufgetreten. Versuchen Sie es erneut; bleibt er bestehen, geben Sie die Request-ID an.",
        ),
    ] {
        let plain = refused.ask(None).await;
        assert_eq!(plain.error(), error, "{}", plain.text);
        assert!(!plain.headers.contains_key("content-language"));
        let mut messages = BTreeSet::new();
        for language in Language::ALL {
            let answer = refused.ask(Some(language.tag())).await;
            assert_eq!(answer.error(), error, "{}", answer.text);
            let message = answer.body["error"]["message"].as_str().unwrap();
            assert_eq!(message == german, language == Language::German, "{message}");
            let is_english = plain.body["error"]["message"] == message;
            assert_eq!(is_english, language == Language::English, "unless something else is asked for");
            let tag = if is_english { "" } else { language.tag() };
            assert_eq!((answer.header("content-language"), answer.header("vary")), (tag, "Accept-Language"));
            assert_eq!(all_else(&answer), all_else(&plain));
            assert!(error.0 != 409 || answer.body["error"]["existing_id"] == existing);
            assert!(messages.insert(message.to_owned()), "{message}");
        }
    }
}
