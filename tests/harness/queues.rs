//! The template's queues of deliveries, and the fanout function before them.

use aws_sdk_sqs::config::retry::RetryConfig;
use fanout::{Fanout, Queues};
use local::Services;
use store::Store;

use crate::Wire;

/// The deliveries queue.
pub const FAST: &str = "Test-deliveries";
/// The slow deliveries queue.
pub const SLOW: &str = "Test-slow-deliveries";
/// The dead-letter queue of fanout.
pub(crate) const DEAD_LETTERS: &str = "Test-fanout-dead-letters";

/// A client of the queues of `services`, which a test may disturb and which attempts each call once.
pub(crate) fn sqs(services: &Services, wire: &Wire) -> aws_sdk_sqs::Client {
    let sqs = services.sqs();
    let sqs = sqs.config().to_builder().http_client(wire.client()).retry_config(RetryConfig::disabled());
    aws_sdk_sqs::Client::from_conf(sqs.build())
}

/// The function `fanout` over a store, with the queues of `services` behind `sqs`.
pub(crate) fn fanout(store: &Store, services: &Services, sqs: aws_sdk_sqs::Client) -> Fanout {
    let queues = Queues {
        deliveries: services.queue_url(FAST),
        slow_deliveries: services.queue_url(SLOW),
        dead_letters: services.queue_url(DEAD_LETTERS),
    };
    Fanout::new(store.clone(), sqs, queues)
}
