//! Warm requests: a process that has responded before, asked again and again.

use std::time::Duration;

use crate::{
    median,
    process::Process,
    runtime_api::RuntimeApi,
    stand_in::{StandIn, Tally},
    subject::Subject,
};

/// Requests before anything is counted: interpreters compile while they warm up.
const WARM_UP: usize = 300;

/// A running subject.
pub(crate) struct Runner {
    subject: Subject,
    api: RuntimeApi,
    process: Process,
    known: Option<String>,
    took: Vec<Duration>,
    cpu: Duration,
}

/// The figures of a request.
#[derive(Clone, Debug)]
pub(crate) struct Cost {
    pub(crate) p50: Duration,
    pub(crate) p90: Duration,
    pub(crate) p99: Duration,
    pub(crate) cpu: Duration,
    pub(crate) peak_rss_mb: f64,
}

impl Runner {
    /// Starts a subject and asks it until it is warm.
    pub(crate) async fn start(subject: &Subject, dynamodb: &StandIn, prefix: &str) -> Self {
        let mut api = RuntimeApi::listen().await;
        let process = subject.program.start(&subject.variables(&api.address, dynamodb, prefix));
        let mut known = None;
        for _ in 0..WARM_UP {
            subject.check(&api.invoke(subject.event.clone()).await, &mut known);
        }
        Self { subject: subject.clone(), api, process, known, took: Vec::new(), cpu: Duration::ZERO }
    }

    /// Makes so many requests.
    pub(crate) async fn ask(&mut self, times: usize) {
        let before = self.process.cpu();
        for _ in 0..times {
            let answer = self.api.invoke(self.subject.event.clone()).await;
            self.took.push(answer.took);
            self.subject.check(&answer, &mut self.known);
        }
        self.cpu += self.process.cpu() - before;
    }

    /// The DynamoDB calls of one request, where calls take so long that those made at once meet.
    pub(crate) async fn tally(&mut self, dynamodb: &StandIn) -> Tally {
        dynamodb.delay(Duration::from_millis(50));
        // The second connection is opened where two calls meet for the first time.
        self.ask(1).await;
        let _ = dynamodb.take_tally();
        self.ask(1).await;
        dynamodb.delay(Duration::ZERO);
        dynamodb.take_tally()
    }

    /// How long a request takes, of DynamoDB calls that each take so long.
    pub(crate) async fn delayed(&mut self, dynamodb: &StandIn, delay: Duration, times: usize) -> Duration {
        dynamodb.delay(delay);
        let quick = std::mem::take(&mut self.took);
        self.ask(times).await;
        let mut delayed = std::mem::replace(&mut self.took, quick);
        dynamodb.delay(Duration::ZERO);
        delayed.sort_unstable();
        median(&delayed)
    }

    /// The figures of everything asked so far.
    pub(crate) fn cost(&self) -> Cost {
        let mut took = self.took.clone();
        took.sort_unstable();
        let at = |percent: usize| took[(took.len() * percent / 100).min(took.len() - 1)];
        Cost {
            p50: median(&took),
            p90: at(90),
            p99: at(99),
            cpu: self.cpu / u32::try_from(took.len()).expect("not that many"),
            peak_rss_mb: self.process.peak_rss_mb(),
        }
    }
}
