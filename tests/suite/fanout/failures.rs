//! Failures of fanout, wherever it is killed: each event is published once, and no record holds up the others.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{OrganizationId, RecordId, webhooks::EventType};
use harness::{FAST, Fanning, Fault, World, call_event, endpoint};
use serde_json::{Value, json};

use crate::{
    fanout::events::{ALL, busy_call, ids},
    ingest::records::apply,
};

/// Finished calls of an organization, as many as asked for.
async fn finish_calls(world: &World, organization: OrganizationId, count: usize) {
    for _ in 0..count {
        let mut event = call_event(organization, RecordId::random(), "2026-02-24T21:00:00Z");
        event["call"]["status"] = "completed".into();
        apply(world, &event).await;
    }
}

/// A world with an endpoint, and what finished calls have written, as many as asked for.
async fn with_finished_calls(count: usize) -> (World, Fanning, Vec<Value>) {
    let world = World::new().await;
    let mut fanning = Fanning::new(&world).await;
    endpoint(&world.store, world.organization, &ALL).await;
    finish_calls(&world, world.organization, count).await;
    let calls = fanning.changes("Calls").await;
    (world, fanning, calls)
}

/// One run, in which the function is killed at one of its calls; returns whether it came to that.
async fn survives_being_killed(nth: usize, arrives: bool) -> bool {
    let world = World::new().await;
    let mut fanning = Fanning::new(&world).await;
    for _ in 0..2 {
        endpoint(&world.store, world.organization, &ALL).await;
    }
    apply(&world, &busy_call(world.organization, RecordId::random())).await;
    finish_calls(&world, world.organization, 1).await;
    let kill = world.wire.kill_at(nth, arrives);
    for table in ["Calls", "Leads", "Appointments", "Deliveries"] {
        let batch = fanning.changes(table).await;
        // Lambda hands it over once more, whole.
        let answer = match kill.unless_killed(fanning.hand(&batch)).await {
            Some(answer) => answer,
            None => fanning.hand(&batch).await,
        };
        assert_eq!(answer, None, "{table}");
    }
    let was_killed = kill.calls() > nth;
    world.wire.let_be();
    let events = ids(&world, "Events", world.organization).await;
    let deliveries = ids(&world, "Deliveries", world.organization).await;
    assert_eq!((events.len(), deliveries.len()), (5, 10), "killed at {nth}");
    let tasks = fanning.tasks(FAST);
    let sent: BTreeSet<String> = tasks.iter().map(|task| task.delivery_id.to_string()).collect();
    assert_eq!(sent, deliveries, "killed at {nth}");
    was_killed
}

#[tokio::test]
async fn killed_at_any_call_it_has_told_everything_once_in_the_end() {
    for arrives in [false, true] {
        let mut nth = 0;
        while survives_being_killed(nth, arrives).await {
            nth += 1;
        }
        // Of endpoints: one query a table. Five events, and one batch of ten messages.
        assert_eq!(nth, 3 + 5 + 1);
    }
}

#[tokio::test]
async fn what_the_queue_does_not_take_comes_again_from_the_first_of_it() {
    let (world, mut fanning, calls) = with_finished_calls(25).await;
    assert_eq!(fanning.hand(&calls).await, None);
    let deliveries = fanning.changes("Deliveries").await;
    assert_eq!(deliveries.len(), 25);
    let refused =
        |name: &'static str| Fault::Answer(500, format!(r#"{{"__type":"com.amazonaws.sqs#{name}"}}"#));
    world.wire.disturb(move |_, _| refused("InternalError"));
    assert_eq!(fanning.hand(&deliveries).await, Some(0));
    let batches = AtomicUsize::new(0);
    world.wire.disturb(move |_, _| match batches.fetch_add(1, SeqCst) {
        1 => Fault::Timeout,
        _ => Fault::None,
    });
    assert_eq!(fanning.hand(&deliveries).await, Some(10), "of three batches the second got lost");
    assert_eq!(fanning.tasks(FAST).len(), 15);

    // SQS takes a part of the first batch, and says so.
    let batches = AtomicUsize::new(0);
    world.wire.disturb(move |_, body| {
        if batches.fetch_add(1, SeqCst) > 0 {
            return Fault::None;
        }
        let entries = body["Entries"].as_array().unwrap().iter();
        let (mut taken, mut failed) = (Vec::new(), Vec::new());
        for (nth, entry) in entries.enumerate() {
            match nth {
                3 | 7 => {
                    failed.push(json!({"Id": entry["Id"], "Code": "InternalError", "SenderFault": false}))
                }
                _ => taken.push(json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "-"})),
            }
        }
        Fault::Answer(200, json!({"Successful": taken, "Failed": failed}).to_string())
    });
    assert_eq!(fanning.hand(&deliveries).await, Some(3));
    world.wire.let_be();
    assert_eq!(fanning.hand(&deliveries[3..]).await, None);
    let distinct: BTreeSet<RecordId> = fanning.tasks(FAST).iter().map(|task| task.delivery_id).collect();
    assert_eq!(distinct.len(), 25);
}

#[tokio::test]
async fn what_dynamodb_refuses_for_a_while_comes_again_from_the_first_of_it() {
    let (world, fanning, calls) = with_finished_calls(5).await;
    let third = calls[2]["dynamodb"]["Keys"]["id"]["S"].as_str().unwrap().parse::<RecordId>().unwrap();
    let third = third.derived("call.completed").to_string();
    let of_third = third.clone();
    world.wire.disturb(move |_, body| match body.to_string().contains(&of_third) {
        true => Fault::error(400, "AccessDeniedException"),
        false => Fault::None,
    });
    assert_eq!(fanning.hand(&calls).await, Some(2));
    let published = ids(&world, "Events", world.organization).await;
    assert!(published.len() == 4 && !published.contains(&third), "the others are done");
    world.wire.disturb(|_, _| Fault::error(500, "InternalServerError"));
    assert_eq!(fanning.hand(&calls).await, Some(0));
    world.wire.let_be();
    assert_eq!(fanning.hand(&calls[2..]).await, None);
    assert_eq!(ids(&world, "Events", world.organization).await.len(), 5);
    assert_eq!(fanning.dead_letters(), []);
}

#[tokio::test]
async fn what_happened_to_a_record_later_waits_for_what_happened_to_it_first() {
    let world = World::new().await;
    let mut fanning = Fanning::new(&world).await;
    endpoint(&world.store, world.organization, &ALL).await;
    let call = RecordId::random();
    let mut event = call_event(world.organization, call, "2026-02-24T21:00:00Z");
    event["call"]["status"] = "completed".into();
    apply(&world, &event).await;
    let mut later = call_event(world.organization, call, "2026-02-24T21:00:01Z");
    later["call"]["transfer_status"] = "completed".into();
    apply(&world, &later).await;
    finish_calls(&world, world.organization, 1).await;
    let calls = fanning.changes("Calls").await;
    let [completed, transferred] =
        ["call.completed", "call.transferred"].map(|event| call.derived(event).to_string());
    world.wire.disturb(move |_, body| match body.to_string().contains(&completed) {
        true => Fault::error(400, "AccessDeniedException"),
        false => Fault::None,
    });
    assert_eq!((calls.len(), fanning.hand(&calls).await), (3, Some(0)));
    let published = ids(&world, "Events", world.organization).await;
    assert!(published.len() == 1 && !published.contains(&transferred), "{published:?}");
    world.wire.let_be();
    assert_eq!(fanning.hand(&calls).await, None);
    assert_eq!(ids(&world, "Events", world.organization).await.len(), 3);
}

#[tokio::test]
async fn what_will_never_be_carried_out_is_parked_whole_among_the_others() {
    let (world, fanning, mut calls) = with_finished_calls(8).await;
    calls[1]["dynamodb"]["NewImage"]["caller_name"] = json!({"X": "no such type"});
    calls[2]["dynamodb"].as_object_mut().unwrap().remove("NewImage");
    calls[3]["eventSourceARN"] = "arn:aws:dynamodb:local:0:table/Other-Calls/stream/1".into();
    calls[4] = json!({"dynamodb": {"SequenceNumber": "100000000000000000009", "said": "\u{fffe}"}});
    calls[5]["dynamodb"]["NewImage"]["id"] = json!({"S": "no id"});
    calls[6]["dynamodb"]["NewImage"]["organization_id"] = json!({"S": "nobody"});
    let before = calls.clone();
    assert_eq!(fanning.hand(&calls).await, None);
    let mut dead_letters = fanning.dead_letters();
    assert!(dead_letters.iter().all(|(kind, _)| kind == "unreadable_record"), "{dead_letters:?}");
    dead_letters.sort_by_key(|(_, record)| record["dynamodb"]["SequenceNumber"].to_string());
    let mut expected = before[1..=6].to_vec();
    expected.sort_by_key(|record| record["dynamodb"]["SequenceNumber"].to_string());
    assert_eq!(dead_letters.into_iter().map(|(_, record)| record).collect::<Vec<_>>(), expected);
    assert_eq!(ids(&world, "Events", world.organization).await.len(), 2);

    // Nor is it lost where the queue does not take it.
    world.wire.disturb(|operation, _| match operation {
        "SendMessage" => Fault::Timeout,
        _ => Fault::None,
    });
    assert_eq!(fanning.hand(&calls).await, Some(1));
}

#[tokio::test]
async fn a_record_that_crashes_the_function_takes_no_other_down() {
    let (world, fanning, calls) = with_finished_calls(3).await;
    let second = calls[1]["dynamodb"]["Keys"]["id"]["S"].as_str().unwrap().parse::<RecordId>().unwrap();
    let second = second.derived("call.completed").to_string();
    world.wire.disturb(move |_, body| {
        assert!(!body.to_string().contains(&second), "injected");
        Fault::None
    });
    assert_eq!(fanning.hand(&calls).await, None);
    assert_eq!(fanning.dead_letters(), [("crashed".to_owned(), calls[1].clone())]);
    assert_eq!(ids(&world, "Events", world.organization).await.len(), 2);
}

#[tokio::test]
async fn a_delivery_that_does_not_read_is_parked_and_an_answer_to_one_is_none() {
    let (world, mut fanning, calls) = with_finished_calls(2).await;
    assert_eq!(fanning.hand(&calls).await, None);
    let mut deliveries = fanning.changes("Deliveries").await;
    deliveries[0]["dynamodb"]["NewImage"]["number"] = json!({"S": "none"});
    let answer =
        json!({"organization_id": {"S": world.organization}, "id": {"S": "1#1"}, "answer": {"S": "thanks"}});
    let mut kept = deliveries[1].clone();
    kept["dynamodb"]["NewImage"] = answer;
    deliveries.push(kept);
    assert_eq!(fanning.hand(&deliveries).await, None);
    assert_eq!((fanning.dead_letters().len(), fanning.tasks(FAST).len()), (1, 1));
}

#[tokio::test]
async fn an_endpoint_that_does_not_read_keeps_the_others_from_nothing() {
    let world = World::new().await;
    let mut fanning = Fanning::new(&world).await;
    let healthy = endpoint(&world.store, world.organization, &[EventType::CallCompleted]).await;
    let broken = endpoint(&world.store, world.organization, &[EventType::CallCompleted]).await;
    world.set_attribute("Webhooks", &broken.id.to_string(), "url", AttributeValue::Null(true)).await;
    finish_calls(&world, world.organization, 1).await;
    fanning.follow().await;
    let tasks = fanning.tasks(FAST);
    assert_eq!((tasks.len(), tasks[0].webhook_id), (1, healthy.id));
}

#[tokio::test]
async fn an_event_that_is_none_fails_and_an_empty_batch_does_not() {
    let world = World::new().await;
    let fanning = Fanning::new(&world).await;
    for event in [json!({}), json!({"source": "aws.s3"}), json!({"Records": null})] {
        assert!(fanning.call(&event).await.is_err(), "{event}");
    }
    assert_eq!(fanning.call(&json!({"Records": []})).await.unwrap()["batchItemFailures"], json!([]));
}
