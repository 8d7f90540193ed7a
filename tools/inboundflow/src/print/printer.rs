//! Records on standard output.

use std::io::{self, IsTerminal as _};

use anyhow::Result;

use super::{
    encoder::{self, Encoder},
    layout::Layout,
    listed::Listed,
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
    pub(crate) fn new<T: Listed>(layout: Layout) -> Self {
        let none = (layout.output == Output::Table).then(|| format!("There are no such {}.", T::NAME));
        Self { encoder: Encoder::new::<T>(layout), none }
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

    /// Prints a list that is there as a whole.
    pub(crate) fn list<T: Listed>(layout: Layout, records: &[Record]) -> Result<()> {
        let mut printer = Self::new::<T>(layout);
        printer.page(records)?;
        printer.end()
    }
}

/// Prints one record.
pub(crate) fn show(record: &Record, layout: Layout) -> Result<()> {
    print(&encoder::one(record, layout.output)?)
}

/// Prints what was encoded. CSV keeps what its values hold, which on a terminal could steer it.
pub(crate) fn print(text: &str) -> Result<()> {
    if io::stdout().is_terminal() { output::text(&output::harmless(text)) } else { output::text(text) }
}
