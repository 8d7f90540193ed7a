//! Dead-letter queues: what cannot be carried out is kept as it came, with the reason beside it, within what SQS
//! takes of text.

use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::{Client, types::MessageAttributeValue};
use domain::chain;

/// The longest body of a dead letter, in bytes: what SQS takes of a message, less what the attributes need.
pub const MAX_BODY_BYTES: usize = 1024 * 1024 - 1024;
/// The length at which a reason is cut: it may quote a whole transcript.
const MAX_REASON_CHARS: usize = 1_000;

/// A dead-letter queue.
#[derive(Clone)]
pub struct DeadLetters {
    client: Client,
    queue_url: String,
}

impl DeadLetters {
    /// The dead-letter queue at `queue_url`.
    #[must_use]
    pub fn new(client: Client, queue_url: &str) -> Self {
        Self { client, queue_url: queue_url.to_owned() }
    }

    /// Sends `body`, with its kind and reason as attributes of the message; returns the message's id.
    ///
    /// # Errors
    /// A text for the log, where SQS did not take it.
    pub async fn send(&self, body: &str, kind: &str, reason: &str) -> Result<String, String> {
        let reason: String = reason.chars().filter(|c| is_taken(*c)).take(MAX_REASON_CHARS).collect();
        let sent = self.client.send_message().queue_url(&self.queue_url).message_body(body);
        let sent = sent.message_attributes("kind", attribute(kind)?);
        let sent = sent.message_attributes("reason", attribute(&reason)?).customize().send().await;
        let sent = sent.map_err(|error| format!("SQS SendMessage: {}", chain(&error)))?;
        Ok(sent.message_id.unwrap_or_default())
    }
}

/// JSON that SQS takes: of the two characters that it refuses, which in JSON stand in strings alone, the escapes.
#[must_use]
pub fn escaped(json: &str) -> String {
    json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

/// How often a message has been received, this time included; none where the queue does not say.
#[must_use]
pub fn receive_count(message: &SqsMessage) -> Option<u32> {
    message.attributes.get("ApproximateReceiveCount")?.parse().ok()
}

fn is_taken(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn attribute(text: &str) -> Result<MessageAttributeValue, String> {
    let value = MessageAttributeValue::builder().data_type("String").string_value(text).build();
    value.map_err(|error| error.to_string())
}
