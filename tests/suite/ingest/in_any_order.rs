//! The ingest promise: events shuffled, repeated and batched, with the function killed between any two
//! calls of DynamoDB and those calls failing, leave exactly the items that the events in order leave.

pub(crate) mod items;
pub(crate) mod runs;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lambda_events::sqs::SqsEvent;
use domain::{RecordId, Timestamp};
use harness::{Fault, World, body, ingest};
use ingest::Ingest;
use proptest::test_runner::{Config, TestRunner};
use rand::{Rng as _, SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tokio::sync::Notify;

use items::stored;
use runs::{Hours, PHONES, Run, Step, runs};

/// The number of calls of DynamoDB after which nothing more is disturbed, so that a run ends.
const DISTURBED_CALLS: usize = 250;

/// Disturbs the calls of DynamoDB: `killed` is told when the function is to end there and then.
fn disturb(world: &World, seed: u64, killed: &Arc<Notify>) {
    let killed = killed.clone();
    let random = Mutex::new((ChaCha8Rng::seed_from_u64(seed), 0));
    world.wire.disturb(move |operation, _| {
        let mut random = random.lock().unwrap();
        random.1 += 1;
        if random.1 > DISTURBED_CALLS {
            return Fault::None;
        }
        let conflict = || {
            let canceled = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"no",
                "CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}"#;
            Fault::Answer(400, canceled.to_owned())
        };
        match random.0.random_range(0..40) {
            0 => Fault::error(500, "InternalServerError"),
            1 => Fault::error(400, "ThrottlingException"),
            2 => Fault::Timeout,
            3 => Fault::LostAnswer,
            4 => Fault::error(400, "AccessDeniedException"),
            5 | 6 if operation == "TransactWriteItems" => conflict(),
            7 | 8 => Fault::Delay(Duration::from_millis(random.0.random_range(0..40))),
            nth @ 9..14 => Fault::kill(&killed, nth >= 11),
            _ => Fault::None,
        }
    });
}

/// A batch as Lambda hands it over.
fn batch(messages: &[(usize, Value)]) -> SqsEvent {
    let records = messages.iter().map(|(nth, event)| {
        json!({
            "messageId": nth.to_string(), "body": event.to_string(), "attributes": {"ApproximateReceiveCount": "1"},
        })
    });
    serde_json::from_value(json!({"Records": records.collect::<Vec<_>>()})).unwrap()
}

/// Delivers messages until each was carried out; returns how often the function was killed.
async fn deliver(ingest: &Ingest, mut queue: VecDeque<(usize, Value)>, seed: u64, killed: &Notify) -> usize {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut kills = 0;
    while !queue.is_empty() {
        // Two at once, so that they meet in the tables.
        let mut take = || -> Vec<(usize, Value)> {
            let size = random.random_range(1..=4).min(queue.len());
            queue.drain(..size).collect()
        };
        let (one, other) = (take(), take());
        let both = async { tokio::join!(ingest.handle(batch(&one)), ingest.handle(batch(&other))) };
        let failed: Option<Vec<String>> = tokio::select! {
            (one, other) = both => {
                let failures = one.batch_item_failures.into_iter().chain(other.batch_item_failures);
                Some(failures.map(|failure| failure.item_identifier).collect())
            }
            () = killed.notified() => None,
        };
        kills += usize::from(failed.is_none());
        let again = one
            .into_iter()
            .chain(other)
            .filter(|(nth, _)| failed.as_ref().is_none_or(|failed| failed.contains(&nth.to_string())));
        queue.extend(again);
    }
    kills
}

async fn keeps_the_promise(run: Run) -> usize {
    let world = World::new().await;
    let (in_order, _) = world.stranger().await;
    let mut events = run.events(in_order);
    events.sort_by_key(|event| (event["occurred_at"].to_string(), event["event_id"].to_string()));
    for event in &events {
        world.store.apply(&body(event)).await.unwrap();
    }

    let mut random = ChaCha8Rng::seed_from_u64(run.seed);
    let mut messages = run.events(world.organization);
    let repeated: Vec<Value> = messages.iter().filter(|_| random.random_bool(0.5)).cloned().collect();
    messages.extend(repeated);
    messages.shuffle(&mut random);
    let killed = Arc::new(Notify::new());
    disturb(&world, run.seed, &killed);
    let ingest = ingest(&world.store, "http://127.0.0.1:9", u32::MAX);
    let kills = deliver(&ingest, messages.into_iter().enumerate().collect(), run.seed, &killed).await;
    world.wire.let_be();

    let (found, expected) = (stored(&world, world.organization).await, stored(&world, in_order).await);
    for (name, item) in &expected {
        assert_eq!(found.get(name), Some(item), "{name} in {run:?}");
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{run:?}");
    rules_hold(&expected, &run);
    kills
}

/// Checks the reference itself against the steps, without our code.
fn rules_hold(stored: &BTreeMap<String, Value>, run: &Run) {
    let mut steps: Vec<(usize, &Step)> = run.steps.iter().enumerate().collect();
    steps.sort_by_key(|(nth, step)| (step.second, format!("e{nth}")));
    let knows = |step: &Step, bit: u8| step.knows & (1 << bit) != 0;
    for (nth, phone) in PHONES.iter().enumerate() {
        let named =
            |step: &Step| steps.iter().any(|(_, other)| other.call == step.call && other.phone == Some(nth));
        let of_phone: Vec<_> = steps.iter().filter(|(_, step)| named(step)).collect();
        let is_last_number = |call: u128| {
            let last = steps.iter().rfind(|(_, step)| step.call == call && step.phone.is_some());
            last.is_some_and(|(_, step)| step.phone == Some(nth))
        };
        let Some(contact) = stored.get(&format!("Contacts {phone}")) else {
            assert!(of_phone.is_empty(), "{run:?}");
            continue;
        };
        let total = (1..4).filter(|call| is_last_number(*call)).count();
        assert_eq!(contact["total_calls"], json!(total.to_string()), "{run:?}");
        let first = of_phone.iter().find(|(_, step)| knows(step, 0)).map(|(nth, _)| format!("Caller {nth}"));
        assert_eq!(contact.get("name").and_then(Value::as_str), first.as_deref(), "{run:?}");
        let called_at = |call: u128| {
            let of_call = || steps.iter().filter(move |(_, step)| step.call == call);
            let started = of_call().rfind(|(_, step)| knows(step, 6));
            let newest = of_call().next_back().map(|(_, step)| step.at());
            let at = started.map(|(nth, step)| step.started_at(*nth)).or(newest)?;
            Timestamp::parse(&at)
        };
        let last = (1..4).filter(|call| is_last_number(*call)).filter_map(called_at).max();
        assert_eq!(contact.get("last_call_at").cloned(), last.map(|last| json!(last)), "{run:?}");
    }
    appointments_fit(stored, &steps, run);
    for call in 1..4 {
        let id = RecordId::from_u128(call).derived("lead");
        let Some(lead) = stored.get(&format!("Leads {id}")) else { continue };
        let newest = steps.iter().rfind(|(_, step)| step.call == call && knows(step, 2));
        let summary = newest.map(|(nth, _)| format!("Summary {nth}"));
        assert_eq!(lead.get("call_summary").and_then(Value::as_str), summary.as_deref(), "{run:?}");
    }
}

/// Checks that appointments have the beginning and the end that were told last, or only the newer one where
/// they do not fit.
fn appointments_fit(stored: &BTreeMap<String, Value>, steps: &[(usize, &Step)], run: &Run) {
    for call in 1..4 {
        let id = RecordId::from_u128(call).derived("appointment");
        let Some(appointment) = stored.get(&format!("Appointments {id}")) else { continue };
        let told = |what: fn(&Hours) -> Option<u32>| {
            let mut of_call = steps.iter().enumerate().filter(|(_, (_, step))| step.call == call);
            of_call
                .rfind(|(_, (_, step))| step.books().as_ref().and_then(what).is_some())
                .and_then(|(place, (_, step))| Some((place, step.books().as_ref().and_then(what)?)))
        };
        let (mut start, mut end) = (told(|books| books.0), told(|books| books.1));
        if let (Some((begun, starts)), Some((ended, ends))) = (start, end)
            && ends < starts
        {
            *(if begun < ended { &mut start } else { &mut end }) = None;
        }
        for (field, hour) in [("appointment_time_start", start), ("appointment_time_end", end)] {
            let expected = hour.map(|(_, hour)| format!("2026-03-01T{hour:02}:00:00Z"));
            assert_eq!(appointment.get(field).and_then(Value::as_str), expected.as_deref(), "{run:?}");
        }
    }
}

#[test]
fn any_order_repetition_failure_and_death_end_in_the_same_items() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let kills = std::cell::Cell::new(0);
    let outcome = runner.run(&runs(), |run| {
        kills.set(kills.get() + runtime.block_on(keeps_the_promise(run)));
        Ok(())
    });
    outcome.unwrap();
    assert!(kills.get() > 40, "else the property would be about luck: {}", kills.get());
}
