//! Values that are written in several ways and stored in one: dates, phone numbers, fields.

use domain::{RecordId, catalogue, ingest::Body};
use harness::{World, call_event, path_of};
use reqwest::Method;
use serde_json::{Value, json};

use crate::ingest::records::{apply, only};

const JSON: (&str, &str) = ("content-type", "application/json");
const WRONG_DATES: [&str; 5] =
    ["+12026-01-01", "12026-01-01", "-2026-01-01", "226-01-01", "+12026-01-01T00:00:00Z"];

async fn webhook_id(world: &World) -> String {
    world.webhook(&["lead.created"]).await["id"].as_str().unwrap().to_owned()
}

/// The text of a query.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test]
async fn a_year_has_four_digits_at_every_door() {
    let world = World::new().await;
    let id = webhook_id(&world).await;
    let is_list = |path: &&str| !path.ends_with('}') && *path != "/v1/me";
    let gets = catalogue::ALL.iter().flat_map(|resource| resource.routes);
    let lists: Vec<&str> =
        gets.filter(|route| route.methods.contains(&"GET")).map(|route| route.path).filter(is_list).collect();
    assert!(lists.len() > 6 && lists.iter().any(|path| path.ends_with("/deliveries")), "{lists:?}");
    for (at, path) in lists.into_iter().enumerate() {
        let path = path_of(path, &id);
        for date in if at == 0 { &WRONG_DATES[..] } else { &WRONG_DATES[..1] } {
            let answer = world.client.get(&format!("{path}?since={}", encoded(date))).await;
            assert_eq!(answer.error(), (400, "bad_request", Some("since")), "{path} {date}");
        }
    }
    for date in WRONG_DATES {
        for (body, at_fault) in
            [(json!({"since": date}), "since"), (json!({"since": "2026-01-01", "until": date}), "until")]
        {
            let answer = world.client.post(&format!("/v1/webhooks/{id}/replay"), &body).await;
            assert_eq!(answer.error(), (400, "bad_request", Some(at_fault)), "{body}");
        }
        let mut event = call_event(world.organization, RecordId::random(), "2026-02-24T20:59:00Z");
        event["call"]["started_at"] = "2026-02-24T20:59:00Z".into();
        event["call"]["ended_at"] = "2026-02-24T20:59:00Z".into();
        event["call"]["messages"] =
            json!([{"role": "user", "content": "Hi", "timestamp": "2026-02-24T20:59:00Z"}]);
        event["appointment"] =
            json!({"date": "2026-02-24", "start": "2026-02-24T20:59:00Z", "end": "2026-02-24T21:59:00Z"});
        assert!(Body::parse(&event.to_string()).is_ok());
        for place in [
            "/occurred_at",
            "/call/started_at",
            "/call/ended_at",
            "/call/messages/0/timestamp",
            "/appointment/date",
            "/appointment/start",
            "/appointment/end",
        ] {
            let mut event = event.clone();
            *event.pointer_mut(place).unwrap() = date.into();
            let rejection = Body::parse(&event.to_string()).expect_err(place);
            let field = place[1..].replace("/0/", "[0].").replace('/', ".");
            assert!(rejection.message.starts_with(&format!("{field}: expected")), "{rejection}");
        }
    }
}

#[tokio::test]
async fn a_phone_number_that_cannot_be_read_is_told_why_at_every_door() {
    let world = World::new().await;
    for (phone, why) in [
        ("+44 (0)20 7946 0958", "a zero in brackets"),
        ("+39 [06] 698", "a zero in brackets"),
        ("+1415555l234", "\"l\" (U+006C) must not be in it"),
        ("+1415555\u{0}234", "U+0000 must not be in it"),
        ("+1415555\u{301}1234", "U+0301 must not be in it"),
        ("14155551234", "in E.164 form such as +14155551234"),
    ] {
        let posted = world.client.post("/v1/contacts", &json!({"phone": phone})).await;
        let mut answers = vec![posted];
        for list in ["calls", "contacts"] {
            answers.push(world.client.get(&format!("/v1/{list}?phone={}", encoded(phone))).await);
        }
        for answer in answers {
            assert_eq!(answer.error(), (400, "bad_request", Some("phone")), "{phone}");
            let message = answer.body["error"]["message"].as_str().unwrap();
            assert!(message.contains(why), "{message}");
        }
        let mut event = call_event(world.organization, RecordId::random(), "2026-02-24T20:59:00Z");
        event["call"]["caller_phone"] = phone.into();
        let rejection = Body::parse(&event.to_string()).expect_err(phone);
        assert!(rejection.message.starts_with("call.caller_phone: expected a phone number"), "{rejection}");
        assert!(rejection.message.contains(why), "{rejection}");
    }
    assert!(world.client.walk("/v1/contacts?limit=9").await.is_empty(), "nothing was written");
}

#[tokio::test]
async fn what_is_copied_along_with_a_phone_number_is_dropped_at_every_door() {
    let world = World::new().await;
    let copied = [
        "\u{202a}+14155550102\u{202c}",
        "+1\u{a0}415\u{2011}555\u{2013}0102",
        "\u{ff0b}1 415 555 0102",
        "＋１４１５５５５０１０２",
    ];
    assert_eq!(world.client.post("/v1/contacts", &json!({"phone": copied[0]})).await.status, 201);
    let contact = only(&world, "contacts").await;
    assert_eq!(contact["phone"], "+14155550102");
    for phone in copied {
        let again = world.client.post("/v1/contacts", &json!({"phone": phone})).await;
        assert_eq!(again.body["error"]["existing_id"], contact["id"], "{phone:?}");
        let found = world.client.get(&format!("/v1/contacts?phone={}", encoded(phone))).await.ok();
        assert_eq!(found["data"][0]["id"], contact["id"], "{phone:?}");
        let mut event = call_event(world.organization, RecordId::random(), "2026-02-24T20:59:00Z");
        event["call"]["caller_phone"] = phone.into();
        assert!(apply(&world, &event).await);
    }
    assert_eq!(only(&world, "contacts").await["total_calls"], copied.len());
}

#[tokio::test]
async fn callers_who_withhold_their_number_are_calls_without_a_contact() {
    let world = World::new().await;
    let withheld = [
        "anonymous",
        "Restricted",
        "UNAVAILABLE",
        "+266696687",
        "sip:anonymous@anonymous.invalid",
        "sip:alice@host",
        "",
    ];
    for text in withheld {
        let mut event = call_event(world.organization, RecordId::random(), "2026-02-24T20:59:00Z");
        event["call"]["caller_phone"] = text.into();
        event["lead"] = json!({"interest": "a quote"});
        assert!(apply(&world, &event).await);
    }
    for resource in ["calls", "leads"] {
        let records = world.client.walk(&format!("/v1/{resource}?limit=9")).await;
        assert_eq!(records.len(), withheld.len());
        for record in records {
            assert_eq!((&record["caller_phone"], &record["contact_id"]), (&Value::Null, &Value::Null));
        }
    }
    assert!(world.client.walk("/v1/contacts?limit=9").await.is_empty());
    let mut event = call_event(world.organization, RecordId::random(), "2026-02-24T20:59:00Z");
    event["call"]["caller_phone"] = "sip:+14155550101@10.0.0.1:5060;transport=udp".into();
    assert!(apply(&world, &event).await);
    assert_eq!(only(&world, "contacts").await["phone"], "+14155550101");
}

#[tokio::test]
async fn a_field_that_is_there_twice_is_refused_in_every_body() {
    let world = World::new().await;
    let id = webhook_id(&world).await;
    let post = async |method: &str, path: &str, body: &str| {
        world.client.send(method.parse().unwrap(), path, &[JSON], Some(body.to_owned())).await
    };
    let mut bodies = 0;
    for route in catalogue::ALL.iter().flat_map(|resource| resource.routes) {
        for method in route.methods.iter().filter(|method| ["POST", "PUT", "PATCH"].contains(method)) {
            let path = path_of(route.path, &id);
            let answer = post(method, &path, r#"{"twice": 1, "twice": 1}"#).await;
            assert_eq!(answer.error(), (400, "bad_request", Some("twice")), "{method} {path}");
            bodies += 1;
        }
    }
    assert!(bodies >= 7, "{bodies}");
    let twice = post("POST", "/v1/contacts", r#"{"phone": "+14155550101", "phone": "+14155550102"}"#).await;
    assert_eq!(twice.error(), (400, "bad_request", Some("phone")));
    assert_eq!(twice.body["error"]["message"], "phone was given more than once; give it once.");
    let escaped = post("POST", "/v1/contacts", r#"{"phone": "+14155550101", "\u0070hone": "+14155550101"}"#);
    assert_eq!(escaped.await.error(), (400, "bad_request", Some("phone")));
    let inside = r#"{"url": "https://hooks.example.com/in", "events": [{"a": 1, "a": 2}]}"#;
    let inside = world.client.send(Method::POST, "/v1/webhooks", &[JSON], Some(inside.to_owned())).await;
    assert_eq!(inside.error(), (400, "bad_request", Some("events[0].a")));
    assert!(world.client.walk("/v1/contacts?limit=9").await.is_empty(), "nothing was written");
}
