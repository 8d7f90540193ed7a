//! The tables' streams become events with their deliveries, and deliveries become messages on the queue;
//! once a minute those follow that are due.

mod batch;
mod budget;
mod endpoints;
mod parking;
mod queues;
mod record;
mod sweep;
mod telling;

pub use queues::Queues;

use aws_lambda_events::streams::DynamoDbEventResponse;

use lambda_runtime::{LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::value::RawValue;
use store::Store;

/// The sender of a schedule's events.
const SCHEDULE: &str = "aws.events";

/// The function: the tables and the queues.
#[derive(Clone)]
pub struct Fanout {
    store: Store,
    sqs: aws_sdk_sqs::Client,
    queues: Queues,
}

/// What Lambda hands over: the records of a stream, each as it came, or a schedule's event.
#[derive(Deserialize)]
pub struct Event {
    #[serde(rename = "Records")]
    records: Option<Vec<Box<RawValue>>>,
    source: Option<String>,
}

/// Runs the function as Lambda has set it up.
///
/// # Errors
/// When a variable of its environment is missing, or Lambda's own API fails.
pub async fn serve() -> Result<(), lambda_runtime::Error> {
    let sqs = aws_sdk_sqs::Client::new(&dynamodb::aws::environment("SQS").await?);
    let fanout = Fanout::new(Store::from_environment().await?, sqs, Queues::from_environment()?);
    let fanout = &fanout;
    // Boxed, since rustc does not get to the end of a future this deep inside of the runtime's own.
    lambda_runtime::run(service_fn(|event: LambdaEvent<Event>| Box::pin(fanout.handle(event.payload)))).await
}

impl Fanout {
    /// The function over these tables and queues.
    #[must_use]
    pub fn new(store: Store, sqs: aws_sdk_sqs::Client, queues: Queues) -> Self {
        Self { store, sqs, queues }
    }

    /// Carries out a batch, or the schedule. From the record that is named in the answer the stream has to
    /// come again; what is before it is done.
    ///
    /// # Errors
    /// When what is due cannot be brought up, or the event is neither.
    pub async fn handle(&self, event: Event) -> Result<Option<DynamoDbEventResponse>, lambda_runtime::Error> {
        match event {
            Event { records: Some(records), .. } => Ok(Some(self.take(&records).await)),
            Event { source: Some(source), .. } if source == SCHEDULE => {
                self.sweep().await?;
                Ok(None)
            }
            Event { .. } => Err("the event is neither a stream's nor a schedule's".into()),
        }
    }
}
