//! The function of the tables' streams: changes of records become events with their deliveries, new deliveries become
//! messages on the deliveries queue, and once a minute those are sent that are due.

mod dead_letters;
mod endpoints;
mod function;
mod publish;
mod record;
mod stream;
mod sweep;

pub use function::{Fanout, Invocation, Queues};

use lambda_runtime::{LambdaEvent, service_fn};
use store::Store;
use worker::{sqs, variable};

/// Runs the function as Lambda has set it up.
///
/// # Errors
/// When a variable of its environment is missing, or Lambda's own API fails.
pub async fn serve() -> Result<(), lambda_runtime::Error> {
    let queues = Queues {
        deliveries: variable("DELIVERIES_QUEUE_URL")?,
        slow_deliveries: variable("SLOW_DELIVERIES_QUEUE_URL")?,
        dead_letters: variable("FANOUT_DEAD_LETTER_QUEUE_URL")?,
    };
    let fanout = &Fanout::new(Store::from_environment().await?, sqs().await?, queues);
    // Boxed, since rustc does not get to the end of a future this deep inside of the runtime's own.
    lambda_runtime::run(service_fn(|event: LambdaEvent<Invocation>| Box::pin(fanout.handle(event.payload))))
        .await
}
