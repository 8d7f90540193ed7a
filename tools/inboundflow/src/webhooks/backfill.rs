//! `webhooks backfill`: publishes events of records that were missed.

use std::time::Duration;

use anyhow::{Result, ensure};
use domain::{OrganizationId, Timestamp};
use store::{KEPT, Store};

use super::tables::known;
use crate::{
    explain::explain,
    output::warn,
    print::{Layout, record, show},
};

pub(super) const UNTIL_BEFORE_SINCE: &str = "--until must be later than --since.";
/// How far back events are known for certain: two days less than [`KEPT`].
const BACKFILLED: Duration = Duration::from_secs(KEPT.as_secs() - 2 * 24 * 60 * 60);

pub(super) async fn run(
    store: &Store,
    organization: OrganizationId,
    since: Timestamp,
    until: Option<Timestamp>,
    layout: Layout,
) -> Result<()> {
    let now = Timestamp::now();
    let earliest = now.minus(BACKFILLED);
    ensure!(
        since >= earliest,
        "What was told before {earliest} is not known any more, and would be told again: give a later --since."
    );
    let until = until.unwrap_or(now);
    ensure!(since < until, "{UNTIL_BEFORE_SINCE}");
    known(store, organization).await?;
    let done = store.backfill(organization, since, until).await.map_err(explain)?;
    if done.unreadable > 0 {
        warn(&format!(
            "{} records do not read: `records check` says what is wrong with each.",
            done.unreadable
        ));
    }
    show(&record(&done)?, layout)
}
