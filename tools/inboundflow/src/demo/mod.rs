//! `demo`: made-up records, the same for the same seed, as lines for `import`.

mod generator;
mod phrases;
mod story;

pub use generator::lines;

use anyhow::Result;

use crate::{cli::DemoOptions, output::line};

pub(crate) fn print(options: &DemoOptions) -> Result<()> {
    lines(options.calls, options.seed, options.until, options.organization).try_for_each(|text| line(&text))
}
