//! `demo`: prints made-up records, or voice events.

use anyhow::Result;

use crate::{cli::DemoOptions, output::line};

pub(crate) fn print(options: &DemoOptions) -> Result<()> {
    let DemoOptions { calls, seed, until, organization, events } = *options;
    if events {
        return local::demo::events(calls, seed, until, organization).try_for_each(|text| line(&text));
    }
    local::demo::lines(calls, seed, until, organization).try_for_each(|text| line(&text))
}
