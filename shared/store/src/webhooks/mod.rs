//! Webhooks: endpoints, events and deliveries.

mod backfill;
mod budget;
mod deliveries;
mod due;
mod endpoints;
mod events;
mod failing;
mod health;
mod pace;
mod replay;
mod responses;
mod secrets;
mod task;

pub use backfill::Backfilled;
pub use deliveries::{Claim, Claimed, Verdict};
pub(crate) use events::StoredEvent;
pub use failing::{FailingPage, FailingWebhook};
pub use health::DeliveryEndpoint;
pub use replay::{Enabled, Replayable, Replayed};
pub use secrets::{Rotatable, SECRETS};
pub use task::task_to_send;
