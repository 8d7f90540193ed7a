//! `import`: JSON lines become records.

mod line;
mod times;
mod workers;

pub use crate::lines::Report;

use std::io;

use anyhow::Result;
use domain::OrganizationId;
use serde::Serialize;
use store::Store;

use crate::{cli::ImportOptions, lines};
use workers::Workers;

/// How it went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Records written.
    pub imported: u64,
    /// Lines left out.
    pub failed: u64,
}

pub(crate) async fn run(options: ImportOptions, store: Store) -> Result<()> {
    let lines = lines::open(&options.file)?;
    let report = Report::shown()?;
    let counts = write(&store, lines, options.organization, &report).await;
    report.finish();
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
    for (at, line) in lines::numbered(lines) {
        let ready = match line {
            Ok(line) => match line::parse(&line, organization, store.now()) {
                Ok(ready) => organizations.check(&ready).await.map(|()| ready),
                Err(message) => Err(message),
            },
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
