//! The rate limit: sixty requests a minute and key, counted exactly.

use std::sync::{Arc, atomic::Ordering};

use domain::{DEFAULT_REQUESTS_PER_MINUTE, Scope, Timestamp, key::ApiKey};
use futures_util::future::join_all;
use harness::{World, clock};
use store::KeyRing;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_200_at_once_60_are_let_in() {
    let (_, clock) = clock("2026-02-24T20:59:17.400Z");
    let world = World::with_clock(clock).await;
    let key = world.key(&Scope::ALL, DEFAULT_REQUESTS_PER_MINUTE).await;
    let client = world.client.with_key(Some(&key));
    let answers = join_all((0..200).map(|n| {
        let client = client.clone();
        let path = ["/v1/calls", "/v1/me", "/v1/leads"][n % 3];
        async move { client.get(path).await }
    }))
    .await;
    let (let_in, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((let_in.len(), refused.len()), (60, 140));
    let mut left: Vec<i32> =
        let_in.iter().map(|answer| answer.header("x-ratelimit-remaining").parse().unwrap()).collect();
    left.sort_unstable();
    assert_eq!(left, (0..60).collect::<Vec<_>>(), "each request has a number of its own");
    for answer in refused {
        assert_eq!(answer.error(), (429, "rate_limited", None));
        assert_eq!((answer.header("retry-after"), answer.header("x-ratelimit-remaining")), ("43", "0"));
        assert_eq!(answer.header("x-ratelimit-reset"), "1771966800");
        assert_eq!(answer.header("ratelimit"), "\"default\";r=0;t=43");
    }
}

#[tokio::test]
async fn a_new_minute_starts_anew() {
    let (time, clock) = clock("2026-02-24T20:59:59.000Z");
    let world = World::with_clock(clock).await;
    let key = world.key(&Scope::ALL, 3).await;
    let client = world.client.with_key(Some(&key));
    for round in 0..40 {
        let statuses: Vec<u16> = vec![
            client.get("/v1/me").await.status,
            client.get("/v1/me").await.status,
            client.get("/v1/me").await.status,
            client.get("/v1/me").await.status,
        ];
        assert_eq!(statuses, [200, 200, 200, 429], "round {round}");
        // A minute, or 13 of them: then the same slot comes round with an old number in it.
        time.fetch_add(if round % 4 == 3 { 13 * 60_000 } else { 60_000 }, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_slot_is_reset_once_by_many_at_once() {
    let (time, clock) = clock("2026-02-24T20:59:00Z");
    let world = World::with_clock(clock).await;
    let key = world.key(&Scope::ALL, DEFAULT_REQUESTS_PER_MINUTE).await;
    let client = world.client.with_key(Some(&key));
    for _ in 0..3 {
        assert_eq!(client.get("/v1/me").await.status, 200);
        time.fetch_add(13 * 60_000, Ordering::SeqCst);
        let answers = join_all((0..80).map(|_| client.get("/v1/me"))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 60);
        time.fetch_add(13 * 60_000, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_that_straddle_a_minutes_end_let_in_no_more_than_both_minutes_allow() {
    let world = World::new().await;
    let key = world.key(&Scope::ALL, DEFAULT_REQUESTS_PER_MINUTE).await;
    let hash = ApiKey::parse(&key).unwrap().hash();
    let start = Timestamp::parse("2026-02-24T20:58:59.500Z").unwrap().unix_ms();
    let mut per_minute = std::collections::BTreeMap::new();
    // Twelve processes, their clocks up to a second off, go through twelve minutes' ends together.
    for tick in 0..120 {
        let counted = join_all((0..12_i64).map(|process| {
            let now = start + tick / 10 * 60_000 + tick % 10 * 100 + (process - 6) * 150;
            let clock: store::Clock = Arc::new(move || Timestamp::from_unix_ms(now).unwrap());
            // A fresh ring each time: nothing is remembered, everything is counted.
            let ring = KeyRing::new(world.store.clone().with_clock(clock));
            async move { ring.count(&hash).await.unwrap() }
        }))
        .await;
        for admission in counted.into_iter().filter(|admission| admission.admitted) {
            *per_minute.entry(admission.rate.reset).or_insert(0) += 1;
        }
    }
    assert!(per_minute.len() >= 12);
    assert!(per_minute.values().all(|count| *count <= 60), "{per_minute:?}");
    assert!(
        per_minute.values().filter(|count| **count == 60).count() >= 8,
        "and they are used: {per_minute:?}"
    );
}

#[tokio::test]
async fn a_used_up_key_is_refused_without_io_until_its_minute_ends() {
    let (time, clock) = clock("2026-02-24T20:59:10Z");
    let world = World::with_clock(clock).await;
    let key = world.key(&Scope::ALL, 1).await;
    let client = world.client.with_key(Some(&key));
    assert_eq!(client.get("/v1/me").await.status, 200);
    assert_eq!(client.get("/v1/me").await.status, 429);
    let _ = world.wire.take_calls();
    for left in [50, 49, 1] {
        time.store(
            Timestamp::parse("2026-02-24T21:00:00Z").unwrap().unix_ms() - left * 1000,
            Ordering::SeqCst,
        );
        let answer = client.get("/v1/me").await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, left.to_string().as_str()));
    }
    assert!(world.wire.take_calls().is_empty());
    time.fetch_add(1000, Ordering::SeqCst);
    assert_eq!(client.get("/v1/me").await.status, 200);
}

#[tokio::test]
async fn a_recognised_keys_request_counts_whatever_its_answer_is() {
    let (_, clock) = clock("2026-02-24T20:59:10Z");
    let world = World::with_clock(clock).await;
    let key = world.key(&[Scope::CallsRead], 20).await;
    let client = world.client.with_key(Some(&key));
    for (left, path, status) in [
        (19, "/v1/calls", 200),
        (18, "/v1/calls?limit=0", 400),
        (17, "/v1/leads", 403),
        (16, "/v1/me", 200),
        (15, "/v1/calls/c6af9ac6-7b61-41e6-9a41-93e8deadbeef", 404),
        (14, "/v1/calls?limit=0", 400),
    ] {
        let answer = client.get(path).await;
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-remaining")),
            (status, left.to_string().as_str()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn two_keys_of_one_organization_have_a_minute_each() {
    let (_, clock) = clock("2026-02-24T20:59:10Z");
    let world = World::with_clock(clock).await;
    for key in [world.key(&Scope::ALL, 1).await, world.key(&Scope::ALL, 1).await] {
        let client = world.client.with_key(Some(&key));
        assert_eq!(client.get("/v1/me").await.status, 200);
        assert_eq!(client.get("/v1/me").await.status, 429);
    }
}
