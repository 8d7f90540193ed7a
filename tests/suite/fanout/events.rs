//! Events of what voice events change: each is published once, to every endpoint that wanted it then.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use domain::{
    OrganizationId, RecordId,
    webhooks::{DeliveryTask, EventType, Webhook, WebhookPatch, WebhookStatus},
};
use harness::{FAST, Fanning, Fault, World, call, call_event, endpoint, items, lead};
use serde_json::{Value, json};

use crate::ingest::records::apply;

pub(crate) const ALL: [EventType; 5] = [
    EventType::CallCompleted,
    EventType::CallTransferred,
    EventType::AppointmentBooked,
    EventType::LeadCreated,
    EventType::WebhookDisabled,
];

/// The last event of a call that was handed over, with a lead and an appointment: four things to tell.
pub(crate) fn busy_call(organization: OrganizationId, call: RecordId) -> Value {
    let mut event = call_event(organization, call, "2026-02-24T21:00:00Z");
    event["call"]["status"] = "completed".into();
    event["call"]["caller_name"] = "Dave".into();
    event["call"]["transfer_status"] = "completed".into();
    event["lead"] = json!({"interest": "body work"});
    event["appointment"] = json!({"date": "2026-02-25"});
    event
}

/// How many deliveries each event has that an organization was told.
async fn published(world: &World, organization: OrganizationId) -> BTreeMap<String, usize> {
    let text = |item: &harness::Item, name: &str| item[name].as_s().unwrap().clone();
    let events = items(world, "Events", organization).await;
    let names = events.iter().map(|event| (text(event, "id"), text(event, "event")));
    let names: BTreeMap<String, String> = names.collect();
    let mut published: BTreeMap<String, usize> = names.values().map(|name| (name.clone(), 0)).collect();
    assert_eq!(published.len(), names.len(), "each event once");
    for delivery in items(world, "Deliveries", organization).await {
        *published.get_mut(&names[&text(&delivery, "event_id")]).unwrap() += 1;
    }
    published
}

pub(crate) async fn ids(world: &World, table: &str, organization: OrganizationId) -> BTreeSet<String> {
    let items = items(world, table, organization).await;
    items.iter().map(|item| item["id"].as_s().unwrap().clone()).collect()
}

fn counts(expected: &[(EventType, usize)]) -> BTreeMap<String, usize> {
    expected.iter().map(|(event, count)| (event.as_str().to_owned(), *count)).collect()
}

#[tokio::test]
async fn each_event_of_a_call_goes_once_to_each_endpoint_that_wants_it() {
    use EventType::{AppointmentBooked, CallCompleted, CallTransferred, LeadCreated};
    let world = World::new().await;
    let (organization, call) = (world.organization, RecordId::random());
    let mut fanning = Fanning::new(&world).await;
    let first = endpoint(&world.store, organization, &ALL).await;
    endpoint(&world.store, organization, &[CallCompleted, LeadCreated]).await;
    let silent = endpoint(&world.store, organization, &ALL).await;
    let disabled = WebhookPatch { status: Some(WebhookStatus::Disabled), ..WebhookPatch::default() };
    world.store.changes::<Webhook>(organization).change(silent.id, disabled).await.unwrap();
    let (stranger, _) = world.stranger().await;
    endpoint(&world.store, stranger, &ALL).await;

    apply(&world, &call_event(organization, call, "2026-02-24T20:59:00Z")).await;
    fanning.follow().await;
    assert_eq!(published(&world, organization).await, counts(&[]), "it has only begun");
    apply(&world, &busy_call(organization, call)).await;
    fanning.follow().await;
    let expected = [(AppointmentBooked, 1), (CallCompleted, 2), (CallTransferred, 1), (LeadCreated, 2)];
    assert_eq!(published(&world, organization).await, counts(&expected));
    let deliveries = ids(&world, "Deliveries", organization).await;
    let tasks: BTreeSet<String> =
        fanning.tasks(FAST).iter().map(|task| task.delivery_id.to_string()).collect();
    assert_eq!((tasks, fanning.tasks(FAST).len()), (deliveries, 6));

    let completed = call.derived("call.completed");
    let event = world.store.event(organization, completed).await.unwrap().unwrap();
    let delivery_id = event.delivery_id(first.id);
    let expected =
        DeliveryTask { organization_id: organization, webhook_id: first.id, delivery_id, number: 0 };
    assert!(fanning.tasks(FAST).contains(&expected));
    let body: Value = serde_json::from_str(&event.body(delivery_id)).unwrap();
    let expected = json!({
        "event": "call.completed", "timestamp": event.created_at.fixed_width(), "organization_id": organization,
        "delivery_id": delivery_id,
        "data": {
            "call_id": call, "caller_phone": "+14155550101", "caller_name": "Dave", "caller_email": null,
            "duration_seconds": null, "summary": null, "intent": null, "urgency": null, "recording_url": null,
            "started_at": null, "ended_at": null,
        },
    });
    assert_eq!(body, expected);

    // What an event adds later is no news.
    let mut later = call_event(organization, call, "2026-02-24T22:00:00Z");
    later["call"]["status"] = "completed".into();
    later["call"]["summary"] = "A quote.".into();
    apply(&world, &later).await;
    fanning.follow().await;
    assert_eq!((ids(&world, "Deliveries", organization).await.len(), fanning.tasks(FAST).len()), (6, 6));
    assert_eq!(published(&world, stranger).await, counts(&[]));
}

#[tokio::test]
async fn a_replayed_batch_tells_nothing_again_nor_anything_to_endpoints_that_came_later() {
    let world = World::new().await;
    let (organization, call) = (world.organization, RecordId::random());
    let mut fanning = Fanning::new(&world).await;
    let one = endpoint(&world.store, organization, &ALL).await;
    apply(&world, &busy_call(organization, call)).await;
    let mut batches = Vec::new();
    for table in ["Calls", "Leads", "Appointments"] {
        batches.push(fanning.changes(table).await);
    }
    for batch in &batches {
        assert_eq!((batch.len(), fanning.hand(batch).await), (1, None));
    }
    let before = items(&world, "Events", organization).await;
    endpoint(&world.store, organization, &ALL).await;
    let twice: Vec<Value> =
        batches.iter().flat_map(|batch| [batch.clone(), batch.clone()].concat()).collect();
    assert_eq!(fanning.hand(&twice).await, None, "whatever tables they are of");
    let deliveries = items(&world, "Deliveries", organization).await;
    assert_eq!(deliveries.len(), 4);
    assert!(deliveries.iter().all(|delivery| delivery["webhook_id"].as_s() == Ok(&one.id.to_string())));
    assert_eq!(items(&world, "Events", organization).await.len(), before.len());
    assert!(before.iter().all(|event| event.contains_key("created_at")));

    let sent = fanning.changes("Deliveries").await;
    for _ in 0..2 {
        assert_eq!(fanning.hand(&sent).await, None);
    }
    let tasks = fanning.tasks(FAST);
    let distinct: BTreeSet<RecordId> = tasks.iter().map(|task| task.delivery_id).collect();
    assert_eq!((tasks.len(), distinct.len()), (8, 4), "a message twice is harmless, a delivery is not");
    let first = world.store.claim(&tasks[0]).await.unwrap();
    assert!(matches!(first, store::Claim::Yours(_)), "{first:?}");
    let claimed = fanning.changes("Deliveries").await;
    assert_eq!((claimed.len(), fanning.hand(&claimed).await), (1, None));
    assert_eq!(fanning.tasks(FAST).len(), 8, "what is under way is not sent again");
}

#[tokio::test]
async fn a_batch_serves_many_organizations_and_fifty_endpoints_each_in_its_own_group() {
    let world = World::new().await;
    let mut fanning = Fanning::new(&world).await;
    let mut organizations = vec![world.organization];
    for _ in 0..4 {
        let (stranger, _) = world.stranger().await;
        fanning.also(stranger);
        organizations.push(stranger);
    }
    for (nth, organization) in organizations.iter().enumerate() {
        for _ in 0..[50, 0, 1, 2, 3][nth] {
            endpoint(&world.store, *organization, &[EventType::CallCompleted]).await;
        }
        for _ in 0..2 {
            apply(&world, &busy_call(*organization, RecordId::random())).await;
        }
    }
    let calls = fanning.changes("Calls").await;
    let _ = world.wire.take_calls();
    assert_eq!((calls.len(), fanning.hand(&calls).await), (10, None));
    let mut called = world.wire.take_calls();
    called.sort();
    called.dedup_by_key(|operation| operation.clone());
    assert_eq!(called, ["Query", "TransactWriteItems"]);
    for (organization, endpoints) in organizations.iter().zip([50, 0, 1, 2, 3]) {
        assert_eq!(ids(&world, "Deliveries", *organization).await.len(), 2 * endpoints);
        assert_eq!(ids(&world, "Events", *organization).await.len(), 4);
    }

    let sent = Arc::new(Mutex::new(Vec::<Value>::new()));
    let seen = sent.clone();
    world.wire.disturb(move |operation, body| {
        if operation == "SendMessageBatch" {
            seen.lock().unwrap().extend(body["Entries"].as_array().unwrap().iter().cloned());
        }
        Fault::None
    });
    fanning.follow().await;
    let sent = sent.lock().unwrap();
    assert_eq!(sent.len(), 112);
    for message in &*sent {
        let task: DeliveryTask = serde_json::from_str(message["MessageBody"].as_str().unwrap()).unwrap();
        assert_eq!(message["MessageGroupId"], json!(task.organization_id));
    }
    assert_eq!(fanning.tasks(FAST).len(), 112);
}

#[tokio::test]
async fn endpoints_are_read_once_for_an_organization_of_a_batch() {
    let world = World::new().await;
    let mut fanning = Fanning::new(&world).await;
    endpoint(&world.store, world.organization, &ALL).await;
    for _ in 0..20 {
        apply(&world, &busy_call(world.organization, RecordId::random())).await;
    }
    let calls = fanning.changes("Calls").await;
    let _ = world.wire.take_calls();
    assert_eq!(fanning.hand(&calls).await, None);
    let called = world.wire.take_calls();
    let of = |name: &str| called.iter().filter(|operation| *operation == name).count();
    assert_eq!((of("Query"), of("TransactWriteItems")), (1, 40), "{called:?}");
}

#[tokio::test]
async fn an_endpoint_that_we_disable_is_told_to_the_others() {
    let world = World::new().await;
    let organization = world.organization;
    let mut fanning = Fanning::new(&world).await;
    let gone = endpoint(&world.store, organization, &ALL).await;
    let watching = endpoint(&world.store, organization, &[EventType::WebhookDisabled]).await;
    let own = endpoint(&world.store, organization, &ALL).await;
    let disabled = WebhookPatch { status: Some(WebhookStatus::Disabled), ..WebhookPatch::default() };
    world.store.changes::<Webhook>(organization).change(own.id, disabled).await.unwrap();
    fanning.follow().await;
    assert_eq!(published(&world, organization).await, counts(&[]), "its owner knows");
    let endpoint = world.store.delivery_endpoint(organization, gone.id).await.unwrap().unwrap();
    assert!(world.store.disable_gone(&endpoint).await.unwrap());
    fanning.follow().await;
    assert_eq!(published(&world, organization).await, counts(&[(EventType::WebhookDisabled, 1)]));
    let tasks = fanning.tasks(FAST);
    assert_eq!((tasks.len(), tasks[0].webhook_id), (1, watching.id));
}

#[tokio::test]
async fn imports_and_deletions_tell_nothing() {
    let world = World::new().await;
    let mut fanning = Fanning::new(&world).await;
    let gone = endpoint(&world.store, world.organization, &ALL).await;
    endpoint(&world.store, world.organization, &ALL).await;
    let imported = call("2026-02-24T20:59:00Z");
    world.import("calls", std::slice::from_ref(&imported)).await;
    world.import("leads", &[lead("2026-02-24T20:59:00Z")]).await;
    world.store.changes::<Webhook>(world.organization).delete(gone.id).await.unwrap();
    let removed = fanning.changes("Webhooks").await;
    assert_eq!(removed.last().unwrap()["eventName"], "REMOVE");
    assert_eq!(fanning.hand(&removed).await, None);
    // A voice event about an imported call: it was completed all the time.
    let mut event = busy_call(world.organization, serde_json::from_value(imported["id"].clone()).unwrap());
    event["lead"].take();
    event["appointment"].take();
    event["call"]["transfer_status"].take();
    apply(&world, &event).await;
    fanning.follow().await;
    assert_eq!(published(&world, world.organization).await, counts(&[]));
}
