//! Faults in records.

use super::*;

const CASES: &[Case] = &[
    (
        "a field renamed",
        Fault::Answer(|asked, reply| {
            if in_list(asked, "leads") {
                reply.records(|lead| {
                    let interest = lead.as_object_mut().unwrap().shift_remove("interest");
                    lead["subject"] = interest.unwrap_or_default()
                })
            }
        }),
        &["leads: the list has the documented fields, in their order"],
    ),
    (
        "the order of fields",
        Fault::Answer(|asked, reply| {
            if in_list(asked, "calls") {
                reply.records(reversed)
            }
        }),
        &["calls: the list has the documented fields, in their order"],
    ),
    (
        "a number as a string",
        Fault::Answer(|asked, reply| {
            if in_list(asked, "calls") {
                reply.records(|call| call["duration_seconds"] = "55".into())
            }
        }),
        &[
            "calls: a single call is as in the list, and messages after it",
            "calls: each field is of its type, or null where it may be",
        ],
    ),
    (
        "a null that may not be",
        Fault::Answer(|asked, reply| {
            if in_list(asked, "appointments") {
                reply.records(|record| record["updated_at"] = Value::Null)
            }
        }),
        &["appointments: each field is of its type, or null where it may be"],
    ),
    (
        "an unknown status",
        Fault::Answer(|asked, reply| {
            if asked.path == "/v1/leads?limit=100" {
                reply.records(|lead| lead["urgency"] = "urgent".into())
            }
        }),
        &[
            "leads: each field is of its type, or null where it may be",
            "lists: status and urgency narrow leads together",
            "lists: urgency narrows leads",
        ],
    ),
    (
        "an empty fraction",
        Fault::Answer(|asked, reply| {
            if of(asked, "leads") {
                reply.records(|lead| {
                    let time = lead["updated_at"].as_str().unwrap().replace('Z', "000Z");
                    lead["updated_at"] = time.into()
                })
            }
        }),
        &["leads: a time prints its fraction only where it has one"],
    ),
    (
        "a phone with spaces",
        Fault::Answer(|asked, reply| {
            if of(asked, "leads") {
                reply.records(|lead| {
                    let phone = lead["caller_phone"].as_str().unwrap_or("+12").replace("+1", "+1 ");
                    lead["caller_phone"] = phone.into()
                })
            }
        }),
        &["leads: ids are lower-case UUIDs, phone numbers E.164"],
    ),
    (
        "messages in the list",
        Fault::Answer(|asked, reply| {
            if in_list(asked, "calls") {
                reply.records(|call| call["messages"] = json!([]))
            }
        }),
        &["calls: a single call is as in the list, and messages after it", "calls: the list has no messages"],
    ),
    (
        "no messages in a call",
        Fault::Answer(|asked, reply| {
            if of(asked, "calls/") {
                reply.json(|body| {
                    if let Some(call) = body["data"].as_object_mut() {
                        call.remove("messages");
                    }
                })
            }
        }),
        &["calls: a single call is as in the list, and messages after it"],
    ),
    (
        "another role",
        Fault::Answer(|asked, reply| {
            if of(asked, "calls/") {
                reply.json(|body| {
                    if let Some(messages) = body["data"]["messages"].as_array_mut() {
                        messages.iter_mut().for_each(|message| message["role"] = "bot".into())
                    }
                })
            }
        }),
        &["calls: a message is role, content and timestamp"],
    ),
    (
        "another call",
        Fault::Answer(|asked, reply| {
            if of(asked, "calls/") {
                reply.json(|body| {
                    if body["data"].is_object() {
                        body["data"]["status"] = "blocked".into()
                    }
                })
            }
        }),
        &["calls: a single call is as in the list, and messages after it"],
    ),
    (
        "a 400 for what is no id",
        Fault::Answer(|asked, reply| {
            if of(asked, "contacts/no-id") {
                reply.refuse(400, "bad_request")
            }
        }),
        &["contacts: a text that is no id is the same 404"],
    ),
    (
        "a 404 of other words",
        Fault::Answer(|asked, reply| {
            if of(asked, "calls/no-id") {
                reply.json(|body| body["error"]["message"] = "No id.".into())
            }
        }),
        &["calls: a text that is no id is the same 404"],
    ),
    (
        "the order of a contact",
        Fault::Answer(|asked, reply| {
            if of(asked, "contacts/") {
                reply.json(|body| {
                    if body["data"].is_object() {
                        reversed(&mut body["data"])
                    }
                })
            }
        }),
        &["contacts: a single contact is as in the list"],
    ),
    (
        "a date with a time",
        Fault::Answer(|asked, reply| {
            if of(asked, "appointments") {
                reply.records(|record| record["appointment_date"] = "2026-03-01T00:00:00Z".into())
            }
        }),
        &[
            "appointments: appointment_date is a calendar date",
            "appointments: each field is of its type, or null where it may be",
        ],
    ),
    (
        "the account's order",
        Fault::Answer(|asked, reply| {
            if asked.path == "/v1/me" {
                reply.json(|body| {
                    if body["data"].is_object() {
                        reversed(&mut body["data"])
                    }
                })
            }
        }),
        &["me: data is organization_id, organization_name, plan and scopes, in this order"],
    ),
    (
        "the scopes' order",
        Fault::Answer(|asked, reply| {
            if asked.path == "/v1/me" {
                reply.json(|body| {
                    if let Some(scopes) = body["data"]["scopes"].as_array_mut() {
                        scopes.reverse()
                    }
                })
            }
        }),
        &["me: scopes are documented ones, in their order"],
    ),
];

fn of(asked: &Asked, name: &str) -> bool {
    asked.method == "GET" && asked.path.starts_with(&format!("/v1/{name}"))
}
fn in_list(asked: &Asked, name: &str) -> bool {
    of(asked, name) && asked.path.contains("?limit=")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_of_another_shape_is_found() {
    each_is_found(CASES).await;
}
