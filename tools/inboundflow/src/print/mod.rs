//! Printing of records: the API's, and those that only operators see.

mod columns;
mod csv;
mod details;
mod encoder;
mod layout;
mod listed;
mod printer;
mod record;
mod spreadsheet;
mod table;

pub(crate) use columns::{Column, Form};
pub(crate) use encoder::Encoder;
pub(crate) use layout::Layout;
pub(crate) use listed::Listed;
pub(crate) use printer::{ListPrinter, print, show};
pub(crate) use record::{Record, record};
