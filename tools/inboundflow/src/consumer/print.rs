//! Records on standard output.

use std::io::{self, IsTerminal as _};

use anyhow::Result;

use super::{encode, record::Record};
use crate::{cli::Output, output};

/// Prints one record.
pub(crate) fn show(record: &Record, form: Output) -> Result<()> {
    print(&encode::one(record, form)?)
}

/// Prints what was encoded. CSV keeps what its values hold, which on a terminal could steer it.
pub(crate) fn print(text: &str) -> Result<()> {
    if io::stdout().is_terminal() { output::text(&output::harmless(text)) } else { output::text(text) }
}
