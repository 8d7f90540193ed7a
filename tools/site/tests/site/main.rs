//! The site as it is rendered, and the problems that keep it from being rendered.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod dom;
mod frame;
mod languages;
mod markdown;
mod reference;
mod root;
