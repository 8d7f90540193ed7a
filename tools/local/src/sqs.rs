//! The operations of SQS in AWS JSON 1.0, as far as producers, operators and the functions need them.

mod input;

use std::time::Duration;

use axum::{
    body::Body,
    http::{Response, StatusCode, header},
    response::IntoResponse as _,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::queue::{Message, NewMessage, QueueError, Queues, Receipt};
use input::{
    ChangeVisibilityBatch, Entry, GetQueueUrl, QueueInput, SendMessage, SendMessageBatch, Sent,
    VisibilityEntry,
};

/// The account that queues' URLs and ARNs name.
pub(super) const ACCOUNT: &str = "000000000000";
const MAX_BATCH_ENTRIES: usize = 10;
const MAX_BATCH_BYTES: usize = 1024 * 1024;
const MAX_RECEIVED: usize = 10;
const MAX_DELAY_SECONDS: u64 = 900;
const MAX_GROUP_CHARACTERS: usize = 128;

/// An error as SQS names it, and its sentence.
struct Fault(&'static str, String);

/// Carries out an operation: the name after `AmazonSQS.`, with its input. The queues' URLs begin with `account_url`.
pub(super) fn answer(queues: &Queues, account_url: &str, operation: &str, input: &[u8]) -> Response<Body> {
    let answered = match operation {
        "SendMessage" => read(input).and_then(|input| send(queues, input)),
        "SendMessageBatch" => read(input).and_then(|input| send_batch(queues, input)),
        "ReceiveMessage" => read(input).and_then(|input| receive(queues, &input)),
        "GetQueueUrl" => read(input).and_then(|input| queue_url(queues, account_url, &input)),
        "ChangeMessageVisibilityBatch" => read(input).and_then(|input| change_visibility(queues, input)),
        "DeleteMessage" => read(input).and_then(|input| delete(queues, &input)),
        "GetQueueAttributes" => read(input).and_then(|input| attributes(queues, &input)),
        other => Err(Fault("UnsupportedOperation", format!("The local queue does not know {other}."))),
    };
    match answered {
        Ok(output) => response(StatusCode::OK, &output),
        Err(Fault(code, message)) => {
            let body = json!({"__type": format!("com.amazonaws.sqs#{code}"), "message": message});
            let mut refused = response(StatusCode::BAD_REQUEST, &body);
            if let Ok(query_error) = format!("{};Sender", former(code)).parse() {
                refused.headers_mut().insert("x-amzn-query-error", query_error);
            }
            refused
        }
    }
}

fn response(status: StatusCode, body: &Value) -> Response<Body> {
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.0")], body.to_string()).into_response()
}

/// The error's name in the protocol before this one, which SDKs still go by.
fn former(code: &str) -> String {
    match code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue".to_owned(),
        "InvalidParameterValue" | "InvalidMessageContents" | "ReceiptHandleIsInvalid" => code.to_owned(),
        other => format!("AWS.SimpleQueueService.{other}"),
    }
}

fn send(queues: &Queues, input: SendMessage) -> Result<Value, Fault> {
    let md5 = md5(&input.message.message_body);
    let id = queues.send(name(&input.queue_url), input.message.read()?)?;
    Ok(json!({"MessageId": id, "MD5OfMessageBody": md5}))
}

impl Sent {
    fn read(self) -> Result<NewMessage, Fault> {
        let seconds = u64::try_from(self.delay_seconds).ok().filter(|seconds| *seconds <= MAX_DELAY_SECONDS);
        let delay = Duration::from_secs(seconds.ok_or_else(|| {
            let expected = format!("DelaySeconds has to be 0 to {MAX_DELAY_SECONDS}.");
            Fault("InvalidParameterValue", expected)
        })?);
        let is_group = |group: &String| {
            (1..=MAX_GROUP_CHARACTERS).contains(&group.len())
                && group.chars().all(|character| character.is_ascii_graphic())
        };
        if !self.message_group_id.as_ref().is_none_or(is_group) {
            let expected = format!(
                "MessageGroupId has to be 1 to {MAX_GROUP_CHARACTERS} letters, digits or punctuation marks."
            );
            return Err(Fault("InvalidParameterValue", expected));
        }
        let (body, attributes) = (self.message_body, self.message_attributes);
        Ok(NewMessage { body, attributes, group: self.message_group_id, delay })
    }
}

fn send_batch(queues: &Queues, input: SendMessageBatch) -> Result<Value, Fault> {
    let SendMessageBatch { queue_url, entries } = input;
    if entries.is_empty() {
        return Err(Fault("EmptyBatchRequest", "There are no entries in it.".to_owned()));
    }
    if entries.len() > MAX_BATCH_ENTRIES {
        let most = format!("A batch may have {MAX_BATCH_ENTRIES} entries at the most.");
        return Err(Fault("TooManyEntriesInBatchRequest", most));
    }
    if entries.iter().map(|entry| entry.message.message_body.len()).sum::<usize>() > MAX_BATCH_BYTES {
        let most = format!("A batch may have {MAX_BATCH_BYTES} bytes at the most.");
        return Err(Fault("BatchRequestTooLong", most));
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for Entry { id, message } in entries {
        let md5 = md5(&message.message_body);
        let sent = match message.read() {
            Ok(message) => queues.send(name(&queue_url), message),
            Err(fault) => {
                failed.push(failure(&id, fault));
                continue;
            }
        };
        match sent {
            Ok(message_id) => {
                successful.push(json!({"Id": id, "MessageId": message_id, "MD5OfMessageBody": md5}));
            }
            Err(QueueError::NoSuchQueue) => return Err(QueueError::NoSuchQueue.into()),
            Err(refusal) => failed.push(failure(&id, refusal.into())),
        }
    }
    Ok(json!({"Successful": successful, "Failed": failed}))
}

fn failure(id: &str, Fault(code, message): Fault) -> Value {
    json!({"Id": id, "Code": code, "Message": message, "SenderFault": true})
}

fn receive(queues: &Queues, input: &QueueInput) -> Result<Value, Fault> {
    let most = input.max_number_of_messages.unwrap_or(1);
    if !(1..=MAX_RECEIVED).contains(&most) {
        let expected = format!("MaxNumberOfMessages has to be 1 to {MAX_RECEIVED}.");
        return Err(Fault("InvalidParameterValue", expected));
    }
    let queue = name(&input.queue_url);
    let received = queues.receive(queue, most)?;
    if let Some(seconds) = input.visibility_timeout {
        let hidden = |(receipt, _): &_| queues.release(queue, *receipt, Duration::from_secs(seconds));
        received.iter().try_for_each(hidden)?;
    }
    let messages: Vec<Value> = received
        .into_iter()
        .map(|(receipt, message)| {
            json!({
                "MessageId": message.id,
                "ReceiptHandle": receipt.to_string(),
                "MD5OfBody": md5(&message.body),
                "Attributes": system_attributes(&message),
                "MessageAttributes": message.attributes,
                "Body": message.body,
            })
        })
        .collect();
    Ok(json!({"Messages": messages}))
}

fn delete(queues: &Queues, input: &QueueInput) -> Result<Value, Fault> {
    queues.delete(name(&input.queue_url), receipt(input.receipt_handle.as_deref().unwrap_or_default())?)?;
    Ok(json!({}))
}

fn receipt(handle: &str) -> Result<Receipt, Fault> {
    let unknown = |_| Fault("ReceiptHandleIsInvalid", "The local queue gave no such receipt.".to_owned());
    handle.parse().map_err(unknown)
}

fn queue_url(queues: &Queues, account_url: &str, input: &GetQueueUrl) -> Result<Value, Fault> {
    queues.counts(&input.queue_name)?;
    Ok(json!({"QueueUrl": format!("{account_url}/{}", input.queue_name)}))
}

fn change_visibility(queues: &Queues, input: ChangeVisibilityBatch) -> Result<Value, Fault> {
    let queue = name(&input.queue_url);
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for VisibilityEntry { id, receipt_handle, visibility_timeout } in input.entries {
        let after = Duration::from_secs(visibility_timeout);
        let changed = receipt(&receipt_handle).and_then(|receipt| Ok(queues.release(queue, receipt, after)?));
        match changed {
            Ok(()) => successful.push(json!({"Id": id})),
            Err(fault) => failed.push(failure(&id, fault)),
        }
    }
    Ok(json!({"Successful": successful, "Failed": failed}))
}

fn attributes(queues: &Queues, input: &QueueInput) -> Result<Value, Fault> {
    let counts = queues.counts(name(&input.queue_url))?;
    Ok(json!({"Attributes": {
        "ApproximateNumberOfMessages": counts.waiting.to_string(),
        "ApproximateNumberOfMessagesDelayed": counts.delayed.to_string(),
        "ApproximateNumberOfMessagesNotVisible": counts.in_flight.to_string(),
    }}))
}

/// The attributes that SQS itself gives a message that was received.
pub(super) fn system_attributes(message: &Message) -> Value {
    let mut attributes = json!({
        "ApproximateReceiveCount": message.receives.to_string(),
        "SentTimestamp": message.sent_at.unix_ms().to_string(),
        "SenderId": "local",
    });
    if let Some(group) = &message.group {
        attributes["MessageGroupId"] = group.as_str().into();
    }
    if let Some(queue) = &message.moved_from {
        attributes["DeadLetterQueueSourceArn"] = arn(queue).into();
    }
    attributes
}

/// The ARN of a queue.
pub(super) fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:us-east-1:{ACCOUNT}:{queue}")
}

/// The MD5 of a message's body, which some SDKs compare with their own.
pub(super) fn md5(body: &str) -> String {
    format!("{:x}", md5::compute(body))
}

fn read<'a, T: Deserialize<'a>>(input: &'a [u8]) -> Result<T, Fault> {
    serde_json::from_slice(input).map_err(|error| Fault("InvalidParameterValue", error.to_string()))
}

/// The name of the queue that a URL ends in.
fn name(queue_url: &str) -> &str {
    queue_url.rsplit('/').next().unwrap_or_default()
}

impl From<QueueError> for Fault {
    fn from(refusal: QueueError) -> Self {
        match refusal {
            QueueError::NoSuchQueue => Self("QueueDoesNotExist", "The stack has no such queue.".to_owned()),
            QueueError::TooLong { max_bytes } => {
                let message =
                    format!("A message may have {max_bytes} bytes at the most, its attributes included.");
                Self("InvalidParameterValue", message)
            }
            QueueError::NotText => {
                let message = "A message may not have control characters, U+FFFE and U+FFFF.".to_owned();
                Self("InvalidMessageContents", message)
            }
        }
    }
}
