//! Every route, asked warm of the real binaries: how many calls of DynamoDB it makes, for how many of them it
//! waits in turn, and how long that takes where each call takes 3 ms.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use harness::World;
use serde_json::{Value, json};

use crate::{
    median,
    process::Process,
    requests::{Request, requests},
    runtime_api::{InvocationResponse, RuntimeApi},
    speed::DELAY,
    stand_in::{StandIn, Tally},
    subject::Subject,
    table::Table,
    workload::{Workload, root},
};

/// Organizations, and how often a read is asked of each. What changes something is asked once.
const ROUNDS: usize = 9;
const READS: usize = 5;
/// Requests before the first one that counts: they find out whose key it is, and open both connections.
const WARM_UP: usize = 5;

/// A route.
pub(crate) struct Row {
    pub(crate) name: String,
    note: &'static str,
    pub(crate) tally: Tally,
    took: Vec<Duration>,
}

/// A function that runs.
struct Running {
    api: RuntimeApi,
    _process: Process,
}

/// Prints every route's calls.
pub(crate) async fn run(directory: Option<String>) {
    let directory = directory.map_or_else(|| root().join("target/release"), PathBuf::from);
    let mut table = Table::new(&["route", "", "calls", "in turn", "p50 in calls of 3 ms"]);
    for mut row in rows(&directory, ROUNDS, DELAY).await {
        row.took.sort_unstable();
        table.row([
            format!("`{}`", row.name),
            row.note.to_owned(),
            row.tally.calls.len().to_string(),
            row.tally.depth.to_string(),
            format!("{:.2}", median(&row.took).as_secs_f64() / DELAY.as_secs_f64()),
        ]);
    }
    println!("{table}");
}

/// Every route of the catalogue, asked in so many organizations, where each DynamoDB call takes so long.
pub(crate) async fn rows(directory: &Path, rounds: usize, delay: Duration) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..rounds {
        let world = World::new().await;
        let dynamodb = StandIn::start(world.dynamodb()).await;
        dynamodb.delay(delay);
        let mut running = BTreeMap::new();
        for (nth, request) in requests(&world).await.into_iter().enumerate() {
            let function = request.route.split('/').nth(2).expect("a resource");
            if !running.contains_key(function) {
                running.insert(function, Running::start(directory, function, &world, &dynamodb).await);
            }
            let function = running.get_mut(function).expect("it runs");
            let (tally, took) = function.time(&request, &world, &dynamodb).await;
            match rows.get_mut(nth) {
                Some(row) => row.took.extend(took),
                None => rows.push(Row::new(&request, tally, took)),
            }
        }
    }
    rows
}

impl Row {
    fn new(request: &Request, tally: Tally, took: Vec<Duration>) -> Self {
        Self { name: format!("{} {}", request.method, request.route), note: request.note, tally, took }
    }
}

impl Running {
    async fn start(directory: &Path, function: &str, world: &World, dynamodb: &StandIn) -> Self {
        let api = RuntimeApi::listen().await;
        let subject = Subject::function(directory, function, function, Value::Null);
        let variables = subject.variables(&api.address, dynamodb, &world.table(""));
        let mut running = Self { _process: subject.program.start(&variables), api };
        let list = Workload::request(world, "GET", &format!("/v1/{function}"), None);
        for _ in 0..WARM_UP {
            running.ask(list.clone()).await;
        }
        running
    }

    async fn time(&mut self, request: &Request, world: &World, dynamodb: &StandIn) -> (Tally, Vec<Duration>) {
        let event = Workload::request(world, request.method, &request.path, request.body.as_ref());
        let times = if request.method == "GET" { READS } else { 1 };
        let (mut tally, mut took) = (Tally::default(), Vec::new());
        for _ in 0..times {
            let _ = dynamodb.take_tally();
            took.push(self.ask(event.clone()).await.took);
            tally = dynamodb.take_tally();
        }
        (tally, took)
    }

    async fn ask(&mut self, event: Value) -> InvocationResponse {
        let answer = self.api.invoke(event.to_string()).await;
        let outer: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let status = outer["statusCode"].as_u64().unwrap_or_default();
        assert!((200..300).contains(&status), "{} {}: {outer}", event["httpMethod"], json!(event["path"]));
        answer
    }
}
