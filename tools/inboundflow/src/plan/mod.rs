//! The usage plan of a deployed API, and the keys in it.

mod admission;
mod control;
mod doctor;
mod drift;
mod error;
mod gateway;
mod limit;
mod protection;
mod usable;

#[cfg(test)]
pub(crate) use doctor::FindingRow;
pub(crate) use doctor::{Options, run as doctor};
pub(crate) use gateway::{Gateway, Plan};
