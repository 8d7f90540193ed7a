//! Faults in what is around the records, and in errors.

use super::*;

const CASES: &[Case] = &[
    (
        "the order of a list",
        Fault::Answer(|_, reply| {
            reply.json(|body| {
                if body.get("has_more").is_some() {
                    reversed(body)
                }
            })
        }),
        &["every answer: a list is data, has_more, next_cursor and meta, in this order"],
    ),
    (
        "the order of a record",
        Fault::Answer(|asked, reply| {
            if asked.path == "/v1/me" && reply.status == 200 {
                reply.json(reversed)
            }
        }),
        &["every answer: a success is data and meta, in this order"],
    ),
    (
        "the order of an error",
        Fault::Answer(|_, reply| {
            if is_error(reply) {
                reply.json(reversed)
            }
        }),
        &["every answer: an error is error and meta, in this order"],
    ),
    (
        "the order in an error",
        Fault::Answer(|_, reply| {
            if is_error(reply) {
                reply.json(|body| reversed(&mut body["error"]))
            }
        }),
        &["every answer: error has code, message and status, in this order"],
    ),
    (
        "error.status as a string",
        Fault::Answer(|_, reply| {
            if is_error(reply) {
                reply.json(|body| body["error"]["status"] = "x".into())
            }
        }),
        &["every answer: error.code and error.status are those of the HTTP status"],
    ),
    (
        "messages of 401s",
        Fault::Answer(|_, reply| {
            if reply.status == 401 {
                reply.json(|body| body["error"]["message"] = "No.".into())
            }
        }),
        &[
            "authentication: a key in the query string is no key",
            "authentication: the 401 of a key that was never issued says unknown",
            "authentication: the 401 of a malformed key says malformed",
            "authentication: the 401 of a missing key says missing",
            "authentication: the 401 of a revoked key says revoked",
            "authentication: the 401 of an expired key says expired",
        ],
    ),
    (
        "the code of a 403",
        Fault::Answer(|_, reply| {
            if reply.status == 403 {
                reply.json(|body| body["error"]["code"] = "unauthorized".into())
            }
        }),
        &[
            "authentication: a key without the scope is a 403 that names the scope",
            "authentication: the 403 comes before any look-up",
            "every answer: error.code and error.status are those of the HTTP status",
        ],
    ),
    (
        "param of parameters",
        Fault::Answer(|asked, reply| {
            if asked.path.starts_with("/v1/calls?limit=") && is_error(reply) {
                reply.json(|body| body["error"]["param"] = Value::Null)
            }
        }),
        &[
            "lists: a limit that is no number is a 400 naming limit",
            "lists: a repeated parameter is a 400 naming limit",
            "lists: an empty limit is a 400 naming limit",
            "lists: limit=0 is a 400 naming limit",
            "lists: limit=101 is a 400 naming limit",
        ],
    ),
    (
        "422",
        Fault::Answer(|asked, reply| {
            if asked.path.starts_with("/v1/contacts") && asked.method == "POST" && reply.status == 400 {
                reply.status = 422
            }
        }),
        &[
            "contacts: a body that is no JSON is a 400",
            "contacts: a body that is no object is a 400",
            "contacts: a missing phone is a 400 naming phone",
            "contacts: a field that is there twice is a 400 that names it",
            "contacts: a name of the wrong type is a 400 naming name",
            "contacts: a parameter is a 400 that names it",
            "contacts: a phone of null is a 400 naming phone",
            "contacts: a phone of the wrong type is a 400 naming phone",
            "contacts: a phone that is no E.164 is a 400 naming phone",
            "contacts: an email that is none is a 400 naming email",
            "contacts: an empty body is a 400",
            "contacts: an over-long Idempotency-Key is a 400 that names it",
            "contacts: an over-long name is a 400 naming name",
            "contacts: an unknown field is a 400 naming id",
            "every answer: 422 is not used",
            "every answer: error.code and error.status are those of the HTTP status",
        ],
    ),
    (
        "request id in capitals",
        Fault::Answer(|_, reply| reply.json(|body| body["meta"]["request_id"] = "req_ABCDEF012345".into())),
        &[
            "every answer: X-Request-Id is meta.request_id",
            "every answer: meta.request_id is req_ and 12 lower-case hex digits",
        ],
    ),
    (
        "no milliseconds",
        Fault::Answer(|_, reply| {
            reply.json(|body| {
                let time = body["meta"]["timestamp"].as_str().unwrap()[..19].to_owned() + "Z";
                body["meta"]["timestamp"] = time.into()
            })
        }),
        &["every answer: meta.timestamp has milliseconds"],
    ),
    (
        "an offset",
        Fault::Answer(|_, reply| {
            reply.json(|body| {
                let time = body["meta"]["timestamp"].as_str().unwrap().replace('Z', "+00:00");
                body["meta"]["timestamp"] = time.into()
            })
        }),
        &["every answer: meta.timestamp has milliseconds", "every answer: meta.timestamp is ISO 8601 in UTC"],
    ),
    (
        "meta",
        Fault::Answer(|_, reply| {
            reply.json(|body| {
                body["meta"]["id"] = body["meta"]["request_id"].take();
                body["meta"].as_object_mut().unwrap().remove("request_id");
            })
        }),
        &[
            "every answer: X-Request-Id is meta.request_id",
            "every answer: meta has request_id and timestamp",
            "every answer: meta.request_id is req_ and 12 lower-case hex digits",
        ],
    ),
];

fn is_error(reply: &Reply) -> bool {
    reply.status >= 400
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_envelope_of_another_shape_is_found() {
    each_is_found(CASES).await;
}
