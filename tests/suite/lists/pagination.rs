//! The pagination promise: a walk returns every record that was there when it began, and kept
//! matching, exactly once, whatever is written meanwhile.

use std::collections::HashMap;

use domain::Timestamp;
use harness::{World, call, lead};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::Value;

/// The writes between two pages.
#[derive(Clone, Debug)]
enum Between {
    Insert { second: u32, status: usize },
    Delete { nth: usize },
}

#[derive(Clone, Debug)]
struct Walk {
    /// The second in which each record was made, and its status: few of each, so that many tie.
    records: Vec<(u32, usize)>,
    between: Vec<Between>,
    limit: usize,
    filter: Option<usize>,
    since: Option<u32>,
    urgency: bool,
}

const STATUSES: [&str; 3] = ["new", "contacted", "lost"];

fn walks() -> impl Strategy<Value = Walk> {
    let between = prop_oneof![
        (0..6_u32, 0..3_usize).prop_map(|(second, status)| Between::Insert { second, status }),
        (0..60_usize).prop_map(|nth| Between::Delete { nth }),
    ];
    (
        prop::collection::vec((0..6_u32, 0..3_usize), 0..60),
        prop::collection::vec(between, 0..12),
        1..9_usize,
        prop::option::of(0..3_usize),
        prop::option::of(0..6_u32),
        any::<bool>(),
    )
        .prop_map(|(records, between, limit, filter, since, urgency)| Walk {
            records,
            between,
            limit,
            filter,
            since,
            urgency,
        })
}

fn record(second: u32, status: usize) -> Value {
    let mut record = lead(&format!("2026-02-24T20:59:{second:02}Z"));
    record["status"] = STATUSES[status].into();
    record["urgency"] = if second.is_multiple_of(2) { "high" } else { "low" }.into();
    record
}

impl Walk {
    fn path(&self) -> String {
        let mut path = format!("/v1/leads?limit={}", self.limit);
        if let Some(status) = self.filter {
            path.push_str(&format!("&status={}", STATUSES[status]));
        }
        if let Some(second) = self.since {
            path.push_str(&format!("&since=2026-02-24T20:59:{second:02}Z"));
        }
        if self.urgency {
            path.push_str("&urgency=high");
        }
        path
    }

    fn matches(&self, record: &Value) -> bool {
        self.filter.is_none_or(|status| record["status"] == STATUSES[status])
            && self.since.is_none_or(|second| {
                record["created_at"].as_str().unwrap() > format!("2026-02-24T20:59:{second:02}Z").as_str()
            })
            && (!self.urgency || record["urgency"] == "high")
    }
}

/// Seven records to a millisecond.
fn at(n: i64) -> String {
    Timestamp::from_unix_ms(1_771_966_740_000 + n / 7).unwrap().to_string()
}

async fn keeps_the_promise(walk: Walk) {
    let world = World::new().await;
    let mut there: Vec<Value> =
        walk.records.iter().map(|(second, status)| record(*second, *status)).collect();
    world.import("leads", &there).await;
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut between = walk.between.iter();
    let mut cursor = String::new();
    loop {
        let page = world.client.get(&format!("{}{cursor}", walk.path())).await.ok();
        let data = page["data"].as_array().unwrap();
        assert!(data.len() <= walk.limit);
        assert!(!data.is_empty() || page["has_more"] == false, "an empty page promises nothing");
        for found in data {
            assert!(walk.matches(found), "{walk:?}");
            *seen.entry(found["id"].to_string()).or_default() += 1;
        }
        if page["has_more"] == false {
            break;
        }
        cursor = format!("&cursor={}", page["next_cursor"].as_str().unwrap());
        match between.next() {
            Some(Between::Insert { second, status }) => {
                world.import("leads", &[record(*second, *status)]).await
            }
            Some(Between::Delete { nth }) if *nth < there.len() => {
                world.delete_item("Leads", there.remove(*nth)["id"].as_str().unwrap()).await;
            }
            _ => {}
        }
    }
    assert!(seen.values().all(|times| *times == 1), "nothing twice: {walk:?}");
    for kept in there.iter().filter(|record| walk.matches(record)) {
        assert!(seen.contains_key(&kept["id"].to_string()), "nothing left out: {walk:?}");
    }
}

#[test]
fn any_walk_returns_each_record_once() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&walks(), |walk| {
            runtime.block_on(keeps_the_promise(walk));
            Ok(())
        })
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_calls_are_walked_while_others_arrive() {
    let world = World::new().await;
    // Seven to a tie, seven to a page, arriving ones between: pages begin in the middle of ties.
    let there: Vec<Value> = (0..10_000).map(|n| call(&at(n))).collect();
    world.import("calls", &there).await;

    let walked = async {
        let mut seen = HashMap::new();
        for record in world.client.walk("/v1/calls?limit=7").await {
            *seen.entry(record["id"].as_str().unwrap().to_owned()).or_insert(0) += 1;
        }
        seen
    };
    let arriving = async {
        for n in 0_i64.. {
            world.import("calls", &[call(&at(n * 7919 % 12_000))]).await;
        }
    };
    let seen = tokio::select! { seen = walked => seen, () = arriving => unreachable!() };
    assert!(seen.values().all(|times| *times == 1));
    assert!(there.iter().all(|record| seen.contains_key(record["id"].as_str().unwrap())));
    assert!(seen.len() > 10_000, "and others did arrive");
}

#[tokio::test]
async fn a_sparse_filter_is_read_on_until_the_page_is_full() {
    let world = World::new().await;
    // Every 97th matches, so that a page takes several queries, and ties go across them.
    let records: Vec<Value> = (0..2_000)
        .map(|n| {
            let mut record = call(&at(n));
            record["caller_phone"] = "+14155550101".into();
            record["status"] = if n % 97 == 0 { "failed" } else { "completed" }.into();
            record
        })
        .collect();
    world.import("calls", &records).await;
    let path = "/v1/calls?phone=%2B14155550101&status=failed&limit=6";
    let page = world.client.get(path).await.ok();
    assert_eq!((page["data"].as_array().unwrap().len(), page["has_more"].as_bool()), (6, Some(true)));
    // A record that stops matching between two pages, and is not yet seen, is not seen any more.
    let mut changed = records[0].clone();
    changed["status"] = "completed".into();
    world.import("calls", std::slice::from_ref(&changed)).await;
    let walked = world.client.walk(path).await;
    let mut expected: Vec<&Value> =
        records[1..].iter().filter(|record| record["status"] == "failed").collect();
    expected.sort_by_key(|record| (record["created_at"].to_string(), record["id"].to_string()));
    expected.reverse();
    assert!(walked.iter().eq(expected));
}
