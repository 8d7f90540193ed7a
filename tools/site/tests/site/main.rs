//! The site as it is rendered, and what keeps it from being.

mod dom;
mod frame;
mod languages;
mod links;
mod markdown;
mod reference;
mod root;
