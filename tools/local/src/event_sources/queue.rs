//! What Lambda does between a queue and a function: it takes batches, and deletes what is done.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Map, Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use crate::{
    handler::Handler,
    queue::{Attribute, Message, Queues},
    sources::Source,
    sqs,
};

/// When a message comes back that failed. Deployed, it is the queue's visibility timeout; here somebody
/// waits for it.
const RETRY_AFTER: Duration = Duration::from_secs(1);

type Batch = [(Uuid, Message)];

/// Feeds a queue's messages to a function, a batch at a time, for ever.
pub(crate) async fn feed(queues: Arc<Queues>, source: Source, function: Handler) {
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
        let ids: Vec<String> = batch.iter().map(|(_, message)| message.id.to_string()).collect();
        let known: HashSet<&str> = ids.iter().map(String::as_str).collect();
        let failed = function.invoke_batch(&event(queue, &batch), &known).await.unwrap_or_else(|error| {
            tracing::error!(error = format!("{error:#}"), function = source.function, "the function failed");
            ids.iter().cloned().collect()
        });
        for ((receipt, _), id) in batch.iter().zip(&ids) {
            let settled = match failed.contains(id) {
                true => queues.release(queue, *receipt, Instant::now() + RETRY_AFTER),
                false => queues.delete(queue, *receipt),
            };
            debug_assert!(settled.is_ok(), "the queue was there when the message was received");
        }
    }
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
