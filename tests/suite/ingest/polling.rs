//! Polling with `since`: whoever asks for what was created since the last call that they saw, sees every call.

use std::{collections::HashSet, sync::Mutex, time::Duration};

use domain::RecordId;
use harness::{Client, Fault, World, body, call_event};
use rand::{Rng as _, SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

const CALLS: usize = 150;
const WRITERS: usize = 6;

/// One poll: every page of what is newer than `since`; returns the newest creation seen.
async fn poll(client: &Client, since: &str, seen: &mut HashSet<String>) -> String {
    let records = client.walk(&format!("/v1/calls?limit=7&since={since}")).await;
    for record in &records {
        assert!(seen.insert(record["id"].to_string()), "a call is created once");
    }
    // The list is newest first.
    let newest = records.first().and_then(|record| record["created_at"].as_str());
    newest.unwrap_or(since).to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poller_misses_no_call_however_events_overtake_each_other() {
    let world = World::new().await;
    // Transactions take their time, and so end in another order than they began.
    let random = Mutex::new(ChaCha8Rng::seed_from_u64(1));
    world.wire.disturb(move |operation, _| match operation {
        "TransactWriteItems" => {
            Fault::Delay(Duration::from_millis(random.lock().unwrap().random_range(0..15)))
        }
        _ => Fault::None,
    });
    let mut events: Vec<Value> = (0..CALLS)
        .flat_map(|nth| {
            let call = RecordId::random();
            ["2026-02-24T20:00:00Z", "2026-02-24T21:00:00Z"].map(|at| {
                let mut event = call_event(world.organization, call, at);
                event["call"]["caller_phone"] = format!("+1415555{nth:04}").into();
                event
            })
        })
        .collect();
    events.shuffle(&mut ChaCha8Rng::seed_from_u64(2));
    let writers = events.chunks(events.len() / WRITERS).map(<[Value]>::to_vec).map(|events| {
        let store = world.store.clone();
        tokio::spawn(async move {
            for event in events {
                store.apply(&body(&event)).await.unwrap();
            }
        })
    });
    let mut writers: Vec<_> = writers.collect();
    let (mut seen, mut since) = (HashSet::new(), "2026-01-01".to_owned());
    while !writers.is_empty() {
        since = poll(&world.client, &since, &mut seen).await;
        for done in writers.extract_if(.., |writer| writer.is_finished()).collect::<Vec<_>>() {
            done.await.unwrap();
        }
    }
    poll(&world.client, &since, &mut seen).await;
    assert_eq!(seen.len(), CALLS);
}
