//! The site as it is rendered, and what keeps it from being.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod dom;
mod frame;
mod languages;
mod markdown;
mod reference;
mod root;
