//! Faults in creating contacts.

use std::sync::atomic::{AtomicU8, Ordering};

use super::*;

const CASES: &[Case] = &[
    (
        "200",
        Fault::Answer(|asked, reply| {
            if made(asked, reply) {
                reply.status = 200
            }
        }),
        &[
            "contacts: Idempotent-Replayed tells the second from the first",
            "contacts: a contact is made with a 201, of the documented fields",
            "contacts: a contact made can be read at once",
            "contacts: a contact made has source api, total_calls 0, last_call_at null",
            "contacts: the phone of a contact made is stored in E.164",
            "contacts: the same Idempotency-Key and body give the first answer again",
            "contacts: the same Idempotency-Key with another body is a 409 naming it",
            "contacts: the same phone again is a 409 with existing_id",
        ],
    ),
    (
        "the order",
        Fault::Answer(|asked, reply| {
            if made(asked, reply) {
                reply.json(|body| reversed(&mut body["data"]))
            }
        }),
        &["contacts: a contact is made with a 201, of the documented fields"],
    ),
    (
        "another source",
        Fault::Answer(|asked, reply| {
            if made(asked, reply) {
                reply.json(|body| body["data"]["source"] = "inbound_call".into())
            }
        }),
        &[
            "contacts: a contact made can be read at once",
            "contacts: a contact made has source api, total_calls 0, last_call_at null",
        ],
    ),
    (
        "a phone as it was sent",
        Fault::Answer(|asked, reply| {
            if made(asked, reply) {
                reply.json(|body| body["data"]["phone"] = "+1 (415) 555-0100".into())
            }
        }),
        &[
            "contacts: a contact made can be read at once",
            "contacts: the phone of a contact made is stored in E.164",
        ],
    ),
    (
        "no existing_id",
        Fault::Answer(|_, reply| {
            if reply.status == 409 {
                reply.json(|body| {
                    body["error"].as_object_mut().unwrap().remove("existing_id");
                })
            }
        }),
        &["contacts: the same phone again is a 409 with existing_id"],
    ),
    (
        "another answer",
        Fault::Answer(|asked, reply| {
            if made(asked, reply) && reply.headers.contains_key("idempotent-replayed") {
                reply.json(|body| body["data"]["name"] = "another".into())
            }
        }),
        &["contacts: the same Idempotency-Key and body give the first answer again"],
    ),
    (
        "a conflict let in",
        Fault::Answer(|_, reply| {
            if reply.text.contains("Idempotency-Key was used") {
                reply.refuse(400, "bad_request")
            }
        }),
        &["contacts: the same Idempotency-Key with another body is a 409 naming it"],
    ),
    (
        "no param",
        Fault::Answer(|asked, reply| {
            if asked.path.starts_with("/v1/contacts") && asked.method == "POST" && reply.status == 400 {
                reply.json(|body| {
                    body["error"].as_object_mut().unwrap().remove("param");
                })
            }
        }),
        &[
            "contacts: a missing phone is a 400 naming phone",
            "contacts: a field that is there twice is a 400 that names it",
            "contacts: a name of the wrong type is a 400 naming name",
            "contacts: a parameter is a 400 that names it",
            "contacts: a phone of null is a 400 naming phone",
            "contacts: a phone of the wrong type is a 400 naming phone",
            "contacts: a phone that is no E.164 is a 400 naming phone",
            "contacts: an email that is none is a 400 naming email",
            "contacts: an over-long Idempotency-Key is a 400 that names it",
            "contacts: an over-long name is a 400 naming name",
            "contacts: an unknown field is a 400 naming id",
        ],
    ),
    (
        "a limit that is not said",
        Fault::Answer(|_, reply| {
            if reply.status == 413 {
                reply.json(|body| body["error"]["message"] = "Too much.".into())
            }
        }),
        &["contacts: a body over 64 KiB is a 413 that says so"],
    ),
    (
        "something written",
        Fault::Answer(|asked, reply| {
            // The list is asked for by the caller, by the foreign key, and by the caller again.
            static LISTED: AtomicU8 = AtomicU8::new(0);
            if asked.path == "/v1/contacts?limit=100" && LISTED.fetch_add(1, Ordering::SeqCst) == 2 {
                reply.json(|body| {
                    let records = body["data"].as_array_mut().unwrap();
                    let mut new = records[0].clone();
                    (new["source"], new["id"]) = ("api".into(), "x".into());
                    records.insert(0, new);
                });
            }
        }),
        &["contacts: what was refused has written nothing"],
    ),
];

fn made(asked: &Asked, reply: &Reply) -> bool {
    asked.method == "POST" && reply.status == 201
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_creation_that_goes_otherwise_is_found() {
    each_is_found(CASES).await;
}
