//! Files of JSON lines.

mod array;
mod kind;
mod report;
mod source;

pub(crate) use array::elements;
pub use report::Report;
pub(crate) use source::{Numbered, Source, numbered};
