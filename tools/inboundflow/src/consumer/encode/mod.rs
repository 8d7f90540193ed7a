//! How records become text.

mod columns;
mod csv;
mod details;
mod encoder;
mod spreadsheet;
mod table;

pub(crate) use columns::Listed;
pub(crate) use encoder::{Encoder, one};
pub(crate) use table::terminal_width;
