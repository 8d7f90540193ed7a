//! Every promise that the API makes, kept by the running system.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod authentication;
mod contacts;
mod documented_samples;
mod events;
mod faults;
mod gateway;
mod ingest;
mod ingest_conflicts;
mod ingest_format;
mod ingest_in_any_order;
mod ingest_page;
mod ingest_polling;
mod ingest_queue;
mod isolation;
mod lists;
mod local_queue;
mod pagination;
mod panics;
mod random_requests;
mod rate_limit;
mod rotation;
mod round_trips;
mod routes;
mod sizes;
mod tables;
mod template;
mod template_queue;
