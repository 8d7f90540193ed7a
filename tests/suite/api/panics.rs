//! A panic in a handler costs its request a 500 in the envelope, and nothing else.

use api::{ApiError, App, Caller, Function, NoParameters, Read};
use axum::{Router, routing::get};
use domain::Organization;
use harness::{World, fields, invoke};
use serde_json::{Value, json};

async fn broken(_: Caller<Organization, Read>, _: NoParameters) -> Result<api::List, ApiError> {
    let nothing: Vec<u8> = Vec::new();
    panic!("the transcript was {:?}", nothing[7]);
}

async fn broken_at_once() -> Result<api::List, ApiError> {
    panic!("nobody should read this");
}

fn event(path: &str, key: &str) -> Value {
    json!({
        "resource": path, "path": path, "httpMethod": "GET", "headers": {"Authorization": format!("Bearer {key}")},
        "multiValueHeaders": {"Authorization": [format!("Bearer {key}")]},
        "requestContext": {"requestId": "c6af9ac6-7b61-41e6-9a41-93e8deadbeef", "stage": "live", "httpMethod": "GET"},
    })
}

#[tokio::test]
async fn a_panicking_handler_answers_500_and_the_next_request_is_served() {
    let world = World::new().await;
    let routes: Router<App> =
        me::routes().route("/v1/broken", get(broken)).route("/v1/me/broken", get(broken_at_once));
    let functions = [("me", Function::new(world.store.clone(), routes))];
    for path in ["/v1/broken", "/v1/me/broken", "/v1/broken"] {
        let answer = invoke(&functions, &event(path, &world.key)).await;
        assert_eq!(answer["statusCode"], 500);
        let text = answer["body"].as_str().unwrap();
        let body: Value = serde_json::from_str(text).unwrap();
        assert_eq!(fields(&body["error"], ["code", "status"]), json!(["internal_error", 500]));
        assert_eq!(body["meta"]["request_id"], "req_c6af9ac67b61");
        assert!(
            !text.contains("transcript") && !text.contains("nobody") && !text.contains("panic"),
            "{text}"
        );
        assert_eq!(invoke(&functions, &event("/v1/me", &world.key)).await["statusCode"], 200);
    }
}
