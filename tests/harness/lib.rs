//! The harness of the suites: an engine per process, an organization per test, the API over HTTP, and an SDK whose calls
//! can be disturbed.

mod client;
mod connections;
mod deployment;
mod documented;
mod fanning;
mod imports;
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

pub use client::{Client, Response};
pub use connections::{Connections, read_request};
pub use deployment::{Deployment, ReceivedBatch, task};
pub use fanning::{Fanning, Item, endpoint, items};
pub use lines::Lines;
pub use queues::{FAST, SLOW};
pub use receiver::{Got, Receiver, Reply};
pub use records::{appointment, call, contact, fields, lead, line, message, record};
pub use sigv4::{Credentials, SESSION, refusal};
pub use streams::Streams;
pub use voice::{body, call_event, ingest, status_event};
pub use webhooks::{attempt, path_of, sample_event};
pub use week::{Size, WeekReport, week};
pub use wire::{Fault, Kill, Wire};
pub use world::{UNLIMITED, World, clock, functions, invoke, raw_dynamodb, stack};
