//! Ten thousand random events: never a panic, never a 500, always the envelope.

use domain::catalogue;
use harness::{World, functions, invoke};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};

const CASES: u32 = 10_000;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ -~]{0,40}",
        2 => "\\PC{0,40}",
        1 => any::<String>(),
        1 => "[a-zA-Z0-9_-]{100,600}",
        1 => "[+ ]1[0-9]{4,16}",
        1 => "2026-02-(0[1-9]|[12][0-9]|30)([ T][0-9:]{0,8}(Z|[+ -][0-9:]{0,6})?)?",
    ]
}

/// The rest of each path of the catalogue after its first id.
fn rests() -> Vec<String> {
    let routes = catalogue::ALL.iter().flat_map(|resource| resource.routes);
    routes.filter_map(|route| Some(route.path.split_once("{id}/")?.1.replace("{delivery_id}", "1"))).collect()
}

fn path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        8 => prop::sample::select(catalogue::ALL).prop_map(|resource| resource.name.to_owned()),
        1 => "[ -~]{0,20}",
        1 => any::<String>(),
    ];
    let rest = prop_oneof![
        6 => Just(String::new()),
        2 => Just("/c6af9ac6-7b61-41e6-9a41-93e8deadbeef".to_owned()),
        1 => prop::sample::select(rests()).prop_map(|rest| format!("/c6af9ac6-7b61-41e6-9a41-93e8deadbeef/{rest}")),
        1 => "/[!-~]{0,40}",
        1 => any::<String>(),
    ];
    let root = prop_oneof![9 => Just("/v1/".to_owned()), 1 => "[ -~]{0,6}", 1 => any::<String>()];
    (root, segment, rest).prop_map(|(root, segment, rest)| format!("{root}{segment}{rest}"))
}

fn query() -> impl Strategy<Value = Vec<(String, String)>> {
    let known =
        prop::sample::select(vec!["limit", "cursor", "since", "status", "phone", "urgency", "webhook_id"])
            .prop_map(str::to_owned);
    let name = prop_oneof![9 => known, 1 => text()];
    let value = prop_oneof![
        3 => text(),
        1 => (0..200_i32).prop_map(|limit| limit.to_string()),
        1 => prop::sample::select(vec!["completed", "new", "high", "booked", "%2B14155551234"]).prop_map(str::to_owned),
    ];
    prop::collection::vec((name, value), 0..4)
}

fn headers(key: String) -> impl Strategy<Value = Vec<(String, String)>> {
    let authorization = prop_oneof![
        6 => Just(vec![("Authorization".to_owned(), format!("Bearer {key}"))]),
        1 => Just(Vec::new()),
        1 => text().prop_map(|value| vec![("authorization".to_owned(), value)]),
    ];
    let name = prop::sample::select(vec![
        "Host",
        "Content-Type",
        "Idempotency-Key",
        "X-Forwarded-Proto",
        "Accept",
        "Cookie",
        "X-Odd",
    ]);
    let others = prop::collection::vec((name.prop_map(str::to_owned), text()), 0..4);
    (authorization, others).prop_map(|(mut headers, others)| {
        headers.extend(others);
        headers
    })
}

fn body() -> impl Strategy<Value = String> {
    let field = prop::sample::select(vec![
        "phone",
        "name",
        "email",
        "company",
        "notes",
        "id",
        "url",
        "events",
        "since",
        "overlap_hours",
    ]);
    let value = prop_oneof![
        text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!([1])),
        Just(json!(["lead.created"])),
        Just(json!("https://hooks.example.com")),
        Just(json!({"a": 1})),
        any::<bool>().prop_map(Value::from),
    ];
    let object = prop::collection::hash_map(field, value, 0..6);
    prop_oneof![
        3 => object.prop_map(|fields| json!(fields).to_string()),
        1 => text(),
        1 => Just(String::new()),
    ]
}

fn method() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "GET", "GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH",
    ]);
    prop_oneof![20 => known.prop_map(str::to_owned), 1 => "[A-Za-z!#-]{1,12}"]
}

/// A REST API's event, or an HTTP API's.
fn event(key: String) -> impl Strategy<Value = Value> {
    let dashes = Just("-".repeat(36));
    let context =
        prop_oneof![1 => dashes, 9 => Just("c6af9ac6-7b61-41e6-9a41-93e8deadbeef".to_owned()), 1 => text()];
    let domain = prop_oneof![9 => Just("api.example.com".to_owned()), 1 => text()];
    (any::<bool>(), method(), path(), query(), headers(key), body(), any::<bool>(), context, domain).prop_map(
        |(rest, method, path, query, headers, body, base64, request_id, domain)| {
            let mut multi: Map<String, Value> = Map::new();
            for (name, value) in &headers {
                multi.entry(name.clone()).or_insert_with(|| json!([])).as_array_mut().unwrap().push(json!(value));
            }
            let single: Map<String, Value> = headers.into_iter().map(|(name, value)| (name, json!(value))).collect();
            if rest {
                let mut parameters: Map<String, Value> = Map::new();
                for (name, value) in query {
                    parameters.entry(name).or_insert_with(|| json!([])).as_array_mut().unwrap().push(json!(value));
                }
                return json!({
                    "resource": path, "path": path, "httpMethod": method, "headers": single, "multiValueHeaders": multi,
                    "queryStringParameters": null, "multiValueQueryStringParameters": parameters, "body": body,
                    "isBase64Encoded": base64,
                    "requestContext": {"requestId": request_id, "stage": "live", "httpMethod": method, "domainName": domain},
                });
            }
            let raw: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
            json!({
                "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": raw.join("&"),
                "headers": single, "body": body, "isBase64Encoded": base64, "cookies": ["a=b"],
                "requestContext": {
                    "requestId": request_id, "stage": "$default", "domainName": domain,
                    "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "x"},
                },
            })
        },
    )
}

#[test]
fn ten_thousand_random_events_never_make_a_500_or_a_panic() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    let functions = functions(&world.store);
    let statuses = std::cell::RefCell::new(std::collections::BTreeMap::new());
    let config =
        Config { cases: CASES, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    TestRunner::new(config)
        .run(&event(world.key.clone()), |event| {
            let answer = runtime.block_on(invoke(&functions, &event));
            let status = answer["statusCode"].as_i64().unwrap();
            *statuses.borrow_mut().entry(status).or_insert(0) += 1;
            prop_assert!((200..500).contains(&status), "{status} {answer}");
            let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
            prop_assert!(body["meta"]["request_id"].is_string());
            prop_assert_eq!(body["error"].is_object(), status >= 400);
            let headers = if event.get("rawPath").is_some() { "headers" } else { "multiValueHeaders" };
            prop_assert!(answer[headers]["x-ratelimit-limit"] != Value::Null, "{}", answer);
            Ok(())
        })
        .unwrap();
    let statuses = statuses.into_inner();
    for expected in [200, 400, 401, 404, 405] {
        assert!(
            statuses.get(&expected).is_some_and(|times| *times > 100),
            "the events reach all kinds: {statuses:?}"
        );
    }
}
