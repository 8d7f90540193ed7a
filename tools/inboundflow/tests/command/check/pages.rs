//! Faults in the order of lists and in their pages.

use super::*;

const CASES: &[Case] = &[
    (
        "ties ascending",
        Fault::Answer(|_, reply| {
            reply.json(|body| {
                if let Some(records) = body["data"].as_array_mut() {
                    let time = |record: &Value| record["created_at"].as_str().map(str::to_owned);
                    records
                        .sort_by(|a, b| time(b).cmp(&time(a)).then(a["id"].as_str().cmp(&b["id"].as_str())));
                }
            })
        }),
        &["lists: records of one moment come by id, descending"],
    ),
    (
        "oldest first",
        Fault::Answer(|asked, reply| {
            if asked.path == "/v1/leads?limit=100" {
                reply.json(|body| body["data"].as_array_mut().unwrap().reverse())
            }
        }),
        &[
            "lists: since gives the leads created after it, and not at it",
            "lists: status and urgency narrow leads together",
            "lists: status narrows leads",
            "lists: the newest come first",
            "lists: urgency narrows leads",
            "lists: walking leads with cursors gives each record once, as one page does",
        ],
    ),
    (
        "a record left out",
        Fault::Answer(|asked, reply| {
            if asked.path.starts_with("/v1/calls?limit=3&") && asked.path.contains("cursor") {
                reply.json(|body| {
                    body["data"].as_array_mut().unwrap().remove(0);
                })
            }
        }),
        &["lists: walking calls with cursors gives each record once, as one page does"],
    ),
    (
        "has_more at the end",
        Fault::Answer(|_, reply| {
            reply.json(|body| {
                if body["has_more"] == false {
                    body["has_more"] = true.into()
                }
            })
        }),
        &["lists: next_cursor is null exactly where has_more is false"],
    ),
    (
        "has_more as a string",
        Fault::Answer(|_, reply| {
            reply.json(|body| {
                if body["has_more"] == false {
                    body["has_more"] = "no".into()
                }
            })
        }),
        &["lists: has_more is a boolean"],
    ),
    (
        "a cursor that names the organization",
        Fault::Answer(|asked, reply| {
            if asked.path == "/v1/calls?limit=1" {
                reply.json(|body| body["next_cursor"] = "eyJvcmdhbml6YXRpb25faWQiOiIxIn0".into())
            }
        }),
        &[
            "authentication: a cursor reaches nothing of another organization",
            "lists: a cursor does not name the organization",
            "lists: a cursor is base64url JSON that starts with created_at",
            "lists: limit may change from page to page",
        ],
    ),
    (
        "51 by default",
        Fault::Answer(|asked, reply| {
            if asked.path == "/v1/calls" && reply.status == 200 {
                reply.json(|body| {
                    let records = body["data"].as_array_mut().unwrap();
                    let first = records[0].clone();
                    records.push(first);
                })
            }
        }),
        &["lists: a page has 50 records unless limit says otherwise"],
    ),
    (
        "a record of another status",
        Fault::Answer(|asked, reply| {
            if asked.path.contains("/appointments") && asked.path.contains("status=") {
                reply.records(|record| record["status"] = "other".into())
            }
        }),
        &["lists: status narrows appointments"],
    ),
    (
        "another number",
        Fault::Answer(|asked, reply| {
            if asked.path.starts_with("/v1/contacts?") && asked.path.contains("phone=") {
                reply.json(|body| {
                    body["data"]
                        .as_array_mut()
                        .into_iter()
                        .for_each(|records| records.push(json!({"phone": "+14155550000"})))
                })
            }
        }),
        &["lists: a part of a number finds no contacts", "lists: phone narrows contacts"],
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_pages_otherwise_is_found() {
    each_is_found(CASES).await;
}
