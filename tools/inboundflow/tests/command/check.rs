//! `check` finds nothing where all is well, and exactly what is wrong where something is.

pub(crate) mod fault;
pub(crate) mod server;

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    process::Output,
    sync::Arc,
};

use domain::{Timestamp, webhooks::EventType};
use futures_util::{StreamExt as _, stream};
use inboundflow::Deployment;
use serde_json::{Value, json};
use store::DEFAULT_TABLE_PREFIX;

use self::{
    fault::{Fault, faults},
    server::{Api, Keys},
};
use crate::{Dev, err, inboundflow, out, published::publish_events, run};

const VERDICTS: [&str; 5] = ["documented", "our choice", "addition", "differs", "not seen"];

/// Those promises that a run prints with such a verdict, as `group: promise`, in the order of their names.
fn promises(output: &Output, verdict: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = String::from_utf8(output.stdout.clone()).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let fitting = lines.filter(|line| verdict(line["verdict"].as_str().unwrap()));
    let mut promises: Vec<String> = fitting
        .map(|line| format!("{}: {}", line["group"].as_str().unwrap(), line["promise"].as_str().unwrap()))
        .collect();
    promises.sort_unstable();
    promises
}

fn differing(output: &Output) -> Vec<String> {
    promises(output, |verdict| verdict == "differs")
}

/// How many runs of `check` there are at a time: most of a run is waiting.
const AT_ONCE: usize = 8;

/// Runs the command against a server with this fault; says what it found otherwise than the table has it.
async fn found_otherwise(api: Api, fault: Fault) -> Option<String> {
    let mut keys = api.keys().await;
    if let Some(variable) = &fault.swap {
        let callers = api.keys().await.swap_remove(0).1;
        keys.iter_mut().find(|(name, _)| name == variable).unwrap().1 = callers;
    }
    let fault = Arc::new(fault);
    let options: Vec<&str> = fault.options.iter().map(String::as_str).chain(["--json"]).collect();
    let output = api.check(&fault, keys, &options).await;
    let (found, expected) = (differing(&output), fault.finds());
    let right = found == expected
        && output.status.code() == Some(i32::from(!expected.is_empty()))
        && fault.says.as_ref().is_none_or(|says| err(&output).contains(says));
    (!right).then(|| format!("{}: {found:#?} {}", fault.name, err(&output)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_of_a_server_is_found_and_nothing_else() {
    let api = Api::new().await;
    let api = &api;
    // What a run writes is none of another's.
    let organizations = stream::iter(faults()).then(|fault| async move {
        let writes = fault.options.iter().any(|option| option == "--write");
        (if writes { api.another().await } else { api.clone() }, fault)
    });
    let runs = organizations.map(|(api, fault)| found_otherwise(api, fault));
    let wrong: Vec<Option<String>> = runs.buffered(AT_ONCE).collect().await;
    let wrong: Vec<String> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_promise_is_seen_to_differ_where_some_fault_is() {
    let found: Vec<String> = faults().iter().flat_map(Fault::finds).collect();
    let api = Api::new().await;
    let output =
        api.check(&Arc::default(), api.keys().await, &["--write", "--use-up-minute", "--json"]).await;
    let unproven: Vec<String> =
        promises(&output, |_| true).into_iter().filter(|it| !found.contains(it)).collect();
    assert!(unproven.is_empty(), "{unproven:#?}");
}

#[tokio::test]
async fn dev_keeps_every_promise() {
    let dev = Dev::start(&["--dynamodb-port", "0"]);
    let endpoint = dev.text("dynamodb_endpoint");
    let json = |arguments: &[&str]| -> Value {
        let output = run(&[arguments, &["--json", "--endpoint-url", &endpoint]].concat());
        serde_json::from_str(&out(&output)).unwrap()
    };
    let key = |organization: &str, scopes: &str, further: &[&str]| {
        let create =
            ["keys", "create", "--name", "check", "--organization", organization, "--scopes", scopes];
        json(&[&create, further].concat())
    };
    let organization = dev.text("organization_id");
    let deployment = Deployment { endpoint_url: None, table_prefix: DEFAULT_TABLE_PREFIX.to_owned() };
    let store = deployment.local(endpoint.clone());
    // Nobody wants what happens here: `dev` would deliver it.
    publish_events(&store, organization.parse().unwrap(), &[EventType::WebhookDisabled], Timestamp::now())
        .await;
    let other = json(&["orgs", "create", "--name", "Other", "--plan", "Pro Plan"]);
    let revoked = key(&organization, "calls:read", &[]);
    json(&["keys", "revoke", revoked["key_id"].as_str().unwrap()]);
    let every = domain::Scope::ALL.map(domain::Scope::as_str).join(",");
    let keys = [
        ("--key", json!({"api_key": dev.text("api_key")})),
        ("--narrow-key", key(&organization, "calls:read", &[])),
        ("--revoked-key", revoked),
        ("--expired-key", key(&organization, "calls:read", &["--expires-in", "1ms"])),
        ("--foreign-key", key(other["organization_id"].as_str().unwrap(), &every, &[])),
    ];
    let mut command = inboundflow(&["check", &format!("{}/v1/", dev.text("url")), "--write"]);
    for (option, key) in &keys {
        command.args([option, key["api_key"].as_str().unwrap()]);
    }
    let output = command.output().unwrap();
    let lines = out(&output);
    let (found, summary) = lines.trim_end().rsplit_once('\n').unwrap();
    for line in found.lines() {
        let verdict = line[..11].trim();
        assert!(VERDICTS.contains(&verdict) && verdict != "differs", "{line}");
        assert!(verdict != "not seen" || line.ends_with("needs --use-up-minute"), "{line}");
    }
    assert!(summary.starts_with(&format!("{} promises: ", found.lines().count())), "{summary}");
    assert!(summary.ends_with("0 differ, 4 not seen"), "{summary}");
    for (_, key) in &keys {
        let shown = format!("{lines}{}", err(&output));
        assert!(!shown.contains(key["api_key"].as_str().unwrap()), "no key is shown");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_runs_print_the_same_lines() {
    let api = Api::new().await;
    let first = out(&api.check(&Arc::default(), api.keys().await, &["--write", "--use-up-minute"]).await);
    let second = out(&api.check(&Arc::default(), api.keys().await, &["--write", "--use-up-minute"]).await);
    assert_eq!(first, second);
    assert!(first.ends_with("0 differ, 0 not seen\n"), "{first}");
    let json = out(&api.check(&Arc::default(), api.keys().await, &["--json"]).await);
    assert_eq!(json.lines().count() + 1, first.lines().count());
    let verdicts = json.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["verdict"].clone());
    assert!(verdicts.into_iter().all(|verdict| VERDICTS.contains(&verdict.as_str().unwrap())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_write_nothing_is_written_and_without_keys_nothing_is_guessed() {
    let api = Api::new().await;
    let keys: Keys = api.keys().await.into_iter().take(1).collect();
    let before = out(&api.check(&Arc::default(), keys, &["--json"]).await);
    let why = |line: &str| serde_json::from_str::<Value>(line).unwrap()["why"].clone();
    for option in
        ["--write", "--narrow-key", "--revoked-key", "--expired-key", "--foreign-key", "--use-up-minute"]
    {
        assert!(before.lines().any(|line| why(line) == format!("needs {option}")), "{option}");
    }
    let url = api.serve(&Arc::default()).await;
    let list = |url: String, key: String| {
        let address = url.replace("http://", "");
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let get = "GET /v1/contacts?limit=100 HTTP/1.0\r\n";
        write!(stream, "{get}Host: {address}\r\nAuthorization: Bearer {key}\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    let listed = list(url, api.keys().await[0].1.clone());
    assert!(listed.starts_with("HTTP/1.0 200") && !listed.contains("\"api\""), "no contact of a request");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_key_of_the_same_organization_is_refused() {
    let api = Api::new().await;
    let mut keys = api.keys().await;
    keys[4].1 = keys[0].1.clone();
    let output = api.check(&Arc::default(), keys, &["--json"]).await;
    assert!(err(&output).contains("--foreign-key is a key of the same organization"), "{output:?}");
}

/// A server that sends the same to everybody; none at all where it just closes.
fn parrot(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 70_000]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

#[test]
fn what_answers_otherwise_is_told_apart_line_by_line() {
    let answer = "HTTP/1.1 200 OK\r\nX-RateLimit-Remaining: -1\r\nX-RateLimit-Reset: 99999999999999999999\r\nContent-Length: 56\r\nConnection: close\r\n\r\n{\"data\":[[],{},null],\"has_more\":7,\"meta\":[],\"error\":\"x\"}";
    let output = inboundflow(&["check", &parrot(answer), "--write", "--key", "k"]).output().unwrap();
    let lines = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{answer}");
    assert!(lines.lines().filter(|line| line.starts_with("differs")).count() > 80, "{lines}");
    assert!(lines.lines().count() > 150, "{lines}");
    assert!(
        err(&output).contains("promises are not kept") && !err(&output).contains("panicked"),
        "{output:?}"
    );
}

#[test]
fn where_nobody_answers_or_the_key_is_refused_one_line_says_so() {
    let unused = format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let refused = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 39\r\nConnection: close\r\n\r\n{\"error\":{\"message\":\"What is secret? \"}}";
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\nConnection: close\r\n\r\n<html></html>";
    let moved = "HTTP/1.1 301 Moved Permanently\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\n\"\x01\u{7f}\"";
    for (url, said) in [
        (unused, "does not answer"),
        (parrot(""), "does not answer"),
        (parrot("garbage\r\n\r\n"), "does not answer"),
        (parrot(refused), "refuses the key"),
        (parrot(page), "answers, but not as this API (GET /v1/me: 200, text/html)"),
        (parrot(moved), "answers, but not as this API"),
        (parrot(text), "answers, but not as this API"),
    ] {
        let output = inboundflow(&["check", &url, "--key", "secret"]).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{output:?}");
        assert!(err(&output).contains(said) && err(&output).lines().count() == 1, "{}", err(&output));
        assert!(!err(&output).contains("secret"), "{}", err(&output));
    }
}

#[test]
fn wrong_usage_is_told() {
    let url = "http://127.0.0.1:1";
    for (arguments, said) in [
        (vec!["check", "--key", "x"], "URL"),
        (vec!["check", "nowhere", "--key", "x"], "expected the API's base URL"),
        (vec!["check", "http://127.0.0.1:1/?a=b", "--key", "x"], "expected the API's base URL"),
        (vec!["check", url], "INBOUNDFLOW_API_KEY"),
        (vec!["check", url, "--key", ""], "INBOUNDFLOW_API_KEY"),
        (vec!["check", url, "--key", "se cret"], "printable ASCII"),
        (vec!["check", url, "--key", "x", "--foreign-key", "secrét"], "printable ASCII"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {output:?}");
        assert!(err(&output).contains(said) && !err(&output).contains("cret"), "{}", err(&output));
    }
}
