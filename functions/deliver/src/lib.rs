//! Deliveries become POSTs to the receivers that organizations named, and to nothing else.

mod attempt;
mod function;
mod lanes;
mod outbound;

pub use function::Deliver;
pub use lanes::Lanes;
pub use outbound::{
    Answer, Failure, FailureKind, Internet, MAX_BODY_BYTES, Network, Outbound, Post, TIME_FOR_A_POST,
};

use aws_lambda_events::sqs::SqsEvent;
use domain::webhooks::UrlPolicy;
use lambda_runtime::{LambdaEvent, service_fn};
use store::Store;

/// Runs the function as Lambda has set it up.
///
/// # Errors
/// When a variable of its environment is missing or wrong, or Lambda's own API fails.
pub async fn serve() -> Result<(), lambda_runtime::Error> {
    let policy = UrlPolicy::from_variables(|name| std::env::var(name).ok())?;
    let lanes = Lanes::from_environment(aws_sdk_sqs::Client::new(&dynamodb::aws::environment("SQS").await?))?;
    let deliver = Deliver::new(Store::from_environment().await?, Outbound::new(policy)?, lanes);
    let deliver = &deliver;
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, lambda_runtime::Error>(deliver.handle(event.payload).await)
    }))
    .await
}
