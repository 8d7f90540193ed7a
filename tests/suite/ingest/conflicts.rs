//! Voice events that meet in the same records: none is lost, and none is carried out on stale ones.

use domain::RecordId;
use harness::{Fault, World, body, call_event};
use serde_json::{Value, json};
use store::NotApplied;

use crate::{
    ingest::in_any_order::{items::stored, runs::random_text},
    ingest::records::{apply, only},
};

#[tokio::test]
async fn transactions_in_conflict_are_tried_again_until_others_are_done() {
    let world = World::new().await;
    let conflict = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"canceled",
        "CancellationReasons":[{"Code":"TransactionConflict"},{"Code":"None"}]}"#;
    world.wire.fail("TransactWriteItems", 6, || Fault::Answer(400, conflict.to_owned()));
    assert!(apply(&world, &call_event(world.organization, RecordId::random(), "2026-02-24T21:00:00Z")).await);
}

#[tokio::test]
async fn as_many_calls_of_one_caller_at_once_as_batches_run_are_all_counted() {
    let world = World::new().await;
    let calls = (0..20).map(|_| {
        let event = call_event(world.organization, RecordId::random(), "2026-02-24T21:00:00Z");
        let store = world.store.clone();
        tokio::spawn(async move { store.apply(&body(&event)).await })
    });
    for call in calls.collect::<Vec<_>>() {
        let outcome = call.await.unwrap();
        assert!(matches!(outcome, Ok(true)), "{outcome:?}");
    }
    assert_eq!(only(&world, "contacts").await["total_calls"], 20);
}

#[tokio::test]
async fn what_was_replaced_is_deleted_though_it_could_not_be_at_first() {
    let world = World::new().await;
    let call = RecordId::random();
    let said = |at: &str, seed: u64, bytes: usize| {
        let mut event = call_event(world.organization, call, at);
        let content = random_text(seed, bytes);
        event["call"]["messages"] = json!([{"role": "user", "content": content, "timestamp": null}]);
        event
    };
    let (small, large) = (100 * 1024, 700 * 1024);
    apply(&world, &said("2026-02-24T21:00:00Z", 1, large)).await;
    let newer = said("2026-02-24T21:00:01Z", 2, small);
    world.wire.disturb(|operation, _| match operation {
        "DeleteItem" => Fault::error(400, "AccessDeniedException"),
        _ => Fault::None,
    });
    let failed = world.store.apply(&body(&newer)).await;
    assert!(matches!(failed, Err(NotApplied::Failed(_))), "so the event comes again: {failed:?}");
    world.wire.let_be();
    assert!(!apply(&world, &newer).await, "it was carried out before");

    let stored = stored(&world, world.organization).await;
    let conversation: Vec<_> = stored.iter().filter(|(name, _)| name.starts_with("CallMessages")).collect();
    assert_eq!(conversation.len(), 2, "a head and one piece: {conversation:?}");
    assert!(conversation.iter().all(|(_, item)| item.get("former_version").is_none()), "{conversation:?}");
}

/// Carries out an event whose transaction waits until another event has been carried out.
async fn overtaken(world: &World, slow: &Value, meanwhile: &Value) {
    let (held, go) = tokio::sync::oneshot::channel::<()>();
    let (reached, is_there) = tokio::sync::oneshot::channel::<()>();
    let hold = std::sync::Mutex::new(Some((reached, go)));
    world.wire.disturb(move |operation, _| {
        match (operation == "TransactWriteItems").then(|| hold.lock().unwrap().take()).flatten() {
            Some((reached, go)) => {
                reached.send(()).unwrap();
                Fault::After(Box::pin(async { go.await.unwrap() }))
            }
            None => Fault::None,
        }
    });
    let other = async {
        is_there.await.unwrap();
        apply(world, meanwhile).await;
        held.send(()).unwrap();
    };
    tokio::join!(apply(world, slow), other);
    world.wire.let_be();
}

#[tokio::test]
async fn a_lead_follows_its_call_whichever_of_two_writers_is_overtaken() {
    for lead_is_slow in [true, false] {
        let world = World::new().await;
        let call = RecordId::random();
        let event = |at: &str, summary: Option<&str>| {
            let mut event = call_event(world.organization, call, at);
            event["call"]["summary"] = json!(summary);
            event
        };
        apply(&world, &event("2026-02-24T21:00:05Z", Some("A quote."))).await;
        // It knows nothing of the call that is new, but makes a lead that repeats the call's summary.
        let mut makes_lead = event("2026-02-24T21:00:04Z", None);
        makes_lead["lead"] = json!({"status": "new"});
        let changes_call = event("2026-02-24T21:00:06Z", Some("A complaint."));
        match lead_is_slow {
            true => overtaken(&world, &makes_lead, &changes_call).await,
            false => overtaken(&world, &changes_call, &makes_lead).await,
        }
        assert_eq!(only(&world, "leads").await["call_summary"], "A complaint.", "slow lead: {lead_is_slow}");
    }
}
