//! What the functions behind queues and streams share: time budgets, the isolation of one message from the others
//! of its batch, queues of deliveries, and dead letters.

mod budget;
mod dead_letters;
mod environment;
mod queue;

pub use budget::{Interruption, TimeBudget};
pub use dead_letters::{DeadLetters, MAX_BODY_BYTES, escaped, receive_count};
pub use environment::{sdk_config, sqs, variable};
pub use queue::{DeliveryQueue, MAX_ENTRIES};
