//! The dead-letter queue, for events that cannot be carried out: as they came, and with the reason.

use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::{Client, types::MessageAttributeValue};
use domain::{chain, ingest::Rejection};

/// A reason is cut here: it may quote a whole transcript.
const MAX_REASON: usize = 1_000;

/// Where to park, and when.
#[derive(Clone)]
pub struct Parking {
    client: Client,
    queue_url: String,
    max_receives: u32,
}

impl Parking {
    /// The dead-letter queue at `queue_url`, behind a queue that delivers each message up to
    /// `max_receives` times.
    #[must_use]
    pub fn new(client: Client, queue_url: &str, max_receives: u32) -> Self {
        Self { client, queue_url: queue_url.to_owned(), max_receives }
    }

    /// Reads `DEAD_LETTER_QUEUE_URL` and `MAX_RECEIVES`.
    ///
    /// # Errors
    /// A sentence that names the variable that is missing or wrong.
    pub fn from_environment(client: Client) -> Result<Self, String> {
        let read = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
        let max_receives = read("MAX_RECEIVES")?.parse().map_err(|_| "MAX_RECEIVES: expected a number")?;
        Ok(Self::new(client, &read("DEAD_LETTER_QUEUE_URL")?, max_receives))
    }

    /// Whether the queue would not deliver the message again.
    pub(crate) fn is_last_try(&self, message: &SqsMessage) -> bool {
        let receives = message.attributes.get("ApproximateReceiveCount");
        receives.and_then(|count| count.parse().ok()).is_none_or(|count: u32| count >= self.max_receives)
    }

    /// Sends the message there, with the reason beside it; returns its id there.
    pub(crate) async fn park(&self, message: &SqsMessage, rejection: &Rejection) -> Result<String, String> {
        let reason = rejection.message.chars().filter(|c| is_taken_by_sqs(*c)).take(MAX_REASON).collect();
        let parked = self
            .client
            .send_message()
            .queue_url(&self.queue_url)
            .message_body(message.body.as_deref().unwrap_or_default())
            .message_attributes("kind", text(rejection.kind.as_str().to_owned())?)
            .message_attributes("reason", text(reason)?)
            .send()
            .await;
        let parked = parked.map(|parked| parked.message_id.unwrap_or_default());
        parked.map_err(|error| format!("SQS SendMessage: {}", chain(&error)))
    }
}

fn is_taken_by_sqs(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn text(text: String) -> Result<MessageAttributeValue, String> {
    let value = MessageAttributeValue::builder().data_type("String").string_value(text).build();
    value.map_err(|error| error.to_string())
}
