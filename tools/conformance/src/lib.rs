//! What the API promises, asked of a server wherever it runs, and the HTTP client that asks.

mod answer;
mod authentication;
mod client;
mod contacts;
mod creation;
mod every_answer;
mod filters;
mod keys;
mod known;
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

pub use client::{Http, read};
pub use keys::{GivenKeys, Keys, NOT_ONE_WORD, Secret};
pub use report::Report;
pub use run::{Extent, check};
pub use url::{base_url, endpoint_url, is_loopback};
