//! The function of the deliveries queues: deliveries become POSTs to the endpoints' receivers, and to nothing else.

mod attempt;
mod function;
mod outbound;

pub use function::Deliver;
pub use outbound::{
    Internet, MAX_BODY_BYTES, Network, Outbound, Post, PostFailure, PostResult, TIME_FOR_A_POST,
};
pub use worker::DeliveryQueue;

use aws_lambda_events::sqs::SqsEvent;
use domain::webhooks::UrlPolicy;
use lambda_runtime::{LambdaEvent, service_fn};
use store::Store;
use worker::{sqs, variable};

/// Runs the function as Lambda has set it up.
///
/// # Errors
/// When a variable of its environment is missing or wrong, or Lambda's own API fails.
pub async fn serve() -> Result<(), lambda_runtime::Error> {
    let policy = UrlPolicy::from_variables(|name| std::env::var(name).ok())?;
    let slow_queue = DeliveryQueue::new(sqs().await?, &variable("SLOW_DELIVERIES_QUEUE_URL")?);
    let deliver = &Deliver::new(Store::from_environment().await?, Outbound::new(policy)?, slow_queue);
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, lambda_runtime::Error>(deliver.handle(event.payload).await)
    }))
    .await
}
