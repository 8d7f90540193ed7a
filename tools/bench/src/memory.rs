//! Memory: how much of it responses up to the largest take, and how long a function takes at Lambda's memory sizes,
//! which bring CPU with them.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use harness::{World, call};
use serde_json::json;

use crate::{
    cost::lambda_dollars,
    median, plot,
    process::Quota,
    runtime_api::RuntimeApi,
    speed::{DELAY, functions},
    stand_in::StandIn,
    subject::Subject,
    table::Table,
    workload::{Workload, root},
};

/// How much text each of the 100 calls of a page has.
const TEXTS: [usize; 7] = [100, 1_000, 5_000, 10_000, 20_000, 40_000, 80_000];
const AGAIN: usize = 50;
/// The text of each call with which a page comes close to the largest.
const LARGE: usize = 40_000;
/// The memory sizes to choose from. The last one has a whole core.
const SIZES: [u64; 5] = [128, 256, 512, 1_024, 1_769];
const STARTS: usize = 5;
const WARM: usize = 100;

/// Prints both tables, and draws the first one.
pub(crate) async fn run(directory: Option<String>) {
    let directory = directory.map_or_else(|| root().join("target/release"), PathBuf::from);
    let mut table = Table::new(&["100 calls, bytes of the answer", "peak RSS, MB", "after 50 more"]);
    let mut points = Vec::new();
    for text in TEXTS {
        let (bytes, first, last) = answer(&directory, text).await;
        table.row([bytes.to_string(), format!("{first:.1}"), format!("{last:.1}")]);
        points.push((bytes as f64 / 1e6, last));
    }
    println!("{table}");
    plot::line("memory", "Peak memory by the size of an answer", ("MB of JSON", "peak RSS, MB"), &points);

    if Quota::of_memory(SIZES[0]).is_none() {
        println!("skipped: memory sizes, since no cgroup for CPU can be made here (it takes root on Linux)");
        return;
    }
    let workload = Workload::new().await;
    let large = filled(LARGE).await;
    let of_large = Workload::request(&large, "GET", "/v1/calls?limit=100", None);
    let of_large = Subject::function(&directory, "calls", "calls, 100 of 40 KB", of_large);
    let mut subjects: Vec<_> =
        functions(&directory, &workload).map(|subject| (subject, &workload.world)).into();
    subjects.insert(1, (of_large, &large));
    subjects.extend(Subject::peers(&workload).into_iter().map(|subject| (subject, &workload.world)));
    let dynamodb = StandIn::start(workload.world.dynamodb()).await;
    let mut table =
        Table::new(&["", "memory, MB", "first invocation, ms", "warm mean, ms", "p99", "$ a million"]);
    for (subject, world) in subjects {
        for size in SIZES {
            let [first, mean, p99] = sized(&subject, size, &dynamodb, &world.table("")).await;
            let ms = |time: Duration| time.as_secs_f64() * 1e3;
            table.row([
                subject.title.clone(),
                size.to_string(),
                format!("{:.1}", ms(first)),
                format!("{:.1}", ms(mean)),
                format!("{:.1}", ms(p99)),
                format!("{:.3}", lambda_dollars(size as f64, ms(mean))),
            ]);
        }
    }
    println!("{table}");
}

/// The bytes of a response of 100 calls with so much text, the memory after it, and after further ones.
async fn answer(directory: &Path, text: usize) -> (usize, f64, f64) {
    let world = filled(text).await;
    let dynamodb = StandIn::start(world.dynamodb()).await;
    let event = Workload::request(&world, "GET", "/v1/calls?limit=100", None);
    let subject = Subject::function(directory, "calls", "calls", event);
    let mut api = RuntimeApi::listen().await;
    let process = subject.program.start(&subject.variables(&api.address, &dynamodb, &world.table("")));
    let bytes = api.invoke(subject.event.clone()).await.body.len();
    let first = process.peak_rss_mb();
    for _ in 0..AGAIN {
        // Its headers count down.
        assert!(api.invoke(subject.event.clone()).await.body.len().abs_diff(bytes) < 100);
    }
    (bytes, first, process.peak_rss_mb())
}

/// An organization with 100 calls, each with so much text.
async fn filled(text: usize) -> World {
    let world = World::new().await;
    let of_text = |nth: usize| {
        let mut call = call(&format!("2026-02-24T20:{:02}:{:02}.123Z", nth / 60, nth % 60));
        call["transcript"] = json!("Caller: I would like to ask.\n".repeat(text / 29));
        call
    };
    let calls: Vec<_> = (0..100).map(of_text).collect();
    // A batch of DynamoDB's takes 16 MB.
    for some in calls.chunks(20) {
        world.import("calls", some).await;
    }
    world
}

/// The first invocation, the mean of warm ones and their p99 at this memory size. Up to its first poll a process
/// has all of a core, as Lambda gives it.
async fn sized(subject: &Subject, size: u64, dynamodb: &StandIn, prefix: &str) -> [Duration; 3] {
    let mut firsts = Vec::new();
    let mut took = Vec::new();
    for start in 0..STARTS {
        let quota = Quota::of_memory(size).expect("a cgroup");
        let mut api = RuntimeApi::listen().await;
        let process = subject.program.start(&subject.variables(&api.address, dynamodb, prefix));
        api.first_polled().await;
        quota.hold(&process);
        let mut known = None;
        dynamodb.delay(DELAY);
        let first = api.invoke(subject.event.clone()).await;
        subject.check(&first, &mut known);
        firsts.push(first.took);
        if start + 1 == STARTS {
            for _ in 0..WARM {
                let answer = api.invoke(subject.event.clone()).await;
                subject.check(&answer, &mut known);
                took.push(answer.took);
            }
        }
        dynamodb.delay(Duration::ZERO);
        drop(process);
    }
    firsts.sort_unstable();
    took.sort_unstable();
    let mean = took.iter().sum::<Duration>() / WARM as u32;
    [median(&firsts), mean, took[WARM * 99 / 100]]
}
