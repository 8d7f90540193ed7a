//! Promises about a contact that is created, and about its idempotency key. Nothing else is written for a check.

use std::rc::Rc;

use domain::{Contact, Phone, fields};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::{
    contacts::CONTACTS,
    exchange::Exchange,
    promise::{CheckResult, NotKept, Promise, addition, choice, differs, documented, expect, not_seen},
    request::Request,
    server::Server,
};

const NAME: &str = "inboundflow check";
/// How many phone numbers are tried: each may have been given to a contact by an earlier check.
const ATTEMPTS: usize = 8;

/// The contact that a check makes, once.
#[derive(Default)]
pub(super) struct Creation {
    allowed: bool,
    made: OnceCell<Result<Made, NotKept>>,
}

struct Made {
    idempotency_key: String,
    body: Value,
    phone: String,
    answer: Rc<Exchange>,
}

impl Creation {
    pub(super) fn new(allowed: bool) -> Self {
        Self { allowed, made: OnceCell::new() }
    }

    async fn made(&self, server: &Server) -> Result<&Made, NotKept> {
        if !self.allowed {
            return Err(not_seen("needs --write"));
        }
        self.made.get_or_init(|| create(server)).await.as_ref().map_err(Clone::clone)
    }
}

pub(super) fn promises<'a>(server: &'a Server, creation: &'a Creation) -> Vec<Promise<'a>> {
    vec![
        documented("a contact is made with a 201, of the documented fields", shape(server, creation)),
        choice("the phone of a contact made is stored in E.164", phone(server, creation)),
        choice(
            "a contact made has source api, total_calls 0, last_call_at null",
            beginning(server, creation),
        ),
        documented("a contact made can be read at once", readable(server, creation)),
        addition("the same phone again is a 409 with existing_id", taken(server, creation)),
        addition("the same Idempotency-Key and body give the first answer again", replay(server, creation)),
        addition("Idempotent-Replayed tells the second from the first", replay_told(server, creation)),
        addition(
            "the same Idempotency-Key with another body is a 409 naming it",
            other_body(server, creation),
        ),
    ]
}

async fn create(server: &Server) -> Result<Made, NotKept> {
    let mut last = None;
    for _ in 0..ATTEMPTS {
        let digits = fictional_number();
        let phone = format!("+1 ({}) {}-{}", &digits[..3], &digits[3..6], &digits[6..]);
        let body =
            json!({"phone": phone, "name": NAME, "email": null, "company": "", "notes": "Made by a check."});
        let idempotency_key = format!("inboundflow-check-{}", uuid::Uuid::new_v4());
        let answer = post(server, &idempotency_key, &body).await?;
        if answer.status != 409 {
            answer.data(201)?;
            return Ok(Made { idempotency_key, body, phone: format!("+1{digits}"), answer });
        }
        last = Some(answer);
    }
    let came = last.map(|answer| answer.shown()).unwrap_or_default();
    Err(differs("201 for a phone that nobody has", came))
}

/// Area codes that exist, since a server may look.
const AREA_CODES: [u16; 16] =
    [201, 206, 212, 214, 303, 305, 312, 404, 415, 503, 512, 602, 617, 702, 713, 808];

/// A number from 555-0100 to 555-0199, which are kept free for fiction, in an area code.
fn fictional_number() -> String {
    let random = uuid::Uuid::new_v4().as_u128();
    let area = AREA_CODES[(random / 100 % 16) as usize];
    format!("{area}55501{:02}", random % 100)
}

async fn post(server: &Server, idempotency_key: &str, body: &Value) -> Result<Rc<Exchange>, NotKept> {
    let request = Request::post(CONTACTS, body.to_string()).header("idempotency-key", idempotency_key);
    server.send(request).await
}

async fn shape(server: &Server, creation: &Creation) -> CheckResult {
    let data = creation.made(server).await?.answer.data(201)?;
    serde_json::from_value::<Contact>(data.clone()).map_err(|error| differs("", error.to_string()))?;
    let expected = fields::of::<Contact>();
    let came: Vec<&str> = data.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let known: Vec<&str> = came.iter().copied().filter(|name| expected.contains(name)).collect();
    expect(known == expected, expected.join(", "), came.join(", "))
}

async fn phone(server: &Server, creation: &Creation) -> CheckResult {
    let made = creation.made(server).await?;
    let phone = &made.answer.data(201)?["phone"];
    let same = phone.as_str() == Phone::parse(&made.phone).ok().as_ref().map(Phone::as_str);
    expect(same, "the number without its punctuation", phone.to_string())
}

async fn beginning(server: &Server, creation: &Creation) -> CheckResult {
    let data = creation.made(server).await?.answer.data(201)?;
    for (name, expected) in
        [("source", json!("api")), ("total_calls", json!(0)), ("last_call_at", Value::Null)]
    {
        let came = data.get(name).unwrap_or(&Value::Null);
        expect(*came == expected, format!("{name} {expected}"), came.to_string())?;
    }
    Ok(())
}

async fn readable(server: &Server, creation: &Creation) -> CheckResult {
    let data = creation.made(server).await?.answer.data(201)?;
    let answer = server.get(&format!("{CONTACTS}/{}", data["id"].as_str().unwrap_or("none"))).await?;
    expect(answer.data(200)? == data, "the contact that was made", "another")
}

async fn taken(server: &Server, creation: &Creation) -> CheckResult {
    let made = creation.made(server).await?;
    let answer = server.send(Request::post(CONTACTS, json!({"phone": made.phone}).to_string())).await?;
    answer.refused(409)?;
    let existing = &answer.body["error"]["existing_id"];
    expect(*existing == made.answer.data(201)?["id"], "existing_id of that contact", existing.to_string())
}

async fn replay(server: &Server, creation: &Creation) -> CheckResult {
    let made = creation.made(server).await?;
    let again = post(server, &made.idempotency_key, &made.body).await?;
    expect(again.data(201)? == made.answer.data(201)?, "the contact as it was", "another")
}

async fn replay_told(server: &Server, creation: &Creation) -> CheckResult {
    let made = creation.made(server).await?;
    let again = post(server, &made.idempotency_key, &made.body).await?;
    let told = [&made.answer, &again].map(|answer| answer.header("idempotent-replayed").unwrap_or("none"));
    expect(told == ["none", "true"], "none, then true", told.join(", then "))
}

async fn other_body(server: &Server, creation: &Creation) -> CheckResult {
    let made = creation.made(server).await?;
    let answer =
        post(server, &made.idempotency_key, &json!({"phone": made.phone, "name": "another"})).await?;
    answer.refused_naming(409, "Idempotency-Key")
}
