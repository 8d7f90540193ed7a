//! The two queues: one for endpoints that answer, and the slow lane for those that make others wait.

use std::time::Duration;

use aws_lambda_events::sqs::SqsMessage;
use aws_sdk_sqs::Client;
use domain::{chain, webhooks::Ticket};

/// Which queue is the slow lane.
#[derive(Clone)]
pub struct Lanes {
    client: Client,
    slow_queue_url: String,
}

impl Lanes {
    /// The slow lane is the queue at `slow_queue_url`; any other one is the fast lane.
    #[must_use]
    pub fn new(client: Client, slow_queue_url: &str) -> Self {
        Self { client, slow_queue_url: slow_queue_url.to_owned() }
    }

    /// Reads `SLOW_DELIVERIES_QUEUE_URL`.
    ///
    /// # Errors
    /// A sentence that names the variable that is missing.
    pub fn from_environment(client: Client) -> Result<Self, String> {
        let name = "SLOW_DELIVERIES_QUEUE_URL";
        let slow_queue_url = std::env::var(name).map_err(|_| format!("{name} is not set"))?;
        Ok(Self::new(client, &slow_queue_url))
    }

    /// Whether the message came by the slow lane.
    pub(crate) fn is_slow(&self, message: &SqsMessage) -> bool {
        let name = |path: &str, separator| path.rsplit(separator).next().map(str::to_owned);
        let came_from = message.event_source_arn.as_deref().and_then(|arn| name(arn, ':'));
        came_from == name(&self.slow_queue_url, '/')
    }

    /// Puts a ticket on the slow lane, to be taken off `after` a while: a quarter of an hour at the most.
    pub(crate) async fn send_slowly(&self, ticket: &Ticket, after: Duration) -> Result<(), String> {
        let seconds = after.as_millis().div_ceil(1000);
        let delay = i32::try_from(seconds).map_err(|_| format!("no queue holds back for {seconds} s"))?;
        let body = serde_json::to_string(ticket).map_err(|error| error.to_string())?;
        let sent = self
            .client
            .send_message()
            .queue_url(&self.slow_queue_url)
            .message_body(body)
            // No organization's backlog holds up another's.
            .message_group_id(ticket.organization_id.to_string())
            .delay_seconds(delay)
            .send()
            .await;
        sent.map(|_| ()).map_err(|error| format!("SQS SendMessage: {}", chain(&error)))
    }
}
