//! The system on one machine: the gateway, the functions, a DynamoDB, queues, buckets, streams and schedules as
//! `template.yaml` describes them, and demo data.

mod aws;
mod bucket;
pub mod demo;
mod engine;
mod event_sources;
mod functions;
mod gateway;
mod handler;
mod local_queue;
pub mod private;
mod queue;
mod sdk;
pub mod server;
mod services;
mod sources;
mod sqs;
mod stack;
mod template;

pub use aws::MAX_BODY_BYTES;
pub use docs;
pub use engine::Engine;
pub use event_sources::{EventSources, Follower, MessageBatch, Streams};
pub use functions::routes;
pub use gateway::{ShowRequest, router};
pub use handler::Handler;
pub use local_queue::LocalQueue;
pub use queue::{Counts, NewMessage, QueueError, Queues};
pub use sdk::configuration;
pub use services::{DeadLetter, Services};
pub use sources::{QueueSettings, QueueSource, Redrive, Schedule, StreamSource};
pub use stack::{GatewayResponse, Stack, TEMPLATE, Throttle};
pub use template::{resolved, resolved_with};
