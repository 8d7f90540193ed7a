//! Paths and methods: those that there are, and the errors for all others.

use domain::catalogue;
use harness::{World, functions, invoke, path_of};
use serde_json::json;

use super::recorded_events::headers_of;

#[tokio::test]
async fn an_unknown_path_is_a_404_in_the_envelope() {
    let world = World::new().await;
    for path in ["/v1", "/v1/", "/v1/call", "/v1/calls/", "/v2/calls", "/v1/calls/a/b", "/v1/leads/1"] {
        for client in [&world.client, &world.client.with_key(None)] {
            let answer = client.get(path).await;
            assert_eq!(answer.error(), (404, "not_found", None), "{path}");
            assert_eq!(
                (answer.header("x-ratelimit-limit"), answer.header("x-ratelimit-remaining")),
                ("60", "0")
            );
        }
    }
}

#[tokio::test]
async fn a_path_that_a_url_parser_would_rewrite_is_a_404_before_the_key_is_read() {
    let world = World::new().await;
    let functions = functions(&world.store);
    for path in ["/v1/me/../me", "/v1/me/x/../../me", "/v1/me/%2e%2e/me", "/v1/me/.%2E/me", "/v1/me/..\\me"] {
        for bearer in [format!("Bearer {}", world.key), "Bearer no key".to_owned(), String::new()] {
            let headers = json!({"authorization": bearer, "x-forwarded-proto": "https"});
            let rest = json!({"path": path, "httpMethod": "GET", "headers": headers});
            let http = json!({
                "rawPath": path, "rawQueryString": "", "headers": headers,
                "requestContext": {"http": {"method": "GET"}},
            });
            for event in [rest, http] {
                let answer = invoke(&functions, &event).await;
                assert_eq!(answer["statusCode"], 404, "{event}: {answer}");
                assert!(answer["body"].as_str().unwrap().contains("There is no such path."), "{answer}");
                assert_eq!(headers_of(&answer)["x-ratelimit-remaining"], "0", "{event}: {answer}");
            }
        }
    }
    let first = world.client.get("/v1/me").await;
    let [limit, remaining] = ["limit", "remaining"]
        .map(|name| first.header(&format!("x-ratelimit-{name}")).parse::<u64>().unwrap());
    assert_eq!(remaining, limit - 1, "none of those was counted");
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_a_405_that_lists_those_it_does() {
    let world = World::new().await;
    for resource in catalogue::ALL {
        for route in resource.routes {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
                if route.methods.contains(&method) {
                    continue;
                }
                let path = path_of(route.path, "c6af9ac6-7b61-41e6-9a41-93e8deadbeef");
                let answer = world.client.send(method.parse().unwrap(), &path, &[], None).await;
                assert_eq!(answer.error(), (405, "method_not_allowed", None), "{method} {path}");
                let allowed: Vec<&str> =
                    answer.header("allow").split(", ").filter(|allowed| *allowed != "HEAD").collect();
                assert_eq!(allowed, route.methods, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn an_id_that_is_none_and_one_that_is_unknown_answer_alike() {
    let world = World::new().await;
    for resource in ["calls", "contacts", "webhooks"] {
        for id in [
            "1",
            "not-a-uuid",
            "%20",
            "%ff",
            "c6af9ac6-7b61-41e6-9a41-93e8deadbeef",
            "phone%23+14155551234",
            "..%2f..",
            "{id}",
        ] {
            let answer = world.client.get(&format!("/v1/{resource}/{id}")).await;
            assert_eq!(answer.error(), (404, "not_found", None), "{id}");
        }
    }
}

#[tokio::test]
async fn of_two_ids_either_may_be_none() {
    let world = World::new().await;
    let webhook = world.webhook(&["lead.created"]).await["id"].as_str().unwrap().to_owned();
    let missing = "c6af9ac6-7b61-41e6-9a41-93e8deadbeef";
    for (webhook, delivery) in
        [("1", missing), (webhook.as_str(), "1"), (&webhook, "%ff"), (&webhook, missing)]
    {
        let answer = world.client.get(&format!("/v1/webhooks/{webhook}/deliveries/{delivery}")).await;
        assert_eq!(answer.error(), (404, "not_found", None), "{delivery}");
    }
}

#[tokio::test]
async fn an_id_is_found_in_either_case() {
    let world = World::new().await;
    let record = harness::contact("+14155551234", "2026-02-20T14:00:00Z");
    world.import("contacts", std::slice::from_ref(&record)).await;
    let id = record["id"].as_str().unwrap().to_uppercase();
    assert_eq!(world.client.get(&format!("/v1/contacts/{id}")).await.ok()["data"], record);
}

#[tokio::test]
async fn paths_that_take_no_parameters_name_the_one_they_got() {
    let world = World::new().await;
    for path in [
        "/v1/me?verbose=1",
        "/v1/contacts/c6af9ac6-7b61-41e6-9a41-93e8deadbeef?verbose=1",
        "/v1/webhooks/c6af9ac6-7b61-41e6-9a41-93e8deadbeef?verbose=1",
    ] {
        assert_eq!(world.client.get(path).await.error(), (400, "bad_request", Some("verbose")));
    }
    let changing = catalogue::WEBHOOKS
        .routes
        .iter()
        .flat_map(|route| route.methods.iter().map(move |method| (method, route.path)));
    for (method, path) in changing.filter(|(method, _)| **method != "GET") {
        let path = format!("{}?verbose=1", path_of(path, "c6af9ac6-7b61-41e6-9a41-93e8deadbeef"));
        let answer = world.client.send(method.parse().unwrap(), &path, &[], None).await;
        assert_eq!(answer.error(), (400, "bad_request", Some("verbose")), "{method} {path}");
    }
    let answer = world.client.post("/v1/contacts?verbose=1", &json!({"phone": "+14155551234"})).await;
    assert_eq!(answer.error(), (400, "bad_request", Some("verbose")));
}

#[test]
fn cargo_lambda_watch_serves_the_catalogues_routes() {
    let manifest = include_str!("../../../Cargo.toml");
    let section = manifest.split("[workspace.metadata.lambda.watch.router]").nth(1).unwrap();
    let mut watched: Vec<&str> = section.lines().skip(1).take_while(|line| !line.is_empty()).collect();
    let routes =
        catalogue::ALL.iter().flat_map(|resource| resource.routes.iter().map(move |route| (resource, route)));
    let mut expected: Vec<String> =
        routes.map(|(resource, route)| format!("{:?} = {:?}", route.path, resource.name)).collect();
    watched.sort_unstable();
    expected.sort_unstable();
    assert_eq!(watched, expected);
}

#[tokio::test]
async fn odd_but_legal_headers_do_no_harm() {
    let world = World::new().await;
    let odd = reqwest::header::HeaderValue::from_bytes("Zoë ☎".as_bytes()).unwrap();
    let answer = reqwest::Client::new()
        .get(world.url("/v1/me"))
        .bearer_auth(&world.key)
        .header("x-name", odd)
        .header("host", "not a host")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status().as_u16(), 200);
}
