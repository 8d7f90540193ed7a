//! Conformance checks of the API: each promise is tried on a server, wherever it runs, and a report says which hold. Beside
//! them the HTTP client that they use, which other consumers of the API may use as well.

mod authentication;
mod client;
mod contacts;
mod creation;
mod every_answer;
mod exchange;
mod filters;
mod keys;
mod list;
mod minute;
mod pages;
mod parameters;
mod paths;
mod promise;
mod records;
mod report;
mod request;
mod run;
mod server;
mod url;
mod webhooks;

pub use client::{Http, Response};
pub use keys::{Keys, NOT_ONE_WORD, Secret};
pub use report::Report;
pub use request::Who;
pub use run::{Extent, check};
pub use url::{base_url, endpoint_url, is_loopback};
