//! What the suites share: an engine per process, an organization per test, the API over HTTP, and an
//! SDK that can be disturbed.

mod client;
mod records;
mod voice;
mod wire;
mod world;

pub use client::{Answer, Client};
pub use records::{appointment, call, contact, lead, line, message};
pub use voice::{body, call_event, ingest, status_event};
pub use wire::{Fault, Wire};
pub use world::{UNLIMITED, World, clock, functions, invoke, stack};
