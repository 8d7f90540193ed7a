//! `ingest`: makes records of voice events, or sends the events to the queue.

mod apply;
mod error;
mod line;
mod place;
mod queue;
mod send;

pub use place::QueueUrl;

pub(crate) use line::{Event, event};
pub(crate) use queue::Queue;

use std::fmt;

use anyhow::{Context as _, Result, ensure};

use crate::{
    Deployment,
    cli::IngestOptions,
    lines::{Report, Source},
    output::line,
};

pub(crate) async fn run(options: IngestOptions, deployment: &Deployment) -> Result<()> {
    if options.schema {
        return line(&serde_json::to_string_pretty(&domain::schema::schema())?);
    }
    let source = Source::open(&options.file.context("there is no FILE")?)?;
    let lines = source.lines("one event a line, as `ingest --schema` shows it")?;
    let lines = lines.map(|(at, line)| (at, line.and_then(|line| event(&line, options.organization))));
    let report = Report::shown()?;
    let (json, text, failed, not_tried) = match options.queue {
        None => {
            let counts = apply::all(&deployment.open().await, lines, &report).await;
            (serde_json::to_string(&counts)?, counts.to_string(), counts.failed, counts.not_tried)
        }
        Some(url) => {
            let queue = Queue::open(&url, options.bucket).await;
            let counts = send::all(&queue, lines, &report).await;
            (serde_json::to_string(&counts)?, counts.to_string(), counts.failed, counts.not_tried)
        }
    };
    report.finish();
    line(if options.json { &json } else { &text })?;
    ensure!(not_tried == 0, "it stopped before the end: ingest the whole file again, which repeats nothing");
    ensure!(failed == 0, "{failed} of the lines were left out: mend and ingest them again");
    Ok(())
}

/// Adds the number of lines that were not tried to the counts, where the command stopped before the end.
fn not_tried(f: &mut fmt::Formatter<'_>, lines: u64) -> fmt::Result {
    if lines > 0 { write!(f, ", {lines} not tried") } else { Ok(()) }
}
