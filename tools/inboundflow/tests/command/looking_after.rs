//! `orgs`, `keys`, and what every command says where something is wrong.

use std::net::TcpListener;

use serde_json::Value;

use crate::{Dev, err, out, run};

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
    let listed = out(&run(&["keys", "list", "--organization", organization, "--endpoint-url", &endpoint]));
    assert_eq!(listed.lines().count(), 3);
    assert!(listed.lines().next().unwrap().contains("REVOKED"), "newest first: {listed}");
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
    for command in ["dev", "orgs", "keys", "import", "check", "demo", "completions"] {
        assert!(help.contains(&format!("\n  {command}")), "{help}");
    }
    assert!(help.contains("Exit codes"));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(out(&run(&["completions", shell])).contains("inboundflow"), "{shell}");
    }
    assert_eq!(run(&["orgs", "create"]).status.code(), Some(2));
}
