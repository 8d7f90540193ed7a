//! `keys` where a gateway stands before the table: what goes wrong between the two.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    err,
    gateway::{Fault, PLAN, plan},
    out,
    world::{World, name},
};

const ALWAYS: usize = usize::MAX;

#[tokio::test]
async fn a_key_is_admitted_then_stored_then_waited_for_and_then_shown() {
    let world = World::new().await;
    world.gateway.state().api = vec![401, 500];
    let key_id = world.create();
    let table = world.table().await;
    let mut state = world.gateway.state();
    let key = state.key(&name(&key_id)).unwrap().clone();
    assert_eq!(key["value"], table[0].hash.to_hex());
    assert!(key["enabled"] == true && state.attached.contains(key["id"].as_str().unwrap()));
    assert!(!state.calls.iter().any(|call| call.contains("sk_live_")), "the gateway never sees the key");
    drop(state);
    assert_eq!(world.gateway.count("GET /_aws/"), 3, "few, since each counts");
}

#[tokio::test]
async fn what_fails_half_way_is_undone() {
    let attach = format!("POST /usageplans/{PLAN}/keys");
    let attach: &'static str = attach.leak();
    for (call, status, code) in [
        ("POST /apikeys", 403, "AccessDeniedException"),
        (attach, 500, "InternalFailure"),
        (attach, 404, "NotFoundException"),
    ] {
        let world = World::new().await;
        world.fault(call, status, code, ALWAYS);
        let output = world.try_create();
        assert!(output.status.code() == Some(1) && output.stdout.is_empty(), "{output:?}");
        assert!(err(&output).contains("Nothing was made") && err(&output).contains(code), "{}", err(&output));
        assert!(world.gateway.state().keys.is_empty() && world.table().await.is_empty(), "{call}");
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_stored_leaves_the_gateway_again_or_is_named() {
    let world = World::new().await;
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .http_client(dynamodb::aws::http_client())
        .region(aws_sdk_dynamodb::config::Region::new("us-east-1"))
        .credentials_provider(aws_sdk_dynamodb::config::Credentials::new("a", "b", None, None, "test"))
        .endpoint_url(&world.engine.endpoint_url);
    let client = aws_sdk_dynamodb::Client::from_conf(config.build());
    client.delete_table().table_name("InboundFlow-ApiKeys").send().await.unwrap();
    let output = world.try_create();
    assert!(output.status.code() == Some(1) && err(&output).contains("Nothing was made"), "{output:?}");
    assert!(world.gateway.count("POST /apikeys") == 1 && world.gateway.state().keys.is_empty());

    world.fault("DELETE /apikeys", 403, "AccessDeniedException", ALWAYS);
    let output = world.try_create();
    let left = world.gateway.state().keys[0]["name"].as_str().unwrap().to_owned();
    let said = err(&output);
    assert!(said.contains(&left) && said.contains("stays behind") && said.contains("keys doctor"), "{said}");
}

#[tokio::test]
async fn throttled_calls_and_lost_answers_are_made_good() {
    let world = World::new().await;
    world.fault("POST /apikeys", 429, "TooManyRequestsException", 2);
    world.fault("POST /usageplans", 429, "TooManyRequestsException", 2);
    for call in ["POST /apikeys", "POST /usageplans"] {
        let fault = Fault { call, status: 500, code: "InternalFailure", times: 1, lost: true };
        world.gateway.state().faults.push(fault);
    }
    let key_id = world.create();
    let state = world.gateway.state();
    assert!(state.keys.len() == 1 && state.attached.len() == 1 && state.keys[0]["name"] == name(&key_id));
}

#[tokio::test]
async fn nothing_is_made_where_the_plan_is_not_as_it_should_be() {
    for (plans, said) in [
        (vec![plan("InboundFlow-keys-of-others", "individual")], "deploy the stack, name another one"),
        (vec![plan("InboundFlow-keys", "some")], "no tag PlanKeys"),
        (vec![json!({"id": PLAN, "name": "InboundFlow-keys", "tags": {"PlanKeys": "pooled"}})], "no stage"),
    ] {
        let world = World::new().await;
        world.gateway.state().plans = plans;
        let output = world.try_create();
        assert!(output.status.code() == Some(1) && err(&output).contains(said), "{output:?}");
        assert!(world.table().await.is_empty() && world.gateway.count("POST") == 0);
    }
}

#[tokio::test]
async fn an_account_that_is_full_is_told_so_at_once_and_one_that_fills_up_beforehand() {
    let world = World::new().await;
    for digit in "0123456789abcdef".chars() {
        for number in 0..501 {
            let somebodys = name(&format!("{digit}{number:07}-none"));
            world.gateway.state().add(&somebodys, &format!("{digit}{number}"), 0);
        }
    }
    let output = world.try_create();
    assert!(output.status.success() && err(&output).contains("keys doctor --pool"), "{output:?}");

    world.fault("POST /apikeys", 429, "LimitExceededException", ALWAYS);
    let before = world.gateway.count("POST /apikeys");
    let output = world.try_create();
    assert!(output.status.code() == Some(1) && err(&output).contains("PlanKeys=pooled"), "{output:?}");
    assert_eq!(world.gateway.count("POST /apikeys"), before + 1, "waiting would not help");
}

#[tokio::test]
async fn a_key_is_revoked_whatever_the_gateway_says() {
    let world = World::new().await;
    let (key_id, lost) = (world.create(), world.create());
    world.fault("PATCH /apikeys", 403, "AccessDeniedException", 1);
    let output = world.run(&["keys", "revoke", &key_id]);
    assert!(
        output.status.code() == Some(1) && err(&output).contains("is revoked, and its next"),
        "{output:?}"
    );
    let revoked = world.table().await.into_iter().filter(|key| key.revoked_at.is_some()).count();
    assert_eq!(revoked, 1);
    out(&world.run(&["keys", "revoke", &key_id]));
    assert_eq!(world.gateway.state().key(&name(&key_id)).unwrap()["enabled"], false);

    world.gateway.state().keys.retain(|key| key["name"] != name(&lost));
    out(&world.run(&["keys", "revoke", &lost]));
}

#[tokio::test]
async fn a_rotation_that_fails_changes_neither_key() {
    let world = World::new().await;
    let old = world.create();
    world.fault("POST /usageplans", 404, "NotFoundException", 1);
    let output = world.run(&["keys", "rotate", &old, "--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let table = world.table().await;
    assert!(table.len() == 1 && table[0].expires_at.is_none() && world.gateway.state().keys.len() == 1);

    let rotated: Value = serde_json::from_str(&out(&world.run(&["keys", "rotate", &old, "--json"]))).unwrap();
    let mut state = world.gateway.state();
    for key_id in [&old, rotated["key_id"].as_str().unwrap()] {
        assert_eq!(state.key(&name(key_id)).unwrap()["enabled"], true, "both for a while");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_is_shown_even_if_nobody_waits_for_it() {
    let world = World::new().await;
    world.gateway.state().api = vec![401; 100];
    let child = world.command(&world.create_arguments()).spawn().unwrap();
    let start = Instant::now();
    while world.gateway.count("GET /_aws/") < 2 {
        assert!(start.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert!(out(&output).contains("sk_live_") && err(&output).contains("needs a moment more"), "{output:?}");
}

#[tokio::test]
async fn a_dynamodb_alone_has_no_gateway() {
    let world = World::new().await;
    let endpoint = ["--endpoint-url", &world.engine.endpoint_url];
    let made = out(&world.run(&[&world.create_arguments()[..], &endpoint].concat()));
    let made: Value = serde_json::from_str(&made).unwrap();
    out(&world.run(&[&["keys", "revoke", made["key_id"].as_str().unwrap()][..], &endpoint].concat()));
    let output = world.run(&[&["keys", "doctor"][..], &endpoint].concat());
    assert!(
        output.status.code() == Some(1) && err(&output).contains("only a DynamoDB is named"),
        "{output:?}"
    );
    assert!(world.gateway.state().calls.is_empty());
}

#[tokio::test]
async fn a_key_gets_no_more_requests_than_the_usage_plan_lets_through() {
    let world = World::new().await;
    world.throttle(2.0, 120);
    let create = world.create_arguments();
    let output = world.run(&[&create[..], &["--requests-per-minute", "61"]].concat());
    let said = err(&output);
    assert!(
        output.status.code() == Some(1) && said.contains("lets a key make 60 requests a minute"),
        "{said}"
    );
    assert!(said.contains("a larger RequestsPerMinute"), "{said}");
    assert!(world.table().await.is_empty() && world.gateway.count("POST") == 0, "nothing was made");
    let key_id = world.create();
    let refused = world.run(&["keys", "update", &key_id, "--requests-per-minute", "300"]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert_eq!(world.table().await[0].requests_per_minute, 60);
    world.throttle(10.0, 600);
    out(&world.run(&["keys", "update", &key_id, "--requests-per-minute", "300"]));
    assert_eq!(world.table().await[0].requests_per_minute, 300);
    out(&world.run(&[&create[..], &["--requests-per-minute", "300"]].concat()));
}
