//! A working request for every route, and an organization with the records that they are about.

use domain::{
    Resource, Timestamp, catalogue,
    webhooks::{Event, EventType},
};
use harness::{World, call, contact, message, record};
use serde_json::{Value, json};

/// The number of records of each kind: more than a page takes.
const RECORDS: usize = 60;
/// The number of deliveries that a replay of a time range makes again.
const REPLAYED: usize = 10;
/// The time of the first record, 2026-02-24T20:59:00Z.
const FIRST_MS: i64 = 1_771_966_740_000;

/// A request that succeeds.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    /// The route in the catalogue.
    pub(crate) route: &'static str,
    /// The request's name among those of its route.
    pub(crate) note: &'static str,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
}

/// The records that the requests are about.
struct Subjects {
    call: String,
    contact: String,
    /// An endpoint with deliveries, of which the last have failed.
    webhook: String,
    failed: Vec<Event>,
    /// Endpoints without deliveries.
    idle: Vec<String>,
}

/// Fills the world's organization; returns its requests.
pub(crate) async fn requests(world: &World) -> Vec<Request> {
    let subjects = Subjects::make(world).await;
    let mut requests = records(&subjects);
    requests.extend(endpoints(&subjects));
    requests.extend(deliveries(&subjects));
    requests
}

impl Subjects {
    async fn make(world: &World) -> Self {
        let mut calls: Vec<Value> = (0..RECORDS).map(|nth| of_a_kilobyte(call(&time(nth)))).collect();
        let said = || message("user", "My bumper is broken. What does a repair cost?");
        calls[0]["messages"] = (0..20).map(|_| said()).collect();
        let contacts: Vec<Value> =
            (0..RECORDS).map(|nth| contact(&format!("+1415555{nth:04}"), &time(nth))).collect();
        world.import("calls", &calls).await;
        world.import("contacts", &contacts).await;
        for resource in others() {
            let made = |nth| {
                let mut record = record(resource.name).expect("a record of whatever can be imported");
                record["created_at"] = time(nth).into();
                record
            };
            let records: Vec<Value> = (0..RECORDS).map(made).collect();
            world.import(resource.name, &records).await;
        }

        let webhook = id(&world.webhook(&["call.completed"]).await);
        let of_webhook = webhook.parse().expect("an id");
        let mut failed = Vec::new();
        for nth in 0..RECORDS {
            let event = world.happened(EventType::CallCompleted, at(nth)).await;
            world.attempted(of_webhook, event.delivery_id(of_webhook), 500, "no").await;
            failed.push(event);
        }
        let mut idle = Vec::new();
        for _ in 0..4 {
            idle.push(id(&world.webhook(&["lead.created"]).await));
        }
        Self { call: id(&calls[0]), contact: id(&contacts[0]), webhook, failed, idle }
    }
}

/// The resources whose records are made as the harness has them, and whose lists are asked for as they are.
fn others() -> impl Iterator<Item = &'static Resource> {
    let of_their_own = [catalogue::CALLS.name, catalogue::CONTACTS.name];
    catalogue::IMPORTED.iter().copied().filter(move |resource| !of_their_own.contains(&resource.name))
}

fn records(subjects: &Subjects) -> Vec<Request> {
    let Subjects { call, contact, .. } = subjects;
    let new = json!({"phone": "+14155559999", "name": "Maria Garcia", "email": "maria.garcia@gmail.com"});
    let mut requests = vec![
        get("/v1/calls", "50 of 1 KB", "/v1/calls"),
        get("/v1/calls", "a status, 50", "/v1/calls?status=completed"),
        get("/v1/calls/{id}", "with 20 messages", &format!("/v1/calls/{call}")),
        get("/v1/contacts", "50", "/v1/contacts"),
        change("POST", "/v1/contacts", "", "/v1/contacts", Some(new)),
        get("/v1/contacts/{id}", "", &format!("/v1/contacts/{contact}")),
    ];
    let lists =
        others().filter_map(|resource| resource.routes.iter().find(|route| !route.path.contains('{')));
    requests.extend(lists.map(|route| get(route.path, "50", route.path)));
    requests.extend([get("/v1/me", "", "/v1/me"), get("/v1/events", "50", "/v1/events")]);
    requests
}

fn endpoints(subjects: &Subjects) -> Vec<Request> {
    let [deleted, changed, tested, rotated] =
        [0, 1, 2, 3].map(|nth| format!("/v1/webhooks/{}", subjects.idle[nth]));
    let new = json!({"url": "https://hooks.example.com/in", "events": ["lead.created"]});
    let one = "/v1/webhooks/{id}";
    let patch = json!({"description": "orders"});
    let (test, rotate) = ("/v1/webhooks/{id}/test", "/v1/webhooks/{id}/rotate-secret");
    vec![
        get("/v1/webhooks", "5", "/v1/webhooks"),
        change("POST", "/v1/webhooks", "", "/v1/webhooks", Some(new)),
        get(one, "", &changed),
        change("PATCH", one, "", &changed, Some(patch)),
        change("DELETE", one, "", &deleted, None),
        change("POST", test, "", &format!("{tested}/test"), None),
        change("POST", rotate, "", &format!("{rotated}/rotate-secret"), None),
    ]
}

fn deliveries(subjects: &Subjects) -> Vec<Request> {
    let webhook = format!("/v1/webhooks/{}", subjects.webhook);
    let of_webhook = subjects.webhook.parse().expect("an id");
    let delivery = format!("{webhook}/deliveries/{}", subjects.failed[0].delivery_id(of_webhook));
    let range = json!({"since": time(RECORDS - REPLAYED)});
    let (list, one) = ("/v1/webhooks/{id}/deliveries", "/v1/webhooks/{id}/deliveries/{delivery_id}");
    let (all, again) = ("/v1/webhooks/{id}/replay", "/v1/webhooks/{id}/deliveries/{delivery_id}/replay");
    vec![
        get(list, "50", &format!("{webhook}/deliveries")),
        get(one, "", &delivery),
        change("POST", again, "", &format!("{delivery}/replay"), None),
        change("POST", all, "10 made again", &format!("{webhook}/replay"), Some(range)),
    ]
}

fn get(route: &'static str, note: &'static str, path: &str) -> Request {
    change("GET", route, note, path, None)
}

fn change(
    method: &'static str,
    route: &'static str,
    note: &'static str,
    path: &str,
    body: Option<Value>,
) -> Request {
    Request { method, route, note, path: path.to_owned(), body }
}

fn of_a_kilobyte(mut call: Value) -> Value {
    call["summary"] = "The caller asks what a repair of the bumper costs. ".repeat(5).into();
    call["transcript"] = "assistant: How can I help? user: My bumper is broken. ".repeat(5).into();
    call
}

fn id(record: &Value) -> String {
    record["id"].as_str().expect("an id").to_owned()
}

pub(crate) fn at(nth: usize) -> Timestamp {
    Timestamp::from_unix_ms(FIRST_MS + 1000 * nth as i64).expect("a time")
}

fn time(nth: usize) -> String {
    at(nth).to_string()
}
