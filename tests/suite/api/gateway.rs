//! The local gateway is as the template says: routes, environment, usage plans, and the answers that
//! no function gives.

use std::time::Duration;

use harness::{Client, Fault, Response, World, call, stack};
use local::{Stack, TEMPLATE, Throttle};
use reqwest::Method;
use serde_json::json;

const BUCKET: Throttle = Throttle { rate: 0.001, burst: 3.0 };

/// The template with one text in the place of another.
fn changed(from: &str, to: &str) -> Stack {
    assert!(TEMPLATE.contains(from), "{from}");
    Stack::read(&TEMPLATE.replace(from, to), "Test").unwrap()
}

fn is_the_gateways(answer: &Response) {
    let rate = |name: &str| answer.header(name).to_owned();
    assert_eq!((rate("x-ratelimit-limit"), rate("x-ratelimit-remaining")), ("60".to_owned(), "0".to_owned()));
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_key_that_empties_its_bucket_is_refused_by_the_gateway() {
    let mut stack = stack();
    stack.keys = BUCKET;
    let world = World::behind(stack).await;
    let statuses = async |key: &str| {
        let client = world.client.with_key(Some(key));
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(client.get("/v1/me").await.status);
        }
        statuses
    };
    assert_eq!(statuses(&world.key).await, [200, 200, 200, 429]);
    let other = world.key(&[], 60).await;
    assert_eq!(statuses(&other).await, [200, 200, 200, 429], "each key has a bucket of its own");
    let _ = world.wire.take_calls();
    let answer = world.client.get("/v1/me").await;
    assert_eq!(answer.error(), (429, "rate_limited", None));
    is_the_gateways(&answer);
    assert_eq!(answer.header("retry-after"), "1", "the bucket has room again at once");
    assert!(world.wire.take_calls().is_empty(), "no function was asked");
}

#[tokio::test]
async fn whoever_brings_no_good_key_shares_one_bucket() {
    let mut stack = stack();
    stack.own_keys.values_mut().for_each(|throttle| *throttle = BUCKET);
    let world = World::behind(stack).await;
    let nobody = world.client.with_key(None);
    let mistyped = world.client.with_key(Some("sk_live_your_key_here"));
    assert_eq!(nobody.get("/v1/me").await.error(), (401, "unauthorized", None));
    assert_eq!(mistyped.get("/v1/me").await.error(), (401, "unauthorized", None));
    assert_eq!(nobody.get("/nowhere").await.error(), (404, "not_found", None));
    let answer = mistyped.get("/v1/me").await;
    assert_eq!(answer.error(), (429, "rate_limited", None));
    assert_eq!(world.client.get("/v1/me").await.status, 200, "and takes nothing from who has a key");
}

#[tokio::test]
async fn what_lambda_does_not_take_is_refused_in_the_envelope_and_what_the_gateway_does_not_take_plainly() {
    let world = World::new().await;
    let mib = 1024 * 1024;
    let json = ("content-type", "application/json");
    let answer = world.client.send(Method::POST, "/v1/contacts", &[json], Some(" ".repeat(7 * mib))).await;
    assert_eq!(answer.error(), (413, "payload_too_large", None));
    is_the_gateways(&answer);
    let response = reqwest::Client::new()
        .post(world.url("/v1/contacts"))
        .bearer_auth(&world.key)
        .body(" ".repeat(10 * mib + 1))
        .send()
        .await
        .unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (413, &"text/plain".parse().unwrap())
    );
}

#[tokio::test]
async fn a_function_that_runs_out_of_time_is_a_503_that_says_when_to_try_again() {
    let mut stack = stack().unthrottled();
    stack.timeouts.insert("contacts".to_owned(), Duration::from_secs(3));
    let world = World::behind(stack).await;
    // The contact is written, and whoever sent it is not told.
    world.wire.disturb(|operation, _| match operation {
        "TransactWriteItems" => Fault::Held(Box::pin(std::future::pending())),
        _ => Fault::None,
    });
    let create = async |client: &Client| {
        let headers = [("content-type", "application/json"), ("idempotency-key", "once")];
        let body = json!({"phone": "+12125550123"}).to_string();
        client.send(Method::POST, "/v1/contacts", &headers, Some(body)).await
    };
    let late = create(&world.client).await;
    assert_eq!(late.error(), (503, "unavailable", None));
    is_the_gateways(&late);
    assert_eq!(late.header("retry-after"), "2");
    assert!(late.header("x-request-id").starts_with("req_"), "{late:?}");
    world.wire.let_be();
    let in_time = world.second_gateway(&world.store).await;
    let again = create(&in_time).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"), "nothing is made twice");
    assert_eq!(in_time.get("/v1/contacts").await.ok()["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_route_that_the_template_lacks_is_missing() {
    let leads = "Properties: { RestApiId: !Ref Api, Path: \"/v1/leads\", Method: ANY }";
    let elsewhere = leads.replace("/v1/leads", "/v1/prospects");
    let world = World::behind(changed(leads, &elsewhere)).await;
    // The client knows that route from the document, and would not have it missing.
    assert_eq!(reqwest::get(world.url("/v1/leads")).await.unwrap().status().as_u16(), 404);
    assert_eq!(world.client.get("/v1/calls").await.status, 200);
}

#[tokio::test]
async fn without_a_fallback_the_gateway_itself_says_that_there_is_no_such_path() {
    let mut stack = stack();
    stack.routes.retain(|route| route.function != "fallback");
    let world = World::behind(stack).await;
    let response = reqwest::get(world.url("/nowhere")).await.unwrap();
    assert_eq!(response.status().as_u16(), 404);
    let (header, body) =
        (response.headers()["x-request-id"].clone(), response.json::<serde_json::Value>().await.unwrap());
    assert_eq!(body["error"]["code"], "not_found");
    assert_eq!(body["meta"]["request_id"], header.to_str().unwrap());
}

#[tokio::test]
async fn every_response_has_its_headers_in_one_order_whoever_made_it() {
    let mut stack = stack();
    stack.keys = Throttle { rate: 0.001, burst: 12.0 };
    let world = World::behind(stack).await;
    let mut statuses = Vec::new();
    for path in
        ["/v1/me", "/v1/calls?status=x", "/docs", "/docs/en/index.html", "/nothing", "/v1/me"].repeat(6)
    {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let request = client.get(world.url(path)).bearer_auth(&world.key).header("accept-language", "de");
        let response = request.send().await.unwrap();
        statuses.push(response.status().as_u16());
        // The server adds two at the end.
        let names = response.headers().keys().map(|name| name.as_str());
        let names: Vec<&str> = names.filter(|name| !["content-length", "date"].contains(name)).collect();
        assert!(names.is_sorted() && names.len() > 7, "{path}: {names:?}");
    }
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(statuses, [200, 302, 400, 404, 429]);
}

#[tokio::test]
async fn a_function_works_on_the_tables_that_its_environment_names() {
    let mut stack = stack();
    let calls = stack.functions.get_mut("calls").unwrap();
    assert_eq!(calls.insert("TABLE_PREFIX".to_owned(), "Elsewhere-".to_owned()).as_deref(), Some("Test-"));
    let world = World::behind(stack).await;
    world.import("calls", &[call("2026-02-24T20:59:00Z")]).await;
    assert_eq!(world.client.get("/v1/calls").await.status, 500, "there are no such tables");
    assert_eq!(world.client.get("/v1/leads").await.status, 200);
}

#[test]
fn a_template_that_the_gateway_cannot_be_like_is_refused_with_the_reason() {
    let refusal =
        |from: &str, to: &str| format!("{:#}", Stack::read(&TEMPLATE.replace(from, to), "Test").unwrap_err());
    let any = "Path: \"/v1/me\", Method: ANY";
    assert!(refusal(any, "Path: \"/v1/me\", Method: GET").contains("has to take ANY, not GET"));
    assert!(refusal("-keys\n", "-others\n").contains("there is no usage plan Test-keys"));
    assert!(refusal("DefaultAuthorizer: Identify", "Other: 1").contains("no DefaultAuthorizer"));
    assert!(refusal("FunctionArn: !Ref IdentifyFunction.Alias", "FunctionArn: x").contains("is no function"));
    assert!(refusal("Binary: me", "Other: me").contains("MeFunction names no Binary"));
}
