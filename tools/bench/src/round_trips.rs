//! How many DynamoDB round trips a request waits for: each call is held back by a fixed delay, so
//! that an answer's time, divided by the delay, counts them.

use std::time::{Duration, Instant};

use domain::Scope;
use harness::{Client, Fault, UNLIMITED, World, call, contact};

const DELAY: Duration = Duration::from_millis(20);
const ROUNDS: usize = 31;

pub(crate) async fn run() {
    let world = World::new().await;
    let (a_call, a_contact) = (call("2026-02-24T20:59:00Z"), contact("+14155551234", "2026-02-24T20:59:00Z"));
    world.import("calls", std::slice::from_ref(&a_call)).await;
    world.import("contacts", std::slice::from_ref(&a_contact)).await;
    let paths = [
        "/v1/calls".to_owned(),
        "/v1/calls?status=completed".to_owned(),
        format!("/v1/calls/{}", a_call["id"].as_str().unwrap_or_default()),
        format!("/v1/contacts/{}", a_contact["id"].as_str().unwrap_or_default()),
        "/v1/me".to_owned(),
    ];

    println!(
        "Median of {ROUNDS}, each DynamoDB call held back by {DELAY:?}; the delays that an answer waits for:"
    );
    println!("{:<48} {:>14} {:>10} {:>14}", "", "no delay", "warm", "cold");
    for path in paths {
        world.wire.let_be();
        let plain = median(&world, &path, false).await;
        world.wire.disturb(|_, _| Fault::Delay(DELAY));
        let (warm, cold) = (median(&world, &path, false).await, median(&world, &path, true).await);
        let delays = |time: Duration| (time.saturating_sub(plain)).as_secs_f64() / DELAY.as_secs_f64();
        println!("{path:<48} {plain:>14.1?} {:>10.2} {:>14.2}", delays(warm), delays(cold));
    }
}

async fn median(world: &World, path: &str, cold: bool) -> Duration {
    let mut times = Vec::with_capacity(ROUNDS);
    let _ = time(&world.client, path).await;
    for _ in 0..ROUNDS {
        // A key that no function has seen before makes a request cold.
        let client = match cold {
            true => world.client.with_key(Some(&world.key(&Scope::ALL, UNLIMITED).await)),
            false => world.client.clone(),
        };
        times.push(time(&client, path).await);
    }
    times.sort_unstable();
    times[ROUNDS / 2]
}

async fn time(client: &Client, path: &str) -> Duration {
    let started = Instant::now();
    assert_eq!(client.get(path).await.status, 200);
    started.elapsed()
}
