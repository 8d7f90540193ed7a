//! `import`: writes records from JSON lines.

mod line;
mod times;
mod workers;

pub use crate::lines::Report;

use std::io;

use anyhow::Result;
use domain::OrganizationId;
use serde::Serialize;
use store::Store;

use crate::{
    cli::ImportOptions,
    lines::{self, Numbered, Source},
};
use line::Ready;
use workers::Workers;

pub(crate) use line::resources;

/// The counts of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// How many records were written.
    pub imported: u64,
    /// How many lines were left out.
    pub failed: u64,
}

pub(crate) async fn run(options: ImportOptions, store: Store) -> Result<()> {
    let ImportOptions { file, resource, organization, json } = options;
    let source = Source::open(&file)?;
    let lines: Box<dyn Iterator<Item = Numbered>> = match &resource {
        None => Box::new(source.lines("one object a line, with resource and record")?),
        Some(_) if source.is_array() => Box::new(lines::elements(source)?),
        Some(resource) => {
            Box::new(source.lines(&format!("one of the {resource} a line, as export writes them"))?)
        }
    };
    let read = |line: &[u8]| match &resource {
        None => line::parse(line, organization, store.now()),
        Some(resource) => line::of_resource(line, resource, organization, store.now()),
    };
    let report = Report::shown()?;
    let counts = write_all(&store, lines, read, &report).await;
    report.finish();
    if json {
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
pub async fn write(
    store: &Store,
    lines: impl Iterator<Item = io::Result<Vec<u8>>>,
    organization: Option<OrganizationId>,
    report: &Report,
) -> Counts {
    write_all(store, lines::numbered(lines), |line| line::parse(line, organization, store.now()), report)
        .await
}

/// Writes the records that `read` makes of lines. A line that is wrong is only counted; where the lines cannot be
/// read on, or DynamoDB cannot be reached, the rest is left alone.
async fn write_all(
    store: &Store,
    lines: impl Iterator<Item = Numbered>,
    read: impl Fn(&[u8]) -> Result<Ready, String>,
    report: &Report,
) -> Counts {
    let mut workers = Workers::start(store);
    let mut organizations = line::Organizations::new(store.clone());
    let mut total = 0;
    for (at, line) in lines {
        let ready = match line.and_then(|line| read(&line)) {
            Ok(ready) => organizations.check(&ready).await.map(|()| ready),
            Err(message) => Err(message),
        };
        total += 1;
        report.advance();
        match ready {
            Ok(ready) => workers.send(at, ready).await,
            Err(message) => workers.fail(at, message),
        }
        workers.report(report);
        if organizations.unreachable {
            break;
        }
    }
    let imported = workers.finish(report).await;
    Counts { imported, failed: total - imported }
}
