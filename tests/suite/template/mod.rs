mod alarms;
mod capacity;
pub(crate) mod definitions;
pub(crate) mod queue;
mod responses;
mod webhooks;
