//! What earlier versions wrote is read as it was. `tests/suite/tables/written/` has a file for each form that items have had:
//! everything of one organization, made by the API, by voice events and by an import, and what the API answered of it.
//!
//! A version that writes items otherwise adds a file, which the test below makes, and the older ones stay.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use domain::{
    DEFAULT_REQUESTS_PER_MINUTE, OrganizationId, RecordId, Scope, Timestamp, webhooks::DeliveryTask,
};
use harness::{
    Client, Fanning, World, appointment, body, call, call_event, clock, contact, lead, status_event,
};
use reqwest::Method;
use serde_json::{Map, Value, json};
use store::{Claim, KeyRequest, TABLES};

/// The time when everything was written.
const THEN: &str = "2026-02-24T21:00:00Z";
const JSON: (&str, &str) = ("content-type", "application/json");

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("suite/tables/written")
}

/// The files, the oldest first.
fn files() -> Vec<(String, Value)> {
    let paths = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = paths.collect();
    paths.sort();
    let read = |path: &PathBuf| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    paths.iter().map(|path| (path.display().to_string(), read(path))).collect()
}

/// Everything that is stored of the world's organization, table by table.
async fn items(world: &World) -> Map<String, Value> {
    let mut tables = Map::new();
    for table in TABLES.iter() {
        let mut scan = json!({
            "TableName": world.table(table.name), "FilterExpression": "organization_id = :organization",
            "ExpressionAttributeValues": {":organization": {"S": world.organization}},
        });
        let mut items = Vec::new();
        // Other tests of this process write to the engine too: a page of 1 MB may have nothing of this organization.
        loop {
            let mut page = world.ask_engine("Scan", scan.clone()).await;
            items.append(page["Items"].as_array_mut().unwrap());
            match page["LastEvaluatedKey"].take() {
                Value::Null => break,
                last => scan["ExclusiveStartKey"] = last,
            }
        }
        let id = |item: &Value| {
            table.key.last().map(|key| item[*key]["S"].as_str().unwrap_or_default().to_owned())
        };
        items.sort_by_key(id);
        tables.insert(table.name.to_owned(), items.into());
    }
    tables
}

/// The events of the organization's voice pipeline.
fn events(organization: OrganizationId) -> Vec<Value> {
    let id = |nth: u128| RecordId::from_u128(nth);
    let mut full = call_event(organization, id(1), THEN);
    let said = json!([{"role": "user", "content": "There is a grinding noise.", "timestamp": "2026-02-24T20:59:06.400Z"}]);
    full["call"] = json!({
        "id": id(1), "caller_phone": "+14155550101", "caller_name": "Maria Garcia", "caller_email": "maria@example.com",
        "status": "completed", "duration_seconds": 175, "summary": "A brake inspection.", "transcript": "There is a noise.",
        "messages": said, "recording_url": "https://recordings.example.com/1.mp3", "transfer_status": "completed",
        "assistant_id": "5f0c6a52-6f0e-4c57-9f4e-1d1c0f2b7a10", "intent": "brake inspection", "urgency": "medium",
        "started_at": "2026-02-24T20:59:00Z", "ended_at": "2026-02-24T21:01:55.250Z",
    });
    full["lead"] = json!({
        "interest": "brakes", "qualification_reason": "Asked for a price", "urgency": "medium", "status": "new",
    });
    full["appointment"] = json!({
        "service_type": "Brake Inspection", "date": "2026-02-26", "start": "2026-02-26T17:00:00Z",
        "end": "2026-02-26T18:00:00Z", "calendar_event_link": "https://calendar.example.com/e/1", "status": "booked",
    });
    let mut withheld = call_event(organization, id(2), THEN);
    withheld["call"] = json!({"id": id(2), "caller_phone": null, "status": "failed", "duration_seconds": 0});
    // More than a head holds: what compresses badly.
    let long: String = (0..2_000).map(|nth| RecordId::from_u128(nth).derived("long").to_string()).collect();
    let mut large = call_event(organization, id(3), THEN);
    large["call"]["messages"] = json!([{"role": "assistant", "content": long, "timestamp": THEN}]);
    let mut all = vec![full, withheld, large];
    for (nth, event) in all.iter_mut().enumerate() {
        event["event_id"] = format!("event-{nth}").into();
    }
    all
}

/// Writes something of every kind, in the ways in which it is written.
async fn write() -> Value {
    let (ms, clock) = clock(THEN);
    let world = World::with_clock(clock).await;
    let mut fanning = Fanning::new(&world).await;
    let webhook =
        world.webhook(&["call.completed", "call.transferred", "lead.created", "appointment.booked"]).await;
    let id = webhook["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/webhooks/{id}");
    let disabled = world.webhook(&["lead.created"]).await["id"].as_str().unwrap().to_owned();
    let patch = json!({"description": "CRM", "status": "disabled"}).to_string();
    let at_disabled = format!("/v1/webhooks/{disabled}");
    let _ = world.client.send(Method::PATCH, &at_disabled, &[JSON], Some(patch)).await.ok();
    let _ = world.client.post(&format!("{path}/rotate-secret"), &json!({})).await.ok();

    let events = events(world.organization);
    for event in &events {
        assert!(world.store.apply(&body(event)).await.unwrap());
    }
    fanning.follow().await;
    ms.fetch_add(1_000, std::sync::atomic::Ordering::SeqCst);
    let (lead_of, appointment_of) = ("/v1/leads", "/v1/appointments");
    for (kind, path, status) in [("lead", lead_of, "contacted"), ("appointment", appointment_of, "confirmed")]
    {
        let record = world.client.get(path).await.ok()["data"][0]["id"].as_str().unwrap().parse().unwrap();
        let changed = status_event(world.organization, kind, record, status, "2026-02-24T21:00:01Z");
        assert!(world.store.apply(&body(&changed)).await.unwrap());
    }
    let mut with_messages = call("2026-02-20T14:00:00Z");
    with_messages["messages"] = json!([harness::message("user", "Can you mend a bumper?")]);
    world.import("calls", &[with_messages]).await;
    world.import("contacts", &[contact("+14155550102", "2026-02-20T14:00:00Z")]).await;
    world.import("leads", &[lead("2026-02-20T14:00:00Z")]).await;
    world.import("appointments", &[appointment("2026-02-20T14:00:00Z")]).await;
    let headers = [JSON, ("idempotency-key", "order-1")];
    let created = json!({"phone": "+14155550103", "name": "John Doe"}).to_string();
    let _ = world.client.send(Method::POST, "/v1/contacts", &headers, Some(created.clone())).await.ok();

    let deliveries = world.client.walk(&format!("{path}/deliveries?limit=100")).await;
    let delivery = |nth: usize| deliveries[nth]["id"].as_str().unwrap().parse().unwrap();
    world.attempted(id.parse().unwrap(), delivery(0), 200, "Thank you").await;
    world.attempted(id.parse().unwrap(), delivery(1), 500, "Sorry").await;
    let _ = world.client.post(&format!("{path}/test"), &json!({})).await.ok();
    let endpoint =
        world.store.delivery_endpoint(world.organization, id.parse().unwrap()).await.unwrap().unwrap();
    world.store.note_failure(&endpoint).await.unwrap();

    let _ = world.key(&[Scope::CallsRead], 60).await;
    let key_id = world.store.keys(world.organization).await.unwrap()[0].key_id;
    let rotation = world.store.prepare_rotation(key_id).await.unwrap();
    let (issued, _) = world.store.rotate_key(rotation, Duration::from_secs(60)).await.unwrap();
    world.store.revoke_key(issued.key_id).await.unwrap();

    let answers = answers(&world.client, &id).await;
    let secrets = world
        .store
        .delivery_endpoint(world.organization, id.parse().unwrap())
        .await
        .unwrap()
        .unwrap()
        .secrets;
    json!({
        "written_at": THEN, "organization_id": world.organization, "webhook_id": id,
        "secret": secrets.current.reveal(), "created": created, "events": events[..2], "answers": answers,
        "items": items(&world).await,
    })
}

/// The API's responses about everything that was written.
async fn answers(client: &Client, webhook: &str) -> Value {
    let mut answers = Map::new();
    let lists = ["calls", "contacts", "leads", "appointments", "webhooks", "events"]
        .map(|name| format!("/v1/{name}"));
    let deliveries = format!("/v1/webhooks/{webhook}/deliveries");
    for list in lists.into_iter().chain([deliveries.clone()]) {
        let records = client.walk(&format!("{list}?limit=100")).await;
        let single = ["/v1/calls", "/v1/contacts", "/v1/webhooks", &deliveries].contains(&list.as_str());
        for record in records.iter().filter(|_| single) {
            let path = format!("{list}/{}", record["id"].as_str().unwrap());
            answers.insert(path.clone(), client.get(&path).await.ok()["data"].take());
        }
        answers.insert(list, records.into());
    }
    answers.insert("/v1/me".to_owned(), client.get("/v1/me").await.ok()["data"].take());
    answers.into()
}

#[tokio::test]
async fn what_an_earlier_version_wrote_is_read_as_it_was() {
    for (file, then) in files() {
        let (_, clock) = clock(then["written_at"].as_str().unwrap());
        let world = World::with_clock(clock).await;
        let organization: OrganizationId = then["organization_id"].as_str().unwrap().parse().unwrap();
        for (table, items) in then["items"].as_object().unwrap() {
            for item in items.as_array().unwrap() {
                let put = json!({"TableName": world.table(table), "Item": item});
                world.ask_engine("PutItem", put).await;
            }
        }
        let kept = world.store.keys(organization).await.unwrap();
        assert_eq!(kept.len(), then["items"]["ApiKeys"].as_array().unwrap().len(), "{file}");
        let request = KeyRequest {
            organization,
            name: "test".to_owned(),
            scopes: Scope::ALL.into(),
            expires_at: None,
            requests_per_minute: 100 * DEFAULT_REQUESTS_PER_MINUTE,
        };
        let key = world.store.create_key(&request).await.unwrap();
        let client = world.client.with_key(Some(key.key.reveal()));
        let webhook = then["webhook_id"].as_str().unwrap();
        let now = answers(&client, webhook).await;
        for (path, answer) in then["answers"].as_object().unwrap() {
            assert_eq!(&now[path], answer, "{file}: {path}");
        }
        for kind in store::Store::kinds() {
            let odd = world.store.unreadable(kind, Some(organization)).await.unwrap().unreadable;
            assert!(odd.is_empty(), "{file}: {odd:?}");
        }
        goes_on(&world, organization, &client, &then).await;
    }
}

/// Checks that what an earlier version began goes on with this one.
async fn goes_on(world: &World, organization: OrganizationId, client: &Client, then: &Value) {
    for event in then["events"].as_array().unwrap() {
        assert!(!world.store.apply(&body(event)).await.unwrap(), "it was carried out already");
    }
    let headers = [JSON, ("idempotency-key", "order-1")];
    let created = then["created"].as_str().unwrap().to_owned();
    let again = client.send(Method::POST, "/v1/contacts", &headers, Some(created)).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
    let webhook: RecordId = then["webhook_id"].as_str().unwrap().parse().unwrap();
    let endpoint = world.store.delivery_endpoint(organization, webhook).await.unwrap().unwrap();
    assert_eq!(then["secret"], endpoint.secrets.current.reveal());
    assert!(endpoint.secrets.previous_at(Timestamp::parse(THEN).unwrap()).is_some(), "a rotation overlaps");
    let deliveries = client.walk(&format!("/v1/webhooks/{webhook}/deliveries?limit=100")).await;
    let pending = deliveries.iter().find(|delivery| delivery["status"] == "pending").unwrap();
    let delivery_id = pending["id"].as_str().unwrap().parse().unwrap();
    let task = DeliveryTask { organization_id: organization, webhook_id: webhook, delivery_id, number: 0 };
    assert!(matches!(world.store.claim(&task).await.unwrap(), Claim::Yours(_)));
}

/// Which attributes of which types the items have, by table and kind of item.
fn form(written: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut form: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (table, items) in written["items"].as_object().into_iter().flatten() {
        for item in items.as_array().unwrap() {
            let id = item["id"]["S"].as_str().unwrap_or_default();
            let kind = match id.split_once('#') {
                Some((kind @ ("phone" | "idempotency"), _)) => kind,
                Some((_, "head")) => "head",
                Some(_) => "part",
                None => "record",
            };
            let of_kind = form.entry(format!("{table} {kind}")).or_default();
            attributes(item, "", of_kind);
        }
    }
    form
}

fn attributes(item: &Value, within: &str, found: &mut BTreeSet<String>) {
    for (name, value) in item.as_object().unwrap() {
        let (kind, inner) = value.as_object().unwrap().iter().next().unwrap();
        // Which minute's slot a key has depends on the clock.
        let is_slot = name.strip_prefix('m').is_some_and(|slot| slot.parse::<u8>().is_ok());
        let name = format!("{within}{}", if is_slot { "m" } else { name });
        match kind.as_str() {
            "M" => attributes(inner, &format!("{name}."), found),
            "L" => {
                for value in inner.as_array().unwrap() {
                    attributes(&json!({"": value}), &format!("{name}[]"), found);
                }
            }
            kind => drop(found.insert(format!("{name} {kind}"))),
        }
    }
}

#[tokio::test]
async fn what_is_written_now_is_kept_as_a_file() {
    let written = write().await;
    let (name, newest) = files().pop().unwrap_or_default();
    if form(&written) == form(&newest) {
        return;
    }
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("written.json");
    fs::write(&made, serde_json::to_string_pretty(&written).unwrap() + "\n").unwrap();
    let (now, then) = (form(&written), form(&newest));
    let only = |of: &BTreeMap<String, BTreeSet<String>>, other: &BTreeMap<String, BTreeSet<String>>| {
        let kinds = of.iter().filter(|(kind, of)| other.get(*kind) != Some(of));
        kinds.map(|(kind, of)| (kind.clone(), of.clone())).collect::<Vec<_>>()
    };
    let differs = (only(&now, &then), only(&then, &now));
    panic!(
        "items are no longer written as in {name:?}. Is that meant? Then keep it too, as the next number in {:?}: it \
         was written to {made:?}; put made-up signing secrets into it. Leave the older files as they are: they are stored somewhere. What differs: {differs:#?}",
        folder()
    );
}
