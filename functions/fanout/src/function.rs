//! The handler of an invocation: a batch of a stream, or the schedule.

use aws_lambda_events::streams::DynamoDbEventResponse;
use aws_sdk_sqs::Client;
use serde::Deserialize;
use serde_json::value::RawValue;
use store::Store;
use worker::{DeadLetters, DeliveryQueue};

/// The source of a schedule's events.
const SCHEDULE: &str = "aws.events";

/// The handler of streams and the schedule: the tables and the queues.
#[derive(Clone)]
pub struct Fanout {
    pub(crate) store: Store,
    pub(crate) deliveries: DeliveryQueue,
    pub(crate) slow_deliveries: DeliveryQueue,
    pub(crate) dead_letters: DeadLetters,
}

/// The URLs of the queues.
#[derive(Clone, Debug)]
pub struct Queues {
    /// The URL of the queue for deliveries to attempt now.
    pub deliveries: String,
    /// The URL of the queue for deliveries that have failed, or whose endpoint has.
    pub slow_deliveries: String,
    /// The URL of the dead-letter queue, for records that cannot be carried out.
    pub dead_letters: String,
}

/// The payload of an invocation: the records of a stream, each as it came, or a schedule's event.
#[derive(Deserialize)]
pub struct Invocation {
    #[serde(rename = "Records")]
    records: Option<Vec<Box<RawValue>>>,
    source: Option<String>,
}

impl Fanout {
    /// The handler over these tables and queues.
    #[must_use]
    pub fn new(store: Store, sqs: Client, queues: Queues) -> Self {
        Self {
            store,
            deliveries: DeliveryQueue::new(sqs.clone(), &queues.deliveries),
            slow_deliveries: DeliveryQueue::new(sqs.clone(), &queues.slow_deliveries),
            dead_letters: DeadLetters::new(sqs, &queues.dead_letters),
        }
    }

    /// Carries out a batch, or the schedule. The response names the record from which on the stream has to come
    /// again; what is before it is done.
    ///
    /// # Errors
    /// When the deliveries that are due cannot be sent, or the event is neither.
    pub async fn handle(
        &self,
        event: Invocation,
    ) -> Result<Option<DynamoDbEventResponse>, lambda_runtime::Error> {
        match event {
            Invocation { records: Some(records), .. } => Ok(Some(self.carry_out(&records).await)),
            Invocation { source: Some(source), .. } if source == SCHEDULE => {
                self.sweep().await?;
                Ok(None)
            }
            Invocation { .. } => Err("the event is neither a stream's nor a schedule's".into()),
        }
    }
}
