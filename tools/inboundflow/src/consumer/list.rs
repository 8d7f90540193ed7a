//! `list`: prints the newest records of a list, or all of them.

use std::io::{self, IsTerminal as _};

use anyhow::Result;

use super::{Client, ListPrinter, Listed, WaitDisplay, path, walk::Walk};
use crate::{
    cli::{Cli, ListOptions, Output, OutputOptions},
    output,
};

/// How many records are printed unless somebody says otherwise.
const USUAL_LIMIT: usize = 20;

impl OutputOptions {
    /// Whether anybody said how to print.
    pub(crate) fn is_given(&self) -> bool {
        self.output.is_some() || self.for_spreadsheets
    }

    /// The chosen format, or else a table on a terminal and JSON anywhere else.
    pub(crate) fn chosen(&self) -> Output {
        let usual = if io::stdout().is_terminal() { Output::Table } else { Output::Json };
        match (self.for_spreadsheets, self.output) {
            (false, output) => output.unwrap_or(usual),
            (true, None | Some(Output::Csv)) => Output::Spreadsheet,
            (true, Some(_)) => Cli::refuse("--for-spreadsheets is about CSV: give -o csv with it, or no -o"),
        }
    }
}

/// Prints records, a page at a time.
pub(super) async fn run<T: Listed>(options: ListOptions<T>) -> Result<()> {
    let mut printer = ListPrinter::new::<T>(options.output.chosen());
    let client = Client::new(options.api, WaitDisplay::Lines)?;
    let filters = options.filters.chosen.into_iter().map(|(name, value)| (name.to_owned(), value));
    let mut walk = Walk::new(path(T::RESOURCE), filters, options.since.map(|since| since.at));
    let most = if options.all { usize::MAX } else { options.limit.unwrap_or(USUAL_LIMIT) };
    walk.each(&client, most, |records| printer.page(records)).await?;
    printer.end()?;
    if walk.goes_on() && options.limit.is_none() {
        let name = T::RESOURCE.name;
        output::note(&format!(
            "These are the newest {USUAL_LIMIT} {name}: --limit N prints more, --all every one."
        ));
    }
    Ok(())
}
