//! Failures between the command and the API, and what is said of them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{KEY, Reply, StandIn, printed, run};
use crate::{Dev, check::server::Api, err, inboundflow, out};

#[test]
fn without_a_key_it_says_where_to_get_one() {
    for mut command in [
        inboundflow(&["calls", "list"]),
        inboundflow(&["me"]),
        inboundflow(&["export", "calls", "--to", "-"]),
    ] {
        for key in [None, Some("")] {
            let output = command.envs(key.map(|key| ("INBOUNDFLOW_API_KEY", key))).output().unwrap();
            assert_eq!(output.status.code(), Some(2));
            let said = err(&output);
            assert!(
                said.contains("secure.inboundflow.app") && said.contains("INBOUNDFLOW_API_KEY"),
                "{said}"
            );
        }
    }
    let output = run("http://127.0.0.1:1", "two words", &["me"]);
    assert!(output.status.code() == Some(2) && err(&output).contains("one word"), "{output:?}");
}

#[tokio::test]
async fn the_apis_own_errors_are_told_with_what_helps() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let url = dev.text("url");
    let unknown = domain::key::ApiKey::generate().unwrap();
    let output = run(&url, unknown.reveal(), &["calls", "list"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        err(&output).starts_with("error: Unknown API key. (401, unauthorized, request req_"),
        "{output:?}"
    );
    assert!(
        err(&output).contains(&format!("Check INBOUNDFLOW_API_KEY or --api-key, and that {url} is")),
        "{output:?}"
    );
    let narrow = dev.another_key(&dev.text("organization_id"), "leads:read");
    let output = run(&url, &narrow, &["calls", "list"]);
    assert!(
        err(&output).contains("lacks the scope calls:read") && err(&output).contains("(403, forbidden"),
        "{output:?}"
    );
    let by_option =
        inboundflow(&["me", "--base-url", &(url + "/v1/"), "--api-key", &narrow]).output().unwrap();
    assert_eq!(printed(&by_option)["scopes"], json!(["leads:read"]));
}

#[test]
fn the_operators_options_are_not_overlooked() {
    for arguments in [
        &["calls", "list", "--endpoint-url", "http://127.0.0.1:8000"][..],
        &["--endpoint-url", "http://127.0.0.1:8000", "me"],
        &["export", "--table-prefix", "x-", "leads", "--to", "-"],
    ] {
        let output = run("http://127.0.0.1:1", KEY, arguments);
        assert!(
            output.status.code() == Some(2) && err(&output).contains("say where with --base-url"),
            "{output:?}"
        );
        let help = [&[arguments[0]], &["--help"][..]].concat();
        if arguments[0] != "--endpoint-url" {
            let help = out(&crate::run(&help));
            assert!(!help.contains("--endpoint-url") && !help.contains("--table-prefix"), "{help}");
        }
    }
    let api = StandIn::start(|_, asked| asked.answer_list(1));
    let output =
        super::command(&api.url, KEY, &["calls", "list"]).env("TABLE_PREFIX", "x-").output().unwrap();
    assert!(output.status.success(), "a variable is for others: {output:?}");
}

#[tokio::test]
async fn a_key_that_has_used_its_minute_waits_for_the_next_one() {
    let api = Api::new().await;
    let (url, key) = (api.serve(&Arc::default()).await, api.keys().await.swap_remove(0).1);
    loop {
        let request = reqwest::Client::new().get(format!("{url}/v1/me")).bearer_auth(&key);
        if request.send().await.unwrap().headers()["x-ratelimit-remaining"] == "0" {
            break;
        }
    }
    let begun = Instant::now();
    let output = tokio::task::spawn_blocking(move || run(&url, &key, &["calls", "list", "--limit", "3"]))
        .await
        .unwrap();
    assert_eq!(printed(&output).as_array().unwrap().len(), 3);
    assert!(begun.elapsed() >= Duration::from_secs(1), "as Retry-After says");
    let said = err(&output);
    assert!(
        said.lines().count() == 1 && said.contains("the key has used up its minute: going on in "),
        "{said}"
    );
}

#[test]
fn a_429_that_goes_on_is_told_at_last_and_retry_after_is_heeded() {
    let api = StandIn::start(|number, asked| match number {
        0 => Reply::error(429, "rate_limited", "wait").header("retry-after", 2),
        1 => Reply::error(429, "rate_limited", "wait").header("retry-after", 1),
        _ => asked.answer_list(1),
    });
    let begun = Instant::now();
    assert_eq!(printed(&api.run(&["calls", "list"])), json!([super::record(0)]));
    assert!((3..40).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!(api.asked().len(), 3);

    let api = StandIn::start(|_, _| Reply::error(429, "rate_limited", "Wait.").header("retry-after", 0));
    let output = api.run(&["calls", "list"]);
    assert!(err(&output).contains("Wait. (429, rate_limited, request req_0123456789ab)"), "{output:?}");
    assert_eq!(api.asked().len(), 6);
}

#[test]
fn a_409_that_says_when_is_tried_again_and_no_other_is() {
    for (says_when, asked) in [(true, 2), (false, 1)] {
        let api = StandIn::start(move |number, asked| match number {
            0 if says_when => Reply::error(409, "conflict", "Others.").header("retry-after", 1),
            0 => Reply::error(409, "conflict", "Taken."),
            _ => asked.answer_list(1),
        });
        let output = api.run(&["calls", "list"]);
        assert_eq!((output.status.success(), api.asked().len()), (says_when, asked), "{output:?}");
    }
}

#[test]
fn a_minute_that_is_nearly_used_up_is_waited_for() {
    let api = StandIn::start(|number, asked| {
        let now = domain::Timestamp::now();
        let left = if number == 1 { 6 } else { 7 };
        let mut reply = asked.answer_list(400);
        let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
        let mut body = body.as_object().unwrap().clone();
        body.insert("meta".to_owned(), json!({"timestamp": now}));
        reply.body = serde_json::to_vec(&body).unwrap();
        let reset = now.plus(Duration::from_secs(2)).unix_seconds();
        reply
            .header("x-ratelimit-limit", 60)
            .header("x-ratelimit-remaining", left)
            .header("x-ratelimit-reset", reset)
    });
    let begun = Instant::now();
    assert_eq!(printed(&api.run(&["calls", "list", "--all"])).as_array().unwrap().len(), 400);
    assert!((1..40).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!(api.asked().len(), 4);
}

#[test]
fn a_wait_is_told_in_a_line_where_nobody_sees_a_progress_bar() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("calls.jsonl");
    let api = StandIn::start(|number, asked| match number {
        1 => Reply::error(429, "rate_limited", "wait")
            .header("retry-after", 1)
            .header("x-ratelimit-remaining", 0),
        _ => asked.answer_list(1),
    });
    let output = api.run(&["export", "calls", "--to", file.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(err(&output), "the key has used up its minute: going on in 1 s\n");
}

#[test]
fn a_server_that_fails_for_a_moment_is_asked_again() {
    let api = StandIn::start(|number, asked| match number {
        0 => Reply::new(502, "text/html", "<h1>Bad Gateway</h1>"),
        1 => asked.answer_list(250).cut(),
        3 => Reply::error(500, "internal_error", "on purpose"),
        _ => asked.answer_list(250),
    });
    assert_eq!(printed(&api.run(&["calls", "list", "--all"])).as_array().unwrap().len(), 250);
    let cursors: Vec<Option<String>> =
        api.asked().iter().map(|asked| asked.query.get("cursor").cloned()).collect();
    let (second, third) = (Some("100".to_owned()), Some("200".to_owned()));
    assert_eq!(cursors, [None, None, None, second.clone(), second, third]);
}

#[test]
fn a_503_is_tried_again_when_it_says_and_in_the_end_told() {
    let no_answer = || Reply::error(503, "unavailable", "No answer.");
    let api = StandIn::start(move |number, asked| match number {
        0 => no_answer().header("retry-after", 2),
        _ => asked.answer_list(1),
    });
    let begun = Instant::now();
    assert_eq!(printed(&api.run(&["calls", "list"])), json!([super::record(0)]));
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());

    let api = StandIn::start(move |_, _| no_answer().header("retry-after", 1));
    let output = api.run(&["calls", "list"]);
    assert!(err(&output).contains("No answer. (503, unavailable, request req_0123456789ab)"), "{output:?}");
    assert_eq!(api.asked().len(), 6);

    // Nobody waits for the end of somebody's maintenance.
    let api = StandIn::start(move |_, _| no_answer().header("retry-after", 3600));
    assert_eq!((api.run(&["calls", "list"]).status.code(), api.asked().len()), (Some(1), 1));
}

#[test]
fn what_an_earlier_try_deleted_is_deleted() {
    const ID: &str = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";
    let gone = || Reply::error(404, "not_found", "There is no such record.");
    let unavailable = || Reply::error(503, "unavailable", "No answer.").header("retry-after", 1);
    let api = StandIn::start(move |number, _| if number == 0 { unavailable() } else { gone() });
    assert_eq!(printed(&api.run(&["webhooks", "delete", ID])), json!({"id": ID, "deleted": true}));
    let api = StandIn::start(move |_, _| gone());
    let output = api.run(&["webhooks", "delete", ID]);
    assert!(output.status.code() == Some(1) && err(&output).contains("(404, not_found"), "{output:?}");
    // A 429 was not carried out.
    let limited = || Reply::error(429, "rate_limited", "Wait.").header("retry-after", 1);
    let api = StandIn::start(move |number, _| if number == 0 { limited() } else { gone() });
    assert_eq!(api.run(&["webhooks", "delete", ID]).status.code(), Some(1));
}

/// An answer, and what is said of it.
type Case = (fn() -> Reply, &'static str);

#[test]
fn what_is_no_answer_of_the_api_is_told_as_that() {
    let cases: [Case; 10] = [
        (
            || Reply::new(200, "text/html", "<h1>Hello</h1>"),
            "answers, but not as this API (GET /v1/calls: 200, text/html)",
        ),
        (|| Reply::new(200, "application/json", [b'"', 0xff, b'"']), "not as this API"),
        (|| Reply::new(200, "application/json", ""), "not as this API"),
        (|| Reply::json(200, &json!([1])), "not as this API"),
        (|| Reply::data(&json!("x")), "not as this API"),
        (
            || Reply::json(200, &json!({"data": [1], "has_more": false, "next_cursor": null})),
            "not as this API",
        ),
        (|| Reply::json(200, &json!({"data": [], "has_more": true, "next_cursor": null})), "not as this API"),
        (
            || Reply::json(403, &json!({"message": "Missing Authentication Token"})),
            "A stack's ends in /live.",
        ),
        (
            || Reply::new(302, "text/plain", "").header("location", "https://x.example/"),
            "to https://x.example/",
        ),
        (|| Reply::json(404, &json!({"error": {"message": "\u{1b}[2Jno"}})), "\\u001b[2Jno (404)"),
    ];
    for (reply, says) in cases {
        let output = StandIn::start(move |_, _| reply()).run(&["calls", "list"]);
        assert!(output.status.code() == Some(1) && err(&output).contains(says), "{says}: {output:?}");
        assert_eq!(err(&output).lines().count(), 1, "{output:?}");
        assert!(!err(&output).contains('\u{1b}'), "{output:?}");
    }
    let endless =
        StandIn::start(|_, _| Reply::json(200, &json!({"data": [], "has_more": true, "next_cursor": "x"})));
    let output = endless.run(&["calls", "list", "--all"]);
    assert!(err(&output).contains("the list would never end") && endless.asked().len() == 2, "{output:?}");
}

#[test]
fn a_key_that_is_repeated_by_the_server_is_not_shown() {
    let api = StandIn::start(|_, asked| {
        let sent = &asked.headers["authorization"];
        assert_eq!(sent, &format!("Bearer {KEY}"));
        Reply::error(400, sent, sent).header("x", sent)
    });
    let output = api.run(&["me"]);
    assert_eq!(err(&output), "error: Bearer sk_live_… (400, Bearer sk_live_…, request req_0123456789ab)\n");
    let html = StandIn::start(|_, asked| Reply::new(200, &asked.headers["authorization"], ""));
    assert!(err(&html.run(&["me"])).contains("not as this API (GET /v1/me: 200, Bearer sk_live_…)"));
}

#[test]
fn an_address_where_nobody_is_fails_at_once() {
    let begun = Instant::now();
    let output = run("http://127.0.0.1:1", KEY, &["calls", "list"]);
    assert!(
        err(&output).contains("http://127.0.0.1:1 does not answer: no connection. Check --base-url"),
        "{output:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(7), "{:?}", begun.elapsed());
    for url in ["", "127.0.0.1:3000", "ftp://x", "https://key@x.example"] {
        let output = run(url, KEY, &["me"]);
        assert!(output.status.code() == Some(2) && err(&output).contains("base URL"), "{output:?}");
    }
}

#[test]
fn a_server_without_tls_is_said_to_be_one() {
    let api = StandIn::start(|_, _| unreachable!("nobody speaks HTTP to it"));
    let output = run(&api.url.replace("http:", "https:"), KEY, &["me"]);
    assert!(
        err(&output).contains("does not answer: no TLS (an http:// address?). Check --base-url"),
        "{output:?}"
    );
}

#[test]
fn what_is_wrong_with_an_option_is_said_with_the_usage_of_its_command() {
    let api = StandIn::start(|_, _| unreachable!("nothing is asked"));
    for (arguments, said) in [
        (&["calls", "list", "--since", "-2h"][..], "expected a time ago such as 2h or 3d"),
        (&["calls", "list", "--since", "1M"], "expected a time ago such as 2h or 3d"),
        (&["calls", "list", "--limit", "-1"], "expected a whole number from 1 to 9007199254740991"),
        (&["calls", "list", "--since", "--all"], "--since takes a value"),
        (&["calls", "list", "--limit", "--all"], "a value is required for '--limit <N>'"),
        (&["calls", "list", "--limit", "0"], "expected a whole number from 1 to 9007199254740991"),
        (&["export", "calls", "--to", "x.txt"], "Usage: inboundflow export calls"),
        (&["openapi", "--table-prefix", "X-"], "this command works on none"),
    ] {
        let output = api.run(arguments);
        assert!(output.status.code() == Some(2) && err(&output).contains(said), "{output:?}");
    }
    let output = super::command(&api.url, "", &["leads", "list"]).output().unwrap();
    assert!(err(&output).contains("an API key is needed"), "{output:?}");
    assert!(err(&output).contains("Usage: inboundflow leads list"), "{output:?}");
}
