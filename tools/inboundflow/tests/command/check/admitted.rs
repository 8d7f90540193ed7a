//! Requests that are let in, or refused, and should not be.

use super::*;

const CASES: &[Case] = &[
    (
        "limit=0",
        Fault::Answer(|asked, reply| admit(asked, reply, "/v1/calls?limit=0")),
        &["lists: a refused limit says what is allowed", "lists: limit=0 is a 400 naming limit"],
    ),
    (
        "limit=101",
        Fault::Answer(|asked, reply| admit(asked, reply, "/v1/calls?limit=101")),
        &["lists: limit=101 is a 400 naming limit"],
    ),
    (
        "limit=ten",
        Fault::Answer(|asked, reply| admit(asked, reply, "/v1/calls?limit=ten")),
        &["lists: a limit that is no number is a 400 naming limit"],
    ),
    (
        "page=2",
        Fault::Answer(|asked, reply| admit(asked, reply, "/v1/calls?page=2")),
        &[
            "lists: an unknown parameter is a 400 naming page",
            "lists: an unknown parameter is told which there are",
        ],
    ),
    (
        "repeated",
        Fault::Answer(|asked, reply| admit(asked, reply, "/v1/calls?limit=5&limit=5")),
        &["lists: a repeated parameter is a 400 naming limit"],
    ),
    (
        "since",
        Fault::Answer(|asked, reply| admit(asked, reply, "/v1/calls?since=yesterday")),
        &["lists: a since that is no time is a 400 naming since"],
    ),
    (
        "a year of five digits",
        Fault::Answer(|asked, reply| admit(asked, reply, "/v1/calls?since=%2B12026-01-01")),
        &["lists: a since in a year of five digits is a 400 naming since"],
    ),
    (
        "a zero in brackets",
        Fault::Answer(|asked, reply| admit(asked, reply, "/v1/calls?phone=%2B44(0)2079460958")),
        &["lists: a phone with a zero in brackets is a 400 naming phone"],
    ),
    (
        "phone",
        Fault::Answer(|asked, reply| admit(asked, reply, "/v1/calls?phone=0415")),
        &["lists: a phone without its + is a 400 naming phone"],
    ),
    (
        "urgency",
        Fault::Answer(|asked, reply| admit(asked, reply, "/v1/leads?urgency=no-such-word")),
        &["lists: an unknown urgency of leads is a 400 naming what is allowed"],
    ),
    (
        "me",
        Fault::Answer(|asked, reply| admit(asked, reply, "/v1/me?verbose=1")),
        &["me: a parameter is a 400 that names it"],
    ),
    (
        "two keys",
        Fault::Answer(|asked, reply| {
            if asked.authorization.len() == 2 {
                reply.refuse(500, "internal_error")
            }
        }),
        &["authentication: two Authorization headers are a 401"],
    ),
    (
        "no key",
        Fault::Answer(|asked, reply| {
            if asked.path == "/v1/me" && asked.method == "GET" && asked.authorization.is_empty() {
                reply.admit()
            }
        }),
        &[
            "authentication: a missing key is a 401 unauthorized",
            "authentication: the 401 of a missing key says missing",
        ],
    ),
    (
        "a malformed key",
        Fault::Answer(|asked, reply| {
            if asked.authorization.iter().any(|key| key.ends_with("key_here")) {
                reply.admit()
            }
        }),
        &[
            "authentication: a malformed key is a 401 unauthorized",
            "authentication: the 401 of a malformed key says malformed",
        ],
    ),
    (
        "a key in the query",
        Fault::Answer(|asked, reply| {
            if asked.path.contains("key=sk_live_") {
                reply.admit()
            }
        }),
        &["authentication: a key in the query string is no key"],
    ),
    (
        "cursors",
        Fault::Answer(|asked, reply| {
            if asked.path.contains("cursor=") && reply.status == 400 {
                reply.admit()
            }
        }),
        &[
            "lists: a garbled cursor is a 400 naming cursor",
            "lists: a made-up cursor is a 400 naming cursor",
            "lists: a truncated cursor is a 400 naming cursor",
            "lists: another filter's cursor is a 400 naming cursor",
            "lists: another list's cursor is a 400 naming cursor",
            "lists: another since's cursor is a 400 naming cursor",
        ],
    ),
    (
        "a method",
        Fault::Answer(|asked, reply| {
            if asked.method == "DELETE" {
                reply.admit()
            }
        }),
        &[
            "authentication: a key without the scope is a 403 that names the scope",
            "paths: another method is a 405 that lists in Allow those that are",
            "webhooks: each path of a missing endpoint is the same 404",
        ],
    ),
    (
        "a path",
        Fault::Answer(|asked, reply| {
            if asked.path == "/v1/no-such-path" {
                reply.admit()
            }
        }),
        &["paths: an unknown path is a 404 not_found", "paths: an unknown path is a 404 without a key too"],
    ),
    (
        "a body",
        Fault::Answer(|asked, reply| {
            if asked.method == "POST" && matches!(reply.status, 413 | 415) {
                reply.refuse(400, "bad_request")
            }
        }),
        &[
            "contacts: a body over 64 KiB is a 413 that says so",
            "contacts: a body that is not declared as JSON is a 415",
            "contacts: a body in an unknown coding is a 415 that names Content-Encoding",
        ],
    ),
    (
        "a look-up before the scope",
        Fault::Answer(|asked, reply| {
            if asked.path.starts_with("/v1/contacts/0000") && reply.status == 403 {
                reply.refuse(404, "not_found")
            }
        }),
        &[
            "authentication: a key without the scope is a 403 that names the scope",
            "authentication: the 403 comes before any look-up",
        ],
    ),
    (
        "a lower-case bearer",
        Fault::Answer(|asked, reply| {
            if asked.authorization.iter().any(|key| key.starts_with("bearer ")) {
                reply.refuse(401, "unauthorized")
            }
        }),
        &[
            "authentication: Bearer is read without case",
            "limits: without a recognised key they read 60 and 0",
        ],
    ),
];

fn admit(asked: &Asked, reply: &mut Reply, path: &str) {
    if asked.path == path && asked.authorization.len() == 1 {
        reply.admit();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_let_in_though_it_should_be_refused_is_found() {
    each_is_found(CASES).await;
}
