//! The ingest promise: events shuffled, repeated and batched, with the function killed between any two
//! calls of DynamoDB and those calls failing, leave exactly the items that the events in order leave.

pub(crate) mod items;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lambda_events::sqs::SqsEvent;
use domain::{OrganizationId, RecordId, Timestamp};
use harness::{Fault, World, body, call_event, ingest, status_event};
use ingest::Ingest;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use rand::{Rng as _, SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tokio::sync::Notify;

use items::stored;

const PHONES: [&str; 3] = ["+14155550101", "+14155550102", "+14155550103"];
const STATUSES: [&str; 5] = ["in-progress", "forwarding", "completed", "failed", "blocked"];
const LEADS: [&str; 3] = ["contacted", "qualified", "lost"];
/// After so many calls of DynamoDB nothing more is disturbed, so that a run ends.
const DISTURBED_CALLS: usize = 250;

/// The hours at which an appointment begins and ends.
type Hours = (Option<u32>, Option<u32>);

/// A step of one of a few calls.
#[derive(Clone, Debug)]
struct Step {
    call: u128,
    second: u32,
    phone: Option<usize>,
    status: usize,
    /// Each bit is a field that this step knows.
    knows: u8,
    lead: Option<Option<usize>>,
    /// The hours at which an appointment begins and ends, as far as this step knows them.
    books: Option<Hours>,
    /// How many kilobytes were said.
    said: usize,
}

#[derive(Clone, Debug)]
struct Run {
    steps: Vec<Step>,
    /// Changes of a lead's status by people, after all steps: of whose step, when, to what.
    changes: Vec<(usize, u32, usize)>,
    seed: u64,
}

fn runs() -> impl Strategy<Value = Run> {
    let step = (
        1..4_u128,
        0..8_u32,
        prop_oneof![3 => Just(Some(0)), 2 => prop::option::of(0..PHONES.len())],
        0..STATUSES.len(),
        any::<u8>(),
        prop::option::of(prop::option::of(0..LEADS.len())),
        prop::option::of((prop::option::of(0..24_u32), prop::option::of(0..24_u32))),
        prop_oneof![3 => Just(0_usize), 2 => Just(1), 1 => Just(100), 1 => Just(700)],
    );
    let step = step.prop_map(|(call, second, phone, status, knows, lead, books, said)| Step {
        call,
        second,
        phone,
        status,
        knows,
        lead,
        books,
        said,
    });
    let change = (0..12_usize, 10..14_u32, 0..LEADS.len());
    (prop::collection::vec(step, 1..12), prop::collection::vec(change, 0..4), any::<u64>())
        .prop_map(|(steps, changes, seed)| Run { steps, changes, seed })
}

impl Step {
    fn at(&self) -> String {
        format!("2026-02-24T20:59:{:02}Z", self.second)
    }

    fn started_at(&self, nth: usize) -> String {
        format!("2026-02-24T20:58:{:02}.5Z", (7 * nth) % 60)
    }

    /// One event says nothing that does not fit; two may.
    fn books(&self) -> Option<Hours> {
        let (start, end) = self.books?;
        Some((start.map(|start| start.min(end.unwrap_or(start))), end))
    }

    fn event(&self, nth: usize, organization: OrganizationId) -> Value {
        let at = self.at();
        let mut event = call_event(organization, RecordId::from_u128(self.call), &at);
        event["event_id"] = format!("e{nth}").into();
        let call = &mut event["call"];
        call["caller_phone"] = self.phone.map_or(Value::Null, |phone| PHONES[phone].into());
        call["status"] = STATUSES[self.status].into();
        let known = [
            ("caller_name", json!(format!("Caller {nth}"))),
            ("caller_email", json!(format!("caller{nth}@example.com"))),
            ("summary", json!(format!("Summary {nth}"))),
            ("duration_seconds", json!(nth)),
            ("transfer_status", json!(format!("Transfer {nth}"))),
            ("intent", json!(format!("Intent {nth}"))),
            ("started_at", json!(self.started_at(nth))),
            ("ended_at", json!(at)),
        ];
        for (bit, (field, value)) in known.into_iter().enumerate() {
            if self.knows & (1 << bit) != 0 {
                call[field] = value;
            }
        }
        if self.said > 0 {
            let said = random_text(nth as u64, self.said * 1024);
            call["messages"] = json!([{"role": "user", "content": said, "timestamp": null}]);
        }
        if let Some(status) = self.lead {
            let status = status.map_or(Value::Null, |status| LEADS[status].into());
            event["lead"] = json!({"interest": format!("Interest {nth}"), "status": status});
        }
        if let Some((start, end)) = self.books() {
            let at = |hour: Option<u32>| hour.map(|hour| format!("2026-03-01T{hour:02}:00:00Z"));
            let date = format!("2026-03-{:02}", nth + 1);
            event["appointment"] = json!({"date": date, "start": at(start), "end": at(end)});
        }
        event
    }
}

impl Run {
    fn events(&self, organization: OrganizationId) -> Vec<Value> {
        let steps = self.steps.iter().enumerate().map(|(nth, step)| step.event(nth, organization));
        let changes = self.changes.iter().enumerate().filter_map(|(nth, (of, second, status))| {
            let step = &self.steps[of % self.steps.len()];
            step.lead?;
            let lead = RecordId::from_u128(step.call).derived("lead");
            let at = format!("2026-02-24T20:59:{second:02}Z");
            let mut change = status_event(organization, "lead", lead, LEADS[*status], &at);
            change["event_id"] = format!("c{nth}").into();
            Some(change)
        });
        steps.chain(changes).collect()
    }
}

/// Text that compresses to its half.
pub(crate) fn random_text(seed: u64, bytes: usize) -> String {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    (0..bytes / 32).map(|_| format!("{:032x}", random.random::<u128>())).collect()
}

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
            9..11 => {
                killed.notify_one();
                Fault::After(Box::pin(std::future::pending()))
            }
            11..14 => {
                let killed = killed.clone();
                Fault::Held(Box::pin(async move {
                    killed.notify_one();
                    std::future::pending().await
                }))
            }
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
    world.wire.disturb(|_, _| Fault::None);

    let (found, expected) = (stored(&world, world.organization).await, stored(&world, in_order).await);
    for (name, item) in &expected {
        assert_eq!(found.get(name), Some(item), "{name} in {run:?}");
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{run:?}");
    rules_hold(&expected, &run);
    kills
}

/// What the reference itself must be like, worked out from the steps without our code.
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

/// Beginning and end are those that were told last, and where they do not fit, only the newer one.
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

#[test]
fn the_strategy_makes_events_that_compete() {
    let mut runner = TestRunner::deterministic();
    let runs: Vec<Run> = (0..200).map(|_| runs().new_tree(&mut runner).unwrap().current()).collect();
    let competing = |run: &&Run| {
        run.steps
            .iter()
            .any(|one| run.steps.iter().filter(|other| other.call == one.call && other.said > 40).count() > 1)
    };
    assert!(runs.iter().filter(competing).count() > 40, "else no conversation would take another's place");
}
