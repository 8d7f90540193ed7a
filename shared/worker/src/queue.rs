//! A queue of deliveries to attempt: each message names one, and belongs to its organization's group, so that no
//! organization's backlog holds up another's.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use domain::{chain, webhooks::DeliveryTask};

/// How many messages SQS takes at once.
pub const MAX_ENTRIES: usize = 10;

/// A queue of deliveries to attempt.
#[derive(Clone)]
pub struct DeliveryQueue {
    client: Client,
    url: String,
}

impl DeliveryQueue {
    /// The queue at `url`.
    #[must_use]
    pub fn new(client: Client, url: &str) -> Self {
        Self { client, url: url.to_owned() }
    }

    /// Whether the message came from this queue.
    #[must_use]
    pub fn is_source_of(&self, message: &SqsMessage) -> bool {
        let source = message.event_source_arn.as_deref().and_then(|arn| arn.rsplit(':').next());
        source == self.url.rsplit('/').next()
    }

    /// Sends a task that is received `after` a while: a quarter of an hour at the most.
    ///
    /// # Errors
    /// A text for the log, where SQS did not take it.
    pub async fn send(&self, task: &DeliveryTask, after: Duration) -> Result<(), String> {
        let seconds = after.as_millis().div_ceil(1000);
        let delay = i32::try_from(seconds).map_err(|_| format!("no queue delays by {seconds} s"))?;
        let sent = self.client.send_message().queue_url(&self.url).message_body(body(task)?);
        let sent = sent
            .message_group_id(task.organization_id.to_string())
            .delay_seconds(delay)
            .customize()
            .send()
            .await;
        sent.map(|_| ()).map_err(|error| format!("SQS SendMessage: {}", chain(&error)))
    }

    /// Sends up to [`MAX_ENTRIES`] tasks; logs why some did not get there, and returns their places.
    pub async fn send_all(&self, tasks: &[DeliveryTask]) -> Vec<usize> {
        match self.try_send_all(tasks).await {
            Ok(failed) => failed,
            Err(error) => {
                tracing::error!(error, "queue_send_failed");
                (0..tasks.len()).collect()
            }
        }
    }

    async fn try_send_all(&self, tasks: &[DeliveryTask]) -> Result<Vec<usize>, String> {
        let entries = tasks.iter().enumerate().map(|(place, task)| {
            let entry = SendMessageBatchRequestEntry::builder().id(place.to_string());
            let entry = entry.message_body(body(task)?).message_group_id(task.organization_id.to_string());
            entry.build().map_err(|error| error.to_string())
        });
        let entries: Vec<_> = entries.collect::<Result<_, String>>()?;
        let sent = self
            .client
            .send_message_batch()
            .queue_url(&self.url)
            .set_entries(Some(entries))
            .customize()
            .send()
            .await;
        let sent = sent.map_err(|error| format!("SQS SendMessageBatch: {}", chain(&error)))?;
        if let Some(first) = sent.failed.first() {
            tracing::error!(failed = sent.failed.len(), code = first.code(), "queue_send_failed");
        }
        // What is not said to be there is not.
        let is_there = |place: &usize| sent.successful.iter().any(|entry| entry.id() == place.to_string());
        Ok((0..tasks.len()).filter(|place| !is_there(place)).collect())
    }
}

fn body(task: &DeliveryTask) -> Result<String, String> {
    serde_json::to_string(task).map_err(|error| error.to_string())
}
