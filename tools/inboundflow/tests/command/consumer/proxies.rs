//! Proxies that the environment names.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    process::{Command, Output},
};

use serde_json::json;

use super::{Asked, KEY, StandIn, printed, record};
use crate::{Dev, err, inboundflow, out};

const NAMES: [&str; 6] = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// The command with this proxy for everything.
fn by(proxy: &str, mut command: Command) -> Output {
    command.env_remove("NO_PROXY").env_remove("no_proxy").env_remove("REQUEST_METHOD");
    command.envs(NAMES.map(|name| (name, proxy))).output().unwrap()
}

/// A port where nobody is.
fn nowhere() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// A proxy that nobody may ask anything.
fn unwanted() -> StandIn {
    StandIn::start(|_, asked| panic!("{} {} was asked by the proxy", asked.method, asked.path))
}

#[tokio::test]
async fn what_is_on_this_machine_is_never_asked_by_a_proxy() {
    let proxy = unwanted();
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let (url, key, organization) = (dev.text("url"), dev.text("api_key"), dev.text("organization_id"));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("calls.jsonl").to_str().unwrap().to_owned();
    // Whatever asks the API.
    for arguments in [
        &["me"][..],
        &["calls", "list"],
        &["contacts", "create", "--phone", "+14155550199"],
        &["export", "calls", "--to", "-"],
        &["export", "calls", "--to", &file],
        &["webhooks", "list"],
    ] {
        let output = by(&proxy.url, super::command(&url, &key, arguments));
        assert!(!err(&output).contains("warning"), "{arguments:?} {output:?}");
        assert!(output.status.success(), "{arguments:?} {output:?}");
    }
    let refused = err(&by(&proxy.url, super::command(&url, KEY, &["check", &url])));
    assert!(refused.contains("refuses the key") && !refused.contains("warning"), "{refused}");
    let port = url.rsplit(':').next().unwrap();
    for host in ["localhost", "LOCALHOST", "127.1", "127.0.0.1"] {
        let output = by(&proxy.url, super::command(&format!("http://{host}:{port}"), &key, &["me"]));
        assert_eq!((out(&output).contains(&organization), err(&output).as_str()), (true, ""), "{host}");
    }
    // Whatever asks AWS's services.
    let (endpoint, queue) = (dev.text("dynamodb_endpoint"), dev.text("queue_url"));
    let event = directory.path().join("events").to_str().unwrap().to_owned();
    let text = r#"{"version": 1, "event_id": "e-1", "occurred_at": "2026-11-21T04:10:00Z", "call": {"id": "3f1f6b0e-8f0e-4d53-9d5f-1f7f2b1d6a55", "status": "completed"}}"#;
    std::fs::write(&event, format!("{text}\n")).unwrap();
    for arguments in [
        &["orgs", "list", "--endpoint-url", &endpoint][..],
        &["webhooks", "list", "--organization", &organization, "--endpoint-url", &endpoint],
        &["ingest", &event, "--organization", &organization, "--endpoint-url", &endpoint],
        &["ingest", &event, "--organization", &organization, "--queue", &queue],
    ] {
        out(&by(&proxy.url, inboundflow(arguments)));
    }
    assert!(proxy.asked().is_empty());
}

#[test]
fn that_a_key_leaves_this_machine_unencrypted_is_told_with_the_proxy_on_its_way() {
    // What a proxy is asked for need not exist.
    let proxy = StandIn::start(|_, asked| {
        assert_eq!(asked.path, "/live/v1/calls", "a stack's base URL has a path");
        Asked { path: "/v1/calls".to_owned(), ..asked.clone() }.answer_list(1)
    });
    let with_credentials = proxy.url.replace("http://", "http://somebody:hunter2@");
    let output = by(&with_credentials, super::command("http://api.example:81/live", KEY, &["calls", "list"]));
    assert_eq!(printed(&output), json!([record(0)]));
    let way = format!("by the proxy {} that the environment names", proxy.url);
    let warned =
        format!("warning: the key goes to http://api.example:81/live unencrypted, {way}: use https\n");
    assert_eq!(err(&output), warned);
    // `check` sends keys, too.
    let output =
        by(&proxy.url, super::command("http://api.example:81", KEY, &["check", "http://127.1.example"]));
    assert!(
        err(&output).starts_with("warning: the key goes to http://127.1.example unencrypted, by the"),
        "{output:?}"
    );
}

#[test]
fn a_proxy_that_does_not_answer_is_named_without_its_credentials() {
    let proxy = format!("http://127.0.0.1:{}", nowhere());
    let with_credentials = proxy.replace("http://", "http://somebody:hunter2@");
    for url in ["https://api.example", "http://api.example"] {
        for arguments in [&["me"][..], &["check", url]] {
            let said = err(&by(&with_credentials, super::command(url, KEY, arguments)));
            let named = format!(
                "{url} does not answer: no connection, by the proxy {proxy} that the environment names."
            );
            assert!(said.contains(&named) && !said.contains("hunter2"), "{said}");
        }
    }
    // Nothing says where the API is: the key may be a `dev`'s.
    let mut nowhere_named = inboundflow(&["me"]);
    nowhere_named.env("INBOUNDFLOW_API_KEY", KEY);
    let said = err(&by(&proxy, nowhere_named));
    assert!(
        said.contains("https://api.inboundflow.app does not answer")
            && said.contains("`inboundflow dev` runs one"),
        "{said}"
    );
    let named = err(&by(&proxy, super::command("https://api.example", KEY, &["me"])));
    assert!(!named.contains("`inboundflow dev`"), "{named}");
    // It answers, and goes no further.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let _ = connection.read(&mut [0; 4096]);
            let _ = connection.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
        }
    });
    let said = err(&by(&proxy, super::command("https://api.example", KEY, &["me"])));
    assert!(said.contains(&format!("a refusal to connect to it, by the proxy {proxy} ")), "{said}");
    let said = err(&by(&proxy, super::command("http://api.example", KEY, &["me"])));
    assert!(
        said.contains(&format!("by the proxy {proxy} that the environment names answers, but not as")),
        "{said}"
    );
}
