//! `import`: JSON lines become records.

mod line;
mod workers;

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Write as _},
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, Result};
use domain::OrganizationId;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use store::Store;

use crate::cli::ImportOptions;
use workers::Workers;

/// How it went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Records written.
    pub imported: u64,
    /// Lines left out.
    pub failed: u64,
}

/// Where progress and failures are told.
pub enum Report {
    /// Nowhere.
    Quiet,
    /// On stderr, beside a progress bar where it is a terminal.
    Shown(ProgressBar),
}

pub(crate) async fn run(options: ImportOptions, store: Store) -> Result<()> {
    let lines = open(&options.file)?.split(b'\n');
    let style = ProgressStyle::with_template("{spinner} {pos} lines, {per_sec}, {elapsed}")?;
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    let report = Report::Shown(bar);
    let counts = write(&store, lines, options.organization, &report).await;
    if let Report::Shown(bar) = report {
        bar.finish_and_clear();
    }
    if options.json {
        crate::output::line(&serde_json::to_string(&counts)?)?;
    } else {
        crate::output::line(&format!("{} imported, {} failed", counts.imported, counts.failed))?;
    }
    anyhow::ensure!(
        counts.failed == 0,
        "{} of the lines were not imported: mend and import them again",
        counts.failed
    );
    Ok(())
}

/// Writes the records of `lines`; those that name no organization belong to `organization`. A line
/// that is wrong is only counted; where the lines cannot be read on, or DynamoDB cannot be reached, the
/// rest is left alone.
pub async fn write(
    store: &Store,
    lines: impl Iterator<Item = io::Result<Vec<u8>>>,
    organization: Option<OrganizationId>,
    report: &Report,
) -> Counts {
    let mut workers = Workers::start(store);
    let mut organizations = line::Organizations::new(store.clone());
    let mut total = 0;
    for (at, line) in lines.enumerate() {
        let unreadable = line.is_err();
        let ready = match line.map_err(|error| format!("the file cannot be read on: {error}")) {
            Ok(line) if line.trim_ascii().is_empty() => continue,
            Ok(line) => match line::parse(&line, organization) {
                Ok(ready) => organizations.check(&ready).await.map(|()| ready),
                Err(message) => Err(message),
            },
            Err(message) => Err(message),
        };
        total += 1;
        report.advance();
        match ready {
            Ok(ready) => workers.send(at + 1, ready).await,
            Err(message) => workers.fail(at + 1, message),
        }
        workers.report(report);
        if unreadable || organizations.unreachable {
            break;
        }
    }
    let imported = workers.finish(report).await;
    Counts { imported, failed: total - imported }
}

impl Report {
    fn advance(&self) {
        if let Self::Shown(bar) = self {
            bar.inc(1);
        }
    }

    fn failed(&self, line: usize, message: &str) {
        if let Self::Shown(bar) = self {
            bar.suspend(|| drop(writeln!(io::stderr(), "line {line}: {message}")));
        }
    }
}

fn open(file: &Path) -> Result<Box<dyn BufRead>> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let opened = File::open(file).with_context(|| format!("Cannot open {}", file.display()))?;
    Ok(Box::new(BufReader::new(opened)))
}
