//! What the suites share: an engine per process, an organization per test, the API over HTTP, and an
//! SDK that can be disturbed.

mod client;
mod deployment;
mod documented;
mod fanning;
mod lines;
mod queues;
mod receiver;
mod records;
mod sigv4;
mod streams;
mod voice;
mod webhooks;
mod week;
mod wire;
mod world;

pub use client::{Answer, Client};
pub use deployment::{Deployment, FAST, SLOW, ticket};
pub use fanning::{Fanning, Item, endpoint, items};
pub use lines::Lines;
pub use queues::{Batch, Queues};
pub use receiver::{Got, Receiver, Reply};
pub use records::{appointment, call, contact, lead, line, message};
pub use sigv4::{Credentials, SESSION, refusal};
pub use streams::Streams;
pub use voice::{body, call_event, ingest, status_event};
pub use webhooks::{attempt, path_of};
pub use week::{Size, Told, week};
pub use wire::{Fault, Wire};
pub use world::{UNLIMITED, World, clock, functions, invoke, stack};
