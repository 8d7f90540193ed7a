//! Faults in headers.

use super::*;

const CASES: &[Case] = &[
    (
        "limit",
        Fault::Answer(|_, reply| {
            reply.headers.remove("x-ratelimit-limit");
        }),
        &[
            "limits: X-RateLimit-Limit is 60, on errors too",
            "limits: without a recognised key they read 60 and 0",
        ],
    ),
    (
        "limit of errors",
        Fault::Answer(|_, reply| {
            if is_error(reply) {
                reply.headers.remove("x-ratelimit-limit");
            }
        }),
        &[
            "limits: X-RateLimit-Limit is 60, on errors too",
            "limits: without a recognised key they read 60 and 0",
        ],
    ),
    (
        "remaining of 400s",
        Fault::Answer(|_, reply| {
            if reply.status == 400 {
                reply.headers.remove("x-ratelimit-remaining");
            }
        }),
        &[
            "limits: RateLimit has the same remaining and reset",
            "limits: X-RateLimit-Remaining is there, on errors too",
            "limits: a request that is refused takes one off too",
            "limits: a request with a key takes one off what remains",
        ],
    ),
    (
        "remaining stands still",
        Fault::Answer(|_, reply| reply.set("x-ratelimit-remaining", "30")),
        &[
            "limits: RateLimit has the same remaining and reset",
            "limits: a request that is refused takes one off too",
            "limits: a request with a key takes one off what remains",
            "limits: without a recognised key they read 60 and 0",
        ],
    ),
    (
        "remaining of a 401",
        Fault::Answer(|_, reply| {
            if reply.status == 401 {
                reply.set("x-ratelimit-remaining", "59")
            }
        }),
        &[
            "limits: RateLimit has the same remaining and reset",
            "limits: without a recognised key they read 60 and 0",
        ],
    ),
    (
        "reset",
        Fault::Answer(|_, reply| {
            reply.headers.remove("x-ratelimit-reset");
        }),
        &[
            "limits: RateLimit has the same remaining and reset",
            "limits: X-RateLimit-Reset is at most 60 s after the answer",
            "limits: X-RateLimit-Reset is the end of a calendar minute",
            "limits: a request that is refused takes one off too",
            "limits: a request with a key takes one off what remains",
        ],
    ),
    (
        "reset a minute later",
        Fault::Answer(|_, reply| {
            let reset: i64 = reply.headers["x-ratelimit-reset"].to_str().unwrap().parse().unwrap();
            reply.set("x-ratelimit-reset", &(reset + 60).to_string())
        }),
        &[
            "limits: RateLimit has the same remaining and reset",
            "limits: X-RateLimit-Reset is at most 60 s after the answer",
        ],
    ),
    (
        "reset a second later",
        Fault::Answer(|_, reply| {
            let reset: i64 = reply.headers["x-ratelimit-reset"].to_str().unwrap().parse().unwrap();
            reply.set("x-ratelimit-reset", &(reset + 1).to_string())
        }),
        &["limits: X-RateLimit-Reset is the end of a calendar minute"],
    ),
    (
        "policy",
        Fault::Answer(|_, reply| reply.set("ratelimit-policy", "\"default\";q=60;w=61")),
        &["limits: RateLimit-Policy is \"default\";q=60;w=60"],
    ),
    (
        "rate",
        Fault::Answer(|_, reply| {
            reply.headers.remove("ratelimit");
        }),
        &["limits: RateLimit has the same remaining and reset"],
    ),
    (
        "type of a 404",
        Fault::Answer(|_, reply| {
            if reply.status == 404 {
                reply.set("content-type", "text/html")
            }
        }),
        &["every answer: Content-Type is application/json"],
    ),
    (
        "request id",
        Fault::Answer(|_, reply| reply.set("x-request-id", "req_000000000000")),
        &["every answer: X-Request-Id is meta.request_id"],
    ),
    (
        "cache",
        Fault::Answer(|_, reply| {
            reply.headers.remove("cache-control");
        }),
        &["every answer: Cache-Control is no-store"],
    ),
    (
        "allow",
        Fault::Answer(|_, reply| {
            reply.headers.remove("allow");
        }),
        &["paths: another method is a 405 that lists in Allow those that are"],
    ),
    (
        "replayed",
        Fault::Answer(|_, reply| {
            reply.headers.remove("idempotent-replayed");
        }),
        &["contacts: Idempotent-Replayed tells the second from the first"],
    ),
];

fn is_error(reply: &Reply) -> bool {
    reply.status >= 400
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_header_that_is_missing_or_wrong_is_found() {
    each_is_found(CASES).await;
}
