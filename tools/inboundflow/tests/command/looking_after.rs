//! `orgs`, `keys`, and what every command says where something is wrong.

use std::net::TcpListener;

use serde_json::Value;

use crate::{Dev, err, inboundflow, out, run};

#[tokio::test]
async fn organizations_and_keys_are_looked_after() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let endpoint = dev.text("dynamodb_endpoint");
    let json = |arguments: &[&str]| -> Value {
        let output = run(&[arguments, &["--json", "--endpoint-url", &endpoint]].concat());
        serde_json::from_str(&out(&output)).unwrap()
    };
    let made = json(&["orgs", "create", "--name", "Lakeview Realty", "--plan", "Pro Plan"]);
    let organization = made["organization_id"].as_str().unwrap();
    let listed = out(&run(&["orgs", "list", "--endpoint-url", &endpoint]));
    assert!(
        listed.contains(organization) && listed.contains("Lakeview Realty") && listed.contains("Pro Plan")
    );

    let scopes = "calls:read,leads:read";
    let key = json(&[
        "keys",
        "create",
        "--organization",
        organization,
        "--name",
        "CRM",
        "--scopes",
        scopes,
        "--expires-in",
        "30d",
    ]);
    let (key_id, api_key) = (key["key_id"].as_str().unwrap(), key["api_key"].as_str().unwrap());
    let (_, me) = dev.get("/v1/me", api_key).await;
    assert_eq!(me["data"]["organization_name"], "Lakeview Realty");
    assert_eq!(me["data"]["scopes"], serde_json::json!(["calls:read", "leads:read"]));
    assert_eq!(dev.get("/v1/contacts", api_key).await.0, 403);

    let listed = json(&["keys", "list", "--organization", organization]);
    assert_eq!(listed["hint"], format!("{}…{}", &api_key[..12], &api_key[42..]));
    assert!(listed["last_used_at"].is_string() && listed["expires_at"].is_string());
    assert!(!listed.to_string().contains(api_key));

    let rotated = json(&["keys", "rotate", key_id, "--overlap", "1h"]);
    let new_key = rotated["api_key"].as_str().unwrap();
    assert_eq!(
        (dev.get("/v1/me", new_key).await.0, dev.get("/v1/me", api_key).await.0),
        (200, 200),
        "both for a while"
    );
    let twice = run(&["keys", "rotate", key_id, "--endpoint-url", &endpoint]);
    assert!(twice.status.code() == Some(1) && err(&twice).contains("rotated before"), "{twice:?}");
    let rotated_again = json(&["keys", "rotate", rotated["key_id"].as_str().unwrap(), "--overlap", "0s"]);
    assert_eq!(dev.get("/v1/me", new_key).await.0, 401, "no overlap");

    let newest = rotated_again["key_id"].as_str().unwrap();
    assert_eq!(json(&["keys", "revoke", newest])["revoked"], true);
    assert_eq!(dev.get("/v1/me", rotated_again["api_key"].as_str().unwrap()).await.0, 401);
    let list = ["keys", "list", "--organization", organization, "--endpoint-url", &endpoint, "-o", "jsonl"];
    let listed = out(&run(&list));
    assert_eq!(listed.lines().count(), 3);
    let first: Value = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["key_id"], &first["status"]),
        (&rotated_again["key_id"], &"revoked".into()),
        "newest first"
    );
}

/// The table that is printed where the terminal is so wide.
fn table(width: &str, arguments: &[&str]) -> String {
    let mut command = inboundflow(&[arguments, &["-o", "table"]].concat());
    let table = out(&command.env("COLUMNS", width).output().unwrap());
    assert!(table.lines().all(|line| line.chars().count() <= width.parse().unwrap()), "{width}\n{table}");
    table
}

#[test]
fn organizations_and_keys_are_tables_that_give_room_to_names_before_ids() {
    let dev = Dev::start(&["--dynamodb-port", "0"]);
    let (endpoint, organization) = (dev.text("dynamodb_endpoint"), dev.text("organization_id"));
    let place = ["--endpoint-url", &endpoint];
    let orgs = [&["orgs", "list"][..], &place].concat();
    let keys = [&["keys", "list", "--organization", &organization][..], &place].concat();
    for width in ["60", "80", "120"] {
        let shown = table(width, &orgs);
        assert!(shown.contains("Demo Auto Shop") && shown.contains(&organization[..8]), "{shown}");
        assert!(shown.contains("RECORDS") && !shown.contains(&organization), "{shown}");
        let shown = table(width, &keys);
        assert!(shown.contains("inboundflow dev") && shown.contains("active"), "{shown}");
    }
    assert!(table("120", &orgs).contains("CREATED (UTC)"));
    assert!(out(&run(&[&orgs[..], &["-o", "table", "--wide"]].concat())).contains(&organization), "whole");

    let listed: Value = serde_json::from_str(&out(&run(&orgs))).unwrap();
    let row = &listed[0];
    assert!(row["created_at"].is_string() && row["keys"] == 1 && row["has_more_records"] == false, "{row}");
    // 200 calls, and what followed from them.
    assert!((400..1_000).contains(&row["records"].as_u64().unwrap()), "{row}");
    let counted: Value = serde_json::from_str(&out(&run(&[&orgs[..], &["--count"]].concat()))).unwrap();
    assert_eq!(counted, listed);
    let bare = out(&run(&[&orgs[..], &["--no-counts"]].concat()));
    assert!(!bare.contains("records"), "{bare}");
    for (form, begins) in
        [("csv", "organization_id,organization_name,plan,created_at,keys"), ("jsonl", "{\"organ")]
    {
        assert!(out(&run(&[&orgs[..], &["-o", form]].concat())).starts_with(begins), "{form}");
    }
}

/// The status and the limit that a key's request is answered with.
async fn asked(dev: &Dev, path: &str, key: &str) -> (u16, String) {
    let request = reqwest::Client::new().get(format!("{}{path}", dev.text("url"))).bearer_auth(key);
    let response = request.send().await.unwrap();
    let limit = response.headers()["x-ratelimit-limit"].to_str().unwrap().to_owned();
    (response.status().as_u16(), limit)
}

#[tokio::test]
async fn a_key_is_changed_from_its_next_request_on() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let (endpoint, organization) = (dev.text("dynamodb_endpoint"), dev.text("organization_id"));
    let run = |arguments: &[&str]| run(&[&["keys"], arguments, &["--endpoint-url", &endpoint]].concat());
    let json = |arguments: &[&str]| -> Value { serde_json::from_str(&out(&run(arguments))).unwrap() };
    let create = ["create", "--organization", &organization, "--name", "CRM", "--scopes", "calls:read"];
    let made = json(&[&create[..], &["--requests-per-minute", "7"]].concat());
    let (id, key) = (made["key_id"].as_str().unwrap(), made["api_key"].as_str().unwrap());
    assert_eq!(asked(&dev, "/v1/contacts", key).await, (403, "7".to_owned()));

    let changed = json(&["update", id, "--scopes", "calls:read,contacts:read", "--requests-per-minute", "9"]);
    assert_eq!(changed["changed"]["requests_per_minute"], serde_json::json!({"from": 7, "to": 9}));
    assert_eq!(asked(&dev, "/v1/contacts", key).await, (200, "9".to_owned()), "at once");
    json(&["update", id, "--scopes", "calls:read"]);
    assert_eq!(asked(&dev, "/v1/contacts", key).await.0, 403, "at once as well");
    let all = json(&["update", id, "--scopes", "all", "--name", "Everything"]);
    assert_eq!(all["scopes"].as_array().unwrap().len(), domain::Scope::ALL.len());
    assert_eq!((&all["name"], asked(&dev, "/v1/contacts", key).await.0), (&"Everything".into(), 200));
    let shown = out(&run(&["update", id, "--name", "CRM", "-o", "table"]));
    assert!(shown.contains("Everything → CRM"), "{shown}");
    let same = run(&["update", id, "--name", "CRM", "-o", "table"]);
    assert!(err(&same).contains("nothing changed"), "{same:?}");

    for (arguments, code, said) in [
        (&["update", id][..], 2, "--requests-per-minute"),
        (&["update", id, "--requests-per-minute", "0"], 2, "0 is not in 1..=900000"),
        (&["update", id, "--scopes", "some"], 2, "all"),
        (&["update", &organization, "--name", "x"], 1, "`keys list --organization ID` shows"),
    ] {
        let output = run(arguments);
        assert!(output.status.code() == Some(code) && err(&output).contains(said), "{output:?}");
    }
    let wide = run(&["update", id, "--requests-per-minute", "300"]);
    assert!(wide.status.success() && err(&wide).contains("--requests-per-minute 300"), "{wide:?}");
    json(&["revoke", id]);
    let ended = run(&["update", id, "--name", "x"]);
    assert_eq!((ended.status.code(), err(&ended).lines().count()), (Some(1), 1), "{ended:?}");
}

#[test]
fn what_is_wrong_is_said_in_one_sentence_with_the_way_out() {
    let dev = Dev::start(&["--dynamodb-port", "0", "--no-demo"]);
    let endpoint = dev.text("dynamodb_endpoint");
    let nobody = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let dead = format!("http://{unused}");
    let create = [
        "keys",
        "create",
        "--organization",
        nobody,
        "--name",
        "x",
        "--scopes",
        "calls:read",
        "--endpoint-url",
    ];
    for (arguments, code, said) in [
        ([&create[..], &[&endpoint]].concat(), 1, "`orgs list` shows"),
        (
            vec!["keys", "revoke", nobody, "--endpoint-url", &endpoint],
            1,
            "`keys list --organization ID` shows",
        ),
        (vec!["orgs", "list", "--endpoint-url", &endpoint, "--table-prefix", "Other-"], 1, "--table-prefix"),
        (vec!["orgs", "list", "--endpoint-url", &dead], 1, "is `inboundflow dev` running?"),
        (vec!["import", "/no/such/file", "--endpoint-url", &endpoint], 1, "Cannot open /no/such/file"),
        (
            vec!["keys", "create", "--organization", nobody, "--name", "x", "--scopes", "calls:write"],
            2,
            "[possible values: calls:read, contacts:read",
        ),
        (
            vec!["keys", "create", "--organization", "7", "--name", "x", "--scopes", "calls:read"],
            2,
            "expected a UUID",
        ),
        (vec!["keys", "revoke", "411aea78"], 2, "`--wide` shows them whole"),
        (vec!["orgs", "create", "--name", "", "--plan", "x"], 2, "one line of 1 to 200"),
        (vec!["orgs", "list", "--endpoint-url", "nowhere"], 2, "expected a URL such as"),
        (
            vec!["dev", "--endpoint-url", "https://dynamodb.eu-central-1.amazonaws.com"],
            1,
            "this machine only",
        ),
        (vec!["keys", "rotate", nobody, "--overlap", "soon"], 2, "such as 30d, 24h"),
        (vec!["dev", "--data", "x", "--endpoint-url", "http://127.0.0.1:1"], 2, "cannot be used with"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {output:?}");
        assert!(err(&output).contains(said), "{arguments:?}: {}", err(&output));
        assert!(code == 2 || err(&output).lines().count() == 1, "{}", err(&output));
    }
}

#[test]
fn help_and_completions_are_there() {
    let help = out(&run(&["--help"]));
    for command in ["dev", "orgs", "keys", "dead-letters", "import", "check", "demo", "completions"] {
        assert!(help.contains(&format!("\n  {command}")), "{help}");
    }
    assert!(help.contains("Exit codes"));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(out(&run(&["completions", shell])).contains("inboundflow"), "{shell}");
    }
    assert_eq!(run(&["orgs", "create"]).status.code(), Some(2));
}
