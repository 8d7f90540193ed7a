//! Every promise that the API makes, kept by the running system.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod api;
mod contacts;
mod deliver;
mod direct_calls;
mod docs;
mod fanout;
mod ingest;
mod keys;
mod lists;
mod local;
mod tables;
mod template;
mod webhooks;
