//! Commands that documentation shows, run here as a reader runs them, and the answers that they are held against.

mod answer;
mod door;
mod known;
mod page;
mod place;
mod proof;
mod terminal;

pub(crate) use answer::{Answer, Format};
pub(crate) use known::Known;
pub(crate) use page::{Kind, Step, steps};
pub(crate) use place::{Place, Seed};
