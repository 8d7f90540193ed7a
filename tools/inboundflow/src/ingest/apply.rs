//! Applies voice events to the tables, past any queue.

use std::fmt;

use domain::ingest::Body;
use serde::Serialize;
use store::{NotApplied, Store};
use tokio::task::JoinSet;

use super::{line::Event, not_tried};
use crate::{explain::explain, lines::Report};

const AT_ONCE: usize = 8;

/// The counts of events that were applied and of those that were not.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Counts {
    /// How many events changed something.
    pub(super) applied: u64,
    /// How many events changed nothing: they, or later ones, were there already.
    pub(super) unchanged: u64,
    /// How many lines were left out.
    pub(super) failed: u64,
    /// How many lines came after those where DynamoDB failed.
    pub(super) not_tried: u64,
}

struct Applying<'a> {
    store: &'a Store,
    report: &'a Report,
    counts: Counts,
    running: JoinSet<Applied>,
    /// Changes of records that are not there, or not yet, with their lines.
    missing: Vec<(usize, Body)>,
    has_dynamodb_failed: bool,
}

struct Applied {
    line: usize,
    body: Body,
    outcome: Result<bool, NotApplied>,
}

/// Applies the events of `lines`. A line that is wrong is named and left out; where DynamoDB fails, the rest
/// is left alone.
pub(super) async fn all(
    store: &Store,
    mut lines: impl Iterator<Item = (usize, Result<Event, String>)>,
    report: &Report,
) -> Counts {
    let (counts, running, missing) = (Counts::default(), JoinSet::new(), Vec::new());
    let mut applying = Applying { store, report, counts, running, missing, has_dynamodb_failed: false };
    for (line, event) in lines.by_ref() {
        report.advance();
        match event.and_then(|event| body(&event)) {
            Ok(body) => applying.start(line, body).await,
            Err(message) => applying.fail(line, &message),
        }
        if applying.has_dynamodb_failed {
            break;
        }
    }
    applying.counts.not_tried += lines.count() as u64;
    applying.settle(0).await;
    let mut missing = std::mem::take(&mut applying.missing);
    missing.sort_by_key(|(line, _)| *line);
    for (line, body) in missing {
        match store.apply(&body).await {
            Err(NotApplied::Missing(rejection)) => applying.fail(line, &rejection.message),
            outcome => applying.count(Applied { line, body, outcome }),
        }
    }
    applying.counts
}

fn body(event: &Event) -> Result<Body, String> {
    match event.body()? {
        Body::Pointer(_) => Err("s3: a pointer goes over the queue: pass --queue".to_owned()),
        body => Ok(body),
    }
}

impl Applying<'_> {
    async fn start(&mut self, line: usize, body: Body) {
        self.settle(AT_ONCE - 1).await;
        let store = self.store.clone();
        self.running.spawn(async move { Applied { line, outcome: store.apply(&body).await, body } });
    }

    /// Waits until no more than `most` events are under way.
    async fn settle(&mut self, most: usize) {
        while self.running.len() > most
            && let Some(applied) = self.running.join_next().await
        {
            match applied {
                Ok(applied) => self.count(applied),
                Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
            }
        }
    }

    fn count(&mut self, Applied { line, body, outcome }: Applied) {
        match outcome {
            Ok(true) => self.counts.applied += 1,
            Ok(false) => self.counts.unchanged += 1,
            Err(NotApplied::Rejected(rejection)) => self.fail(line, &rejection.message),
            Err(NotApplied::Missing(_)) => self.missing.push((line, body)),
            Err(NotApplied::Failed(error)) => {
                if !self.has_dynamodb_failed {
                    self.report.stopped(line, &format!("{:#}", explain(error)));
                }
                self.has_dynamodb_failed = true;
                self.counts.not_tried += 1;
            }
        }
    }

    fn fail(&mut self, line: usize, message: &str) {
        self.counts.failed += 1;
        self.report.failed(line, message);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} applied, {} unchanged, {} failed", self.applied, self.unchanged, self.failed)?;
        not_tried(f, self.not_tried)
    }
}
