//! A server of which no function answers now and then.

use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

/// Becomes what the gateway answers in the place of `identify`, of which it knows neither id nor time as the functions do.
fn unavailable(reply: &mut Reply) {
    reply.refuse(503, "unavailable");
    let id = uuid::Uuid::new_v4().to_string();
    reply.json(|body| body["meta"] = json!({"request_id": id, "timestamp": "24/Feb/2026:20:59:00 +0000"}));
    reply.set("x-request-id", &id);
    reply.set("x-ratelimit-limit", "60");
    reply.set("x-ratelimit-remaining", "0");
    reply.headers.remove("x-ratelimit-reset");
    reply.headers.remove("ratelimit");
}

fn now_and_then(asked: &Asked, reply: &mut Reply) {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    if asked.method == "GET" && ASKED.fetch_add(1, Ordering::SeqCst).is_multiple_of(90) {
        unavailable(reply);
        reply.set("retry-after", "1");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_says_when_to_try_again_is_asked_again() {
    let api = Api::new().await;
    let output = api.check(Fault::Answer(now_and_then), api.keys().await, &["--write", "--json"]).await;
    assert_eq!((differing(&output), output.status.code()), (vec![], Some(0)), "{}", err(&output));
    assert!(err(&output).contains("waiting 2 s after a 503"), "{}", err(&output));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_503_that_says_nothing_of_when_is_found() {
    each_is_found(&[(
        "Retry-After",
        Fault::Answer(|asked, reply| {
            if asked.path == "/v1/calls?cursor=no-cursor" {
                unavailable(reply);
            }
        }),
        &[
            "limits: Retry-After is in whole seconds, and on every 429 and 503",
            "lists: a made-up cursor is a 400 naming cursor",
        ],
    )])
    .await;
}
