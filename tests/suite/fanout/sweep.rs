//! The sweep: due deliveries are sent once, and again after a while where nothing was heard of them.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst},
    },
};

use domain::{
    RecordId,
    webhooks::{DeliveryTask, EventType},
};
use harness::{FAST, Fanning, Fault, SLOW, World, clock, endpoint, items, sample_event};
use serde_json::{Value, json};
use store::Claim;

const MINUTE: i64 = 60_000;

/// A schedule's event.
fn schedule() -> Value {
    json!({"version": "0", "source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})
}

/// Writes events with deliveries to so many endpoints, none of which gets its message.
async fn write_deliveries(world: &World, events: usize, endpoints: usize) {
    let mut webhooks = Vec::new();
    for _ in 0..endpoints {
        webhooks.push(endpoint(&world.store, world.organization, &[EventType::CallCompleted]).await);
    }
    for _ in 0..events {
        let event = sample_event(world.organization, EventType::CallCompleted, world.store.now());
        assert!(world.store.publish(&event, &webhooks).await.unwrap());
    }
}

/// A world, and its time in milliseconds. A sweep takes what is due of every organization.
async fn world() -> (World, Arc<AtomicI64>) {
    let (ms, clock) = clock("2026-02-24T21:00:00Z");
    (World::apart(clock).await, ms)
}

async fn sweep_twice_at_once(fanning: &Fanning) {
    let due = schedule();
    let (one, other) = tokio::join!(fanning.call(&due), fanning.call(&due));
    assert_eq!((one, other), (Ok(Value::Null), Ok(Value::Null)));
}

fn distinct(tasks: &[DeliveryTask]) -> usize {
    tasks.iter().map(|task| task.delivery_id).collect::<BTreeSet<_>>().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_that_are_due_two_sweeps_take_each_once() {
    let (world, ms) = world().await;
    let fanning = Fanning::new(&world).await;
    write_deliveries(&world, 20, 50).await;
    ms.fetch_add(15 * MINUTE - 1, SeqCst);
    sweep_twice_at_once(&fanning).await;
    assert_eq!(fanning.tasks(SLOW), [], "somebody may be at them still");
    ms.fetch_add(1, SeqCst);
    sweep_twice_at_once(&fanning).await;
    let tasks = fanning.tasks(SLOW);
    assert_eq!((tasks.len(), distinct(&tasks)), (1_000, 1_000));
    assert_eq!(fanning.tasks(FAST), []);
    sweep_twice_at_once(&fanning).await;
    assert_eq!(fanning.tasks(SLOW).len(), 1_000, "they are not due any more");
}

#[tokio::test]
async fn what_does_not_get_to_the_queue_is_due_again_after_a_while() {
    let (world, ms) = world().await;
    let fanning = Fanning::new(&world).await;
    write_deliveries(&world, 1, 25).await;
    ms.fetch_add(15 * MINUTE, SeqCst);
    let batches = AtomicUsize::new(0);
    world.wire.disturb(move |operation, _| match operation {
        "SendMessageBatch" if batches.fetch_add(1, SeqCst) == 1 => Fault::Timeout,
        _ => Fault::None,
    });
    let failed = fanning.call(&schedule()).await.unwrap_err();
    assert!(failed.starts_with("10 deliveries") || failed.starts_with("5 deliveries"), "{failed}");
    let sent = fanning.tasks(SLOW).len();
    assert_eq!(fanning.call(&schedule()).await, Ok(Value::Null));
    assert_eq!(fanning.tasks(SLOW).len(), sent);
    ms.fetch_add(15 * MINUTE, SeqCst);
    assert_eq!(fanning.call(&schedule()).await, Ok(Value::Null));
    let tasks = fanning.tasks(SLOW);
    assert_eq!((tasks.len(), distinct(&tasks)), (sent + 25, 25));
}

#[tokio::test]
async fn what_was_delivered_or_is_tried_by_another_is_not_brought_up() {
    let (world, ms) = world().await;
    let fanning = Fanning::new(&world).await;
    write_deliveries(&world, 1, 3).await;
    ms.fetch_add(15 * MINUTE, SeqCst);
    assert_eq!(fanning.call(&schedule()).await, Ok(Value::Null));
    let tasks = fanning.tasks(SLOW);
    let Claim::Yours(claimed) = world.store.claim(&tasks[0]).await.unwrap() else { panic!("it is free") };
    world.store.cancel(&claimed).await.unwrap();
    ms.fetch_add(15 * MINUTE, SeqCst);
    assert_eq!(fanning.call(&schedule()).await, Ok(Value::Null));
    let again: BTreeSet<RecordId> = fanning.tasks(SLOW)[3..].iter().map(|task| task.delivery_id).collect();
    assert_eq!(again, tasks[1..].iter().map(|task| task.delivery_id).collect());
}

#[tokio::test]
async fn one_that_does_not_read_holds_nothing_up_and_is_not_overlooked() {
    let (world, ms) = world().await;
    let fanning = Fanning::new(&world).await;
    write_deliveries(&world, 1, 20).await;
    let mut broken = items(&world, "Deliveries", world.organization).await.remove(0);
    broken.remove("webhook_id");
    world.put_item("Deliveries", broken.clone()).await;
    ms.fetch_add(15 * MINUTE, SeqCst);
    assert_eq!(fanning.call(&schedule()).await, Ok(Value::Null));
    assert_eq!(distinct(&fanning.tasks(SLOW)), 19);
    for task in fanning.tasks(SLOW) {
        let Claim::Yours(claimed) = world.store.claim(&task).await.unwrap() else { panic!("it is free") };
        world.store.cancel(&claimed).await.unwrap();
    }
    ms.fetch_add(15 * MINUTE, SeqCst);
    assert_eq!(fanning.call(&schedule()).await, Ok(Value::Null), "the log tells of it, and an alarm");
    let odd = world.store.unreadable("deliveries", Some(world.organization)).await.unwrap().unreadable;
    let (id, field) = (odd[0].id.as_deref(), odd[0].field.as_deref());
    assert_eq!((id, field), (broken["id"].as_s().ok().map(String::as_str), Some("webhook_id")));
}

#[tokio::test]
async fn a_sweep_fails_where_dynamodb_does_and_the_next_one_finds_everything() {
    let (world, ms) = world().await;
    let fanning = Fanning::new(&world).await;
    write_deliveries(&world, 1, 3).await;
    ms.fetch_add(15 * MINUTE, SeqCst);
    world.wire.disturb(|_, _| Fault::error(400, "AccessDeniedException"));
    let failed = fanning.call(&schedule()).await.unwrap_err();
    assert!(failed.starts_with("DynamoDB Query: AccessDeniedException"), "{failed}");
    world.wire.let_be();
    assert_eq!(fanning.call(&schedule()).await, Ok(Value::Null));
    assert_eq!(fanning.tasks(SLOW).len(), 3);
}

#[tokio::test]
async fn what_a_sweep_brings_up_the_stream_does_not_send_as_well() {
    let (world, ms) = world().await;
    let mut fanning = Fanning::new(&world).await;
    write_deliveries(&world, 1, 1).await;
    let made = fanning.changes("Deliveries").await;
    assert_eq!(made.len(), 1, "whose message gets lost");
    ms.fetch_add(15 * MINUTE, SeqCst);
    assert_eq!(fanning.call(&schedule()).await, Ok(Value::Null));
    assert_eq!(fanning.tasks(SLOW).len(), 1);
    let postponed = fanning.changes("Deliveries").await;
    assert_eq!((postponed.len(), fanning.hand(&postponed).await), (1, None));
    assert_eq!(fanning.tasks(FAST), []);
}
