//! Commands that documentation shows, run here as a reader runs them, and the answers that they are held against.

mod door;
mod output;
mod page;
mod place;
mod proof;
mod terminal;
mod values;

pub(crate) use output::{Format, ShownOutput};
pub(crate) use page::{Kind, Step, steps};
pub(crate) use place::{Place, Seed};
pub(crate) use values::PageValues;
