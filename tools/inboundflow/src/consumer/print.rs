//! Records on standard output.

use std::io::{self, IsTerminal as _};

use anyhow::Result;

use super::{
    encode::{self, Encoder, Listed, terminal_width},
    record::Record,
};
use crate::{cli::Output, output};

/// Prints a list as its pages come.
pub(crate) struct ListPrinter {
    encoder: Encoder,
    /// The note for a list without records.
    none: Option<String>,
}

impl ListPrinter {
    pub(crate) fn new<T: Listed>(output: Output) -> Self {
        let none = (output == Output::Table).then(|| format!("There are no such {}.", T::RESOURCE.name));
        Self { encoder: Encoder::new::<T>(output, terminal_width()), none }
    }

    pub(crate) fn page(&mut self, records: &[Record]) -> Result<()> {
        self.none.take_if(|_| !records.is_empty());
        print(&self.encoder.records(records)?)
    }

    pub(crate) fn end(mut self) -> Result<()> {
        print(&self.encoder.end()?)?;
        self.none.iter().for_each(|none| output::note(none));
        Ok(())
    }
}

/// Prints one record.
pub(crate) fn show(record: &Record, form: Output) -> Result<()> {
    print(&encode::one(record, form)?)
}

/// Prints what was encoded. CSV keeps what its values hold, which on a terminal could steer it.
pub(super) fn print(text: &str) -> Result<()> {
    if io::stdout().is_terminal() { output::text(&output::harmless(text)) } else { output::text(text) }
}
