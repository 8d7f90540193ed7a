//! The layout of a command's output: its form, and how wide a table may be.

use std::{
    env,
    io::{self, IsTerminal as _},
};

use terminal_size::{Width, terminal_size};

use crate::cli::{Cli, Output, OutputOptions};

/// The form of the output, and the most columns of characters that a table may take; none where it may be as wide as it needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    pub(crate) output: Output,
    pub(crate) width: Option<usize>,
}

impl OutputOptions {
    /// The layout that was asked for. Without a form it is a table on a terminal and JSON anywhere else.
    pub(crate) fn layout(&self) -> Layout {
        let usual = if io::stdout().is_terminal() { Output::Table } else { Output::Json };
        let output = match (self.for_spreadsheets, self.output) {
            _ if self.json => Output::Jsonl,
            (false, output) => output.unwrap_or(usual),
            (true, None | Some(Output::Csv)) => Output::Spreadsheet,
            (true, Some(_)) => Cli::refuse("--for-spreadsheets is about CSV: give -o csv with it, or no -o"),
        };
        Layout { output, width: if self.wide { None } else { terminal_width() } }
    }
}

/// The width that a table may have: as `COLUMNS` says, or as the terminal is. What is not printed on a terminal may be as wide
/// as it likes.
fn terminal_width() -> Option<usize> {
    let said = env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let is_terminal = io::stdout().is_terminal();
    said.or_else(|| terminal_size().filter(|_| is_terminal).map(|(Width(width), _)| width.into()))
}
