//! Faults in endpoints and events.

use super::*;

const CASES: &[Case] = &[
    (
        "a secret in the list",
        Fault::Answer(|asked, reply| {
            if in_list(asked, "webhooks") {
                reply.records(|webhook| webhook["secret"] = "whsec_".into())
            }
        }),
        &["webhooks: the list has no secrets"],
    ),
    (
        "the order of fields",
        Fault::Answer(|asked, reply| {
            if in_list(asked, "webhooks") {
                reply.records(reversed)
            }
        }),
        &["webhooks: the list has the documented fields, in their order"],
    ),
    (
        "an unknown event",
        Fault::Answer(|asked, reply| {
            if in_list(asked, "webhooks") {
                reply.records(|webhook| webhook["events"] = json!(["lead.deleted"]))
            }
        }),
        &["webhooks: each field is of its type, or null where it may be"],
    ),
    (
        "a private URL let in",
        Fault::Answer(|asked, reply| {
            if asked.path == "/v1/webhooks" && reply.text.contains("10.0.0.1") {
                reply.admit()
            }
        }),
        &["webhooks: a URL of a private network is a 400 naming url"],
    ),
    (
        "another 404",
        Fault::Answer(|asked, reply| {
            if asked.path.ends_with("/rotate-secret") && reply.status == 404 {
                reply.refuse(404, "not_found")
            }
        }),
        &["webhooks: each path of a missing endpoint is the same 404"],
    ),
    (
        "the fields of an event",
        Fault::Answer(|asked, reply| {
            if in_list(asked, "events") {
                reply.records(reversed)
            }
        }),
        &["events: an event is the body that is delivered, its fields in their order"],
    ),
    (
        "webhook_id",
        Fault::Asking(|path| match path.split_once("webhook_id=") {
            Some((start, _)) => start.trim_end_matches(['?', '&']).to_owned(),
            None => path.to_owned(),
        }),
        &[
            "events: a webhook_id of no endpoint is a 400 naming it",
            "events: with webhook_id an event has the id of its delivery there",
            "webhooks: webhook_id is no parameter of an endpoint's deliveries",
        ],
    ),
    (
        "no scopes",
        Fault::Answer(|asked, reply| {
            if asked.path.starts_with("/v1/events") && reply.status == 403 {
                reply.admit()
            }
        }),
        &["authentication: a key without the scope is a 403 that names the scope"],
    ),
];

fn in_list(asked: &Asked, name: &str) -> bool {
    asked.method == "GET" && asked.path.starts_with(&format!("/v1/{name}?limit="))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_in_endpoints_or_events_is_found() {
    each_is_found(CASES).await;
}
