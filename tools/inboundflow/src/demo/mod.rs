//! `demo`: made-up records, the same for the same seed, as lines for `import`; or the voice events that
//! make such records.

mod events;
mod generator;
mod phrases;
mod story;

pub use events::events;
pub use generator::lines;

use anyhow::Result;

use crate::{cli::DemoOptions, output::line};

pub(crate) fn print(options: &DemoOptions) -> Result<()> {
    let DemoOptions { calls, seed, until, organization, events: as_events } = *options;
    if as_events {
        return events(calls, seed, until, organization).try_for_each(|text| line(&text));
    }
    lines(calls, seed, until, organization).try_for_each(|text| line(&text))
}
