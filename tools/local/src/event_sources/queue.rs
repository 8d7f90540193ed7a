//! A queue's messages for a function, as Lambda's event source mapping hands them over: in batches, of which those messages
//! are deleted that the function has not named as failed.

use std::{collections::HashSet, sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use tokio::time::sleep;

use crate::{
    handler::Handler,
    queue::{Attribute, Message, Queues, Receipt},
    sources::QueueSource,
    sqs,
};

/// The time after which a failed message can be received again. Deployed, that is after the queue's
/// visibility timeout; here somebody waits for it.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Messages that were received for one call of a function.
pub struct MessageBatch {
    queue: String,
    messages: Vec<(Receipt, Message)>,
}

impl MessageBatch {
    /// Receives up to `most` messages of a queue; nothing where none can be received.
    #[must_use]
    pub fn receive(queues: &Queues, queue: &str, most: usize) -> Option<Self> {
        let messages = queues.receive(queue, most).unwrap_or_default();
        (!messages.is_empty()).then(|| Self { queue: queue.to_owned(), messages })
    }

    /// The event that Lambda would call the function with.
    #[must_use]
    pub fn event(&self) -> Value {
        let record = |(receipt, message): &(Receipt, Message)| {
            json!({
                "messageId": message.id,
                "receiptHandle": receipt.to_string(),
                "body": message.body,
                "attributes": sqs::system_attributes(message),
                "messageAttributes": message.attributes.iter().map(message_attribute).collect::<Map<_, _>>(),
                "md5OfBody": sqs::md5(&message.body),
                "eventSource": "aws:sqs",
                "eventSourceARN": sqs::arn(&self.queue),
                "awsRegion": "us-east-1",
            })
        };
        json!({"Records": self.messages.iter().map(record).collect::<Vec<_>>()})
    }

    /// Deletes the messages whose ids are not among `failed`. The others come back after `retry_after`, or else after the
    /// queue's visibility timeout.
    pub fn settle(&self, queues: &Queues, failed: &HashSet<String>, retry_after: Option<Duration>) {
        for (receipt, message) in &self.messages {
            let settled = match (failed.contains(&message.id.to_string()), retry_after) {
                (false, _) => queues.delete(&self.queue, *receipt),
                (true, Some(time)) => queues.release(&self.queue, *receipt, time),
                (true, None) => Ok(()),
            };
            debug_assert!(settled.is_ok(), "the queue was there when the message was received");
        }
    }
}

/// Feeds a queue's messages to a function, a batch at a time, for ever.
pub(crate) async fn feed(queues: Arc<Queues>, source: QueueSource, function: Handler) {
    let mut changes = queues.changes();
    loop {
        changes.mark_unchanged();
        let Some(batch) = MessageBatch::receive(&queues, &source.queue, source.batch_size) else {
            let next = queues.next(&source.queue);
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = async { sleep(next.unwrap_or(Duration::MAX)).await } => {}
            }
            continue;
        };
        let ids: Vec<String> = batch.messages.iter().map(|(_, message)| message.id.to_string()).collect();
        let known: HashSet<&str> = ids.iter().map(String::as_str).collect();
        let failed = function.invoke_batch(&batch.event(), &known).await.unwrap_or_else(|error| {
            tracing::error!(error = format!("{error:#}"), function = source.function, "function_failed");
            ids.iter().cloned().collect()
        });
        batch.settle(&queues, &failed, Some(RETRY_AFTER));
    }
}

fn message_attribute((name, value): (&String, &Attribute)) -> (String, Value) {
    let value = json!({
        "stringValue": value.string_value,
        "binaryValue": value.binary_value,
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value.data_type,
    });
    (name.clone(), value)
}
