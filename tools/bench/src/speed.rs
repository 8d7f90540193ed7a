//! The speed of our functions beside what a team would write instead: cold, warm, memory, size, calls.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    cold::{self, Start},
    instructions, median,
    plot::{self, Bar},
    stand_in::{StandIn, Tally},
    subject::Subject,
    table::Table,
    warm::{Cost, Runner},
    workload::{Workload, root},
};

/// The number of subjects that are our functions: they come first.
const OURS: usize = 5;
/// The starts of each subject; one more comes first and is not counted.
const STARTS: usize = 25;
/// The rounds of each warm subject, and the requests in each.
const ROUNDS: usize = 5;
const REQUESTS: usize = 400;
/// How long a call of DynamoDB takes within a region, and how many requests are measured with that.
pub(crate) const DELAY: Duration = Duration::from_millis(3);
const DELAYED: usize = 100;

/// Everything that was measured of one subject.
pub(crate) struct Measured {
    pub(crate) subject: Subject,
    starts: Vec<Start>,
    pub(crate) warm: Cost,
    pub(crate) tally: Tally,
    /// A warm request's p50 where each DynamoDB call takes [`DELAY`].
    delayed: Duration,
}

impl Measured {
    /// The median of one of a start's figures.
    pub(crate) fn start(&self, figure: impl Fn(&Start) -> Duration) -> Duration {
        let mut figures: Vec<Duration> = self.starts.iter().map(figure).collect();
        figures.sort_unstable();
        median(&figures)
    }
}

/// All subjects, or those whose titles hold `only`.
pub(crate) async fn run(directory: Option<String>, only: Option<String>) {
    let directory = directory.map_or_else(|| root().join("target/release"), PathBuf::from);
    let only = only.unwrap_or_default();
    let workload = Workload::new().await;
    let dynamodb = StandIn::start(workload.world.dynamodb()).await;
    let mut subjects = Vec::from(functions(&directory, &workload));
    subjects.extend(Subject::peers(&workload));
    subjects.retain(|subject| subject.title.contains(&only));
    let measured = measure(subjects, &dynamodb, &workload.world.table("")).await;
    print!("{}", table(&measured));
    // A part of them is for whoever tries something out.
    if only.is_empty() {
        draw(&measured);
    }
}

/// The plots of docs/PERFORMANCE.md.
fn draw(measured: &[Measured]) {
    let bars = |value: &dyn Fn(&Measured) -> f64| -> Vec<Bar> {
        let bar = |(nth, one): (usize, &Measured)| Bar {
            label: one.subject.title.clone(),
            value: value(one),
            ours: nth < OURS,
        };
        measured.iter().enumerate().map(bar).collect()
    };
    let until_answered =
        |one: &Measured| one.start(|start| start.cpu_of_init + start.cpu_of_first).as_secs_f64() * 1e3;
    plot::bars("cold", "CPU time up to the first answer", "ms", &bars(&until_answered));
    plot::bars("warm", "CPU time of a warm request", "µs", &bars(&|one| one.warm.cpu.as_secs_f64() * 1e6));
    plot::bars("memory-peak", "Peak memory", "MB", &bars(&|one| one.warm.peak_rss_mb));
}

/// Counts the instructions of a warm request of each of our functions.
pub(crate) async fn instructions(directory: Option<String>) {
    let directory = directory.map_or_else(|| root().join("target/release"), PathBuf::from);
    let workload = Workload::new().await;
    let dynamodb = StandIn::start(workload.world.dynamodb()).await;
    let peers = Subject::peers(&workload).into_iter().filter(|peer| peer.title.starts_with("Rust"));
    for subject in functions(&directory, &workload).into_iter().chain(peers) {
        let count = instructions::count(&subject, &dynamodb, &workload.world.table("")).await;
        println!("{:<24} {count:>12}", subject.title);
    }
}

pub(crate) fn functions(directory: &Path, workload: &Workload) -> [Subject; OURS] {
    let function = |name, title, event| Subject::function(directory, name, title, event);
    [
        function("calls", "calls, a list of 50", workload.list_event()).expecting(workload.list.clone()),
        function("calls", "calls, a single one", workload.get_event()).expecting(workload.call.clone()),
        function("me", "me", workload.event("me/get.json")).expecting(workload.me.clone()),
        function("identify", "identify", workload.event("identify/with-key.json")),
        function("fallback", "fallback", workload.event("fallback/unknown-path.json")),
    ]
}

/// Measures all subjects, which take turns, so that what else the machine does meets them all.
async fn measure(subjects: Vec<Subject>, dynamodb: &StandIn, prefix: &str) -> Vec<Measured> {
    let mut starts = vec![Vec::with_capacity(STARTS); subjects.len()];
    for round in 0..=STARTS {
        for (subject, starts) in subjects.iter().zip(&mut starts) {
            let start = cold::start(subject, dynamodb, prefix).await;
            if round > 0 {
                starts.push(start);
            }
        }
    }
    let mut runners = Vec::new();
    for subject in &subjects {
        runners.push(Runner::start(subject, dynamodb, prefix).await);
    }
    for _ in 0..ROUNDS {
        for runner in &mut runners {
            runner.ask(REQUESTS).await;
        }
    }
    let mut measured = Vec::new();
    for ((subject, starts), mut runner) in subjects.into_iter().zip(starts).zip(runners) {
        let warm = runner.cost();
        let tally = runner.tally(dynamodb).await;
        let delayed = runner.delayed(dynamodb, DELAY, DELAYED).await;
        measured.push(Measured { subject, starts, warm, tally, delayed });
    }
    measured
}

fn table(measured: &[Measured]) -> Table {
    let mut table = Table::new(&[
        "",
        "MB",
        "first poll ms",
        "CPU",
        "first answer ms",
        "CPU",
        "CPU of the first",
        "warm p50 µs",
        "p90",
        "p99",
        "CPU",
        "RSS MB",
        "calls",
        "depth",
        "p50 in calls of 3 ms",
    ]);
    let ms = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1e3);
    let us = |time: Duration| format!("{:.0}", time.as_secs_f64() * 1e6);
    for one in measured {
        table.row([
            one.subject.title.clone(),
            format!("{:.1}", one.subject.bytes as f64 / 1e6),
            ms(one.start(|start| start.polled)),
            ms(one.start(|start| start.cpu_of_init)),
            ms(one.start(|start| start.answered)),
            ms(one.start(|start| start.cpu_of_init + start.cpu_of_first)),
            ms(one.start(|start| start.cpu_of_first)),
            us(one.warm.p50),
            us(one.warm.p90),
            us(one.warm.p99),
            us(one.warm.cpu),
            format!("{:.1}", one.warm.peak_rss_mb),
            one.tally.calls.len().to_string(),
            one.tally.depth.to_string(),
            format!("{:.2}", one.delayed.as_secs_f64() / DELAY.as_secs_f64()),
        ]);
    }
    table
}
