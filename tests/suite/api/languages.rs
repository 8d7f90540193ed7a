//! `Accept-Language`: an error's message, and nothing else, is in German, French or Spanish where that is asked for.

use harness::{Response, World, functions, invoke, stack};
use local::Throttle;
use reqwest::Method;
use serde_json::{Value, json};

use super::recorded_events::headers_of;

#[tokio::test]
async fn the_language_of_the_highest_quality_is_taken_and_english_where_none_is_ours() {
    let world = World::new().await;
    let language = async |accepted: &[&str]| {
        let headers: Vec<_> = accepted.iter().map(|accepted| ("accept-language", *accepted)).collect();
        let answer = world.client.send(Method::GET, "/v1/me?x=1", &headers, None).await;
        assert_eq!(answer.error(), (400, "bad_request", Some("x")));
        answer.header("content-language").to_owned()
    };
    for (accepted, tag) in [
        (&["fr-CA;q=0.8, es;q=0.9"][..], "es"),
        (&["fr;q=0.2", "de;q=0.3"], "de"),
        (&["en, de"], ""),
        (&["ja, zh-Hant"], ""),
        (&[""], ""),
    ] {
        assert_eq!(language(accepted).await, tag, "{accepted:?}");
    }
}

#[tokio::test]
async fn a_success_is_the_same_in_every_language() {
    let world = World::new().await;
    let plain = world.client.get("/v1/me").await;
    let asked = world.client.send(Method::GET, "/v1/me", &[("accept-language", "de")], None).await;
    let names = |answer: &Response| {
        answer.headers.keys().map(ToString::to_string).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(names(&asked), names(&plain));
    assert!(!names(&plain).contains("vary") && !names(&plain).contains("content-language"));
    assert_eq!(asked.ok()["data"], plain.ok()["data"]);
}

#[tokio::test]
async fn head_says_in_which_language_its_message_would_be() {
    let world = World::new().await;
    let answer = world.client.send(Method::HEAD, "/v1/me?x=1", &[("accept-language", "es")], None).await;
    assert_eq!((answer.status, answer.header("content-language"), answer.text.as_str()), (400, "es", ""));
}

#[tokio::test]
async fn both_event_shapes_are_asked_and_one_that_is_no_request_too() {
    let world = World::new().await;
    let functions = functions(&world.store);
    let bearer = format!("Bearer {}", world.key);
    let rest = json!({
        "path": "/v1/me", "httpMethod": "GET", "headers": {"authorization": bearer, "Accept-Language": "fr"},
        "multiValueHeaders": {"authorization": [bearer], "Accept-Language": ["fr"]},
        "queryStringParameters": {"x": "1"}, "multiValueQueryStringParameters": {"x": ["1"]},
    });
    let http = json!({
        "rawPath": "/v1/me", "rawQueryString": "x=1", "headers": {"authorization": bearer, "accept-language": "fr"},
        "requestContext": {"http": {"method": "GET"}},
    });
    let mut unreadable = rest.clone();
    unreadable["body"] = "not base64".into();
    unreadable["isBase64Encoded"] = true.into();
    let unknown = "Paramètre inconnu : \"x\". Ce chemin n'en accepte aucun.";
    for (event, message) in
        [(rest, unknown), (http, unknown), (unreadable, "La requête n'a pas pu être lue.")]
    {
        let answer = invoke(&functions, &event).await;
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(
            (&body["error"]["message"], &answer["statusCode"]),
            (&json!(message), &json!(400)),
            "{event}"
        );
    }
    let nothing = invoke(&functions, &json!({"headers": 7, "body": null})).await;
    assert!(nothing["body"].as_str().unwrap().contains("The request could not be read."), "{nothing}");
}

#[tokio::test]
async fn an_event_that_does_not_even_parse_is_refused_with_what_its_headers_say() {
    let world = World::new().await;
    let functions = functions(&world.store);
    let id = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";
    for odd in ["X-Odd\u{0}", "X-Odd"] {
        // HTTP has no such name, or no such value.
        let headers = json!({odd: "\u{0}", "accept-language": "de", "x-forwarded-proto": "https"});
        let lists = json!({odd: ["\u{0}"], "accept-language": ["de"], "x-forwarded-proto": ["https"]});
        let rest = json!({
            "path": "/v1/me", "httpMethod": "GET", "headers": headers, "multiValueHeaders": lists,
            "requestContext": {"requestId": id},
        });
        let http = json!({
            "rawPath": "/v1/me", "rawQueryString": "", "headers": headers,
            "requestContext": {"http": {"method": "GET"}, "requestId": id},
        });
        let mut single = rest.clone();
        single["multiValueHeaders"] = Value::Null;
        let mut query = rest.clone();
        query["queryStringParameters"] = json!({"limit": 7});
        let mut context = rest.clone();
        context["requestContext"]["stage"] = json!([]);
        for event in [rest, http, single, query, context] {
            let answer = invoke(&functions, &event).await;
            let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
            let message = &body["error"]["message"];
            assert_eq!(
                (message, &answer["statusCode"]),
                (&json!("Die Anfrage konnte nicht gelesen werden."), &json!(400))
            );
            assert_eq!(body["meta"]["request_id"], "req_c6af9ac67b61", "{event}");
            let headers = headers_of(&answer);
            let names = ["content-language", "vary", "strict-transport-security", "x-request-id"];
            let expected = ["de", "Accept-Language", "max-age=31536000", "req_c6af9ac67b61"];
            assert_eq!(names.map(|name| &headers[name]), expected, "{answer}");
        }
    }
}

#[tokio::test]
async fn what_the_gateway_answers_by_itself_stays_english() {
    let mut stack = stack();
    stack.keys = Throttle { rate: 0.001, burst: 1.0 };
    let world = World::behind(stack).await;
    assert_eq!(world.client.get("/v1/me").await.status, 200);
    let answer = world.client.send(Method::GET, "/v1/me", &[("accept-language", "de")], None).await;
    assert_eq!(answer.error(), (429, "rate_limited", None));
    assert_eq!(answer.body["error"]["message"], "Too many requests. Wait for the seconds in Retry-After.");
    assert_eq!((answer.header("content-language"), answer.header("vary")), ("", ""));
}
