//! `import`: JSON lines become records.

mod line;
mod workers;

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
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
    let lines = open(&options.file)?.lines().map(|line| line.context("the file cannot be read on"));
    let style = ProgressStyle::with_template("{spinner} {pos} lines, {per_sec}, {elapsed}")?;
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    let report = Report::Shown(bar);
    let counts = write(&store, lines, options.organization, &report).await?;
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

/// Writes the records of `lines`; those that name no organization belong to `organization`.
///
/// # Errors
/// When the lines cannot be read on. A line that is wrong is only counted.
pub async fn write(
    store: &Store,
    lines: impl Iterator<Item = Result<String>>,
    organization: Option<OrganizationId>,
    report: &Report,
) -> Result<Counts> {
    let mut workers = Workers::start(store);
    let mut organizations = line::Organizations::new(store.clone());
    for (at, line) in lines.enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        report.advance();
        let parsed = match line::parse(&line, organization) {
            Ok(record) => organizations.check(&record).await.map(|()| record),
            Err(message) => Err(message),
        };
        match parsed {
            Ok(record) => workers.send(at + 1, record).await,
            Err(message) => workers.fail(at + 1, message),
        }
        workers.report(report);
    }
    Ok(workers.finish(report).await)
}

impl Report {
    fn advance(&self) {
        if let Self::Shown(bar) = self {
            bar.inc(1);
        }
    }

    fn failed(&self, line: usize, message: &str) {
        if let Self::Shown(bar) = self {
            bar.suspend(|| eprintln!("line {line}: {message}"));
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
