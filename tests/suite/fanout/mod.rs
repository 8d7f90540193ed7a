pub(crate) mod events;
mod failures;
mod sweep;
