//! What Lambda does between a queue and a function: it takes batches, and deletes what is done.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde_json::{Map, Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::{
    queue::{Attribute, Message, Queues},
    sources::Source,
    sqs,
};

/// When a message comes back that failed. Deployed, it is the queue's visibility timeout; here somebody
/// waits for it.
const RETRY_AFTER: Duration = Duration::from_secs(1);

type Batch = [(Uuid, Message)];

/// Feeds a queue's messages to `handle`, a batch at a time, for ever.
pub(super) async fn feed<F>(queues: Arc<Queues>, source: Source, handle: impl Fn(SqsEvent) -> F)
where
    F: Future<Output = SqsBatchResponse> + Send + 'static,
{
    let mut changes = queues.changes();
    let queue = &source.queue;
    loop {
        changes.mark_unchanged();
        let batch = queues.receive(queue, source.batch_size, Instant::now()).unwrap_or_default();
        if batch.is_empty() {
            let next = queues.next(queue, Instant::now());
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = async { sleep(next.unwrap_or(Duration::MAX)).await } => {}
            }
            continue;
        }
        let failed = invoke(queue, &batch, &handle).await.unwrap_or_else(|error| {
            tracing::error!(error = format!("{error:#}"), function = source.function, "the function failed");
            batch.iter().map(|(_, message)| message.id).collect()
        });
        for (receipt, message) in batch {
            let settled = match failed.contains(&message.id) {
                true => queues.release(queue, receipt, Instant::now() + RETRY_AFTER),
                false => queues.delete(queue, receipt),
            };
            debug_assert!(settled.is_ok(), "the queue was there when the message was received");
        }
    }
}

/// The messages that failed.
async fn invoke<F>(queue: &str, batch: &Batch, handle: impl Fn(SqsEvent) -> F) -> Result<HashSet<Uuid>>
where
    F: Future<Output = SqsBatchResponse> + Send + 'static,
{
    let event = serde_json::to_string(&event(queue, batch))?;
    let event = serde_json::from_str(&event).context("the function does not take this event")?;
    // A panic ends the task, as it would end the function's process.
    let answer = tokio::spawn(handle(event)).await.context("it panicked")?;
    let known: HashSet<Uuid> = batch.iter().map(|(_, message)| message.id).collect();
    let failures = answer.batch_item_failures.iter();
    failures
        .map(|failure| {
            let id = failure.item_identifier.parse().ok().filter(|id| known.contains(id));
            id.context("its answer names a message that was not in the batch")
        })
        .collect()
}

/// The event as Lambda would make it.
fn event(queue: &str, batch: &Batch) -> Value {
    let record = |(receipt, message): &(Uuid, Message)| {
        json!({
            "messageId": message.id,
            "receiptHandle": receipt,
            "body": message.body,
            "attributes": sqs::system_attributes(message),
            "messageAttributes": message.attributes.iter().map(message_attribute).collect::<Map<_, _>>(),
            "md5OfBody": sqs::md5(&message.body),
            "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:{queue}"),
            "awsRegion": "us-east-1",
        })
    };
    json!({"Records": batch.iter().map(record).collect::<Vec<_>>()})
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
