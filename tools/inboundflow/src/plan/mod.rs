//! The usage plan of a deployed API, and the keys in it.

mod admission;
mod control;
mod doctor;
mod drift;
mod error;
mod gateway;
mod protection;
mod usable;

pub(crate) use doctor::{Options, run as doctor};
pub(crate) use gateway::{Gateway, Plan};
