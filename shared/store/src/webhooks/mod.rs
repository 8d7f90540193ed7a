//! Webhooks: endpoints, events and deliveries.

mod backfill;
mod budget;
mod deliveries;
mod due;
mod endpoints;
mod events;
mod pace;
mod receivers;
mod replay;
mod responses;
mod secrets;
mod task;

pub use backfill::Backfilled;
pub use deliveries::{Claim, Claimed, Verdict};
pub(crate) use events::StoredEvent;
pub use receivers::Receiver;
pub use replay::{Enabled, Replayable, Replayed};
pub use secrets::{Rotatable, SECRETS};
pub use task::ticket_to_send;
