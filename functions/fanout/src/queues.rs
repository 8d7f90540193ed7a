//! The queues: deliveries that are to be tried go there as tickets.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::{chain, webhooks::DeliveryTask};

use crate::Fanout;

/// How many messages SQS takes at once.
pub(crate) const MAX_ENTRIES: usize = 10;

/// The URLs of the queues.
#[derive(Clone, Debug)]
pub struct Queues {
    /// For deliveries that are to be tried now.
    pub deliveries: String,
    /// For deliveries that have failed, or whose endpoint has.
    pub slow_deliveries: String,
    /// For records that cannot be carried out.
    pub dead_letters: String,
}

impl Queues {
    /// Reads `DELIVERIES_QUEUE_URL`, `SLOW_DELIVERIES_QUEUE_URL` and `FANOUT_DEAD_LETTER_QUEUE_URL`.
    ///
    /// # Errors
    /// A sentence that names the variable that is missing.
    pub fn from_environment() -> Result<Self, String> {
        let read = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
        Ok(Self {
            deliveries: read("DELIVERIES_QUEUE_URL")?,
            slow_deliveries: read("SLOW_DELIVERIES_QUEUE_URL")?,
            dead_letters: read("FANOUT_DEAD_LETTER_QUEUE_URL")?,
        })
    }
}

impl Fanout {
    /// Sends up to ten tickets to a queue; returns the places of those that did not get there.
    pub(crate) async fn send(&self, queue_url: &str, tickets: &[DeliveryTask]) -> Vec<usize> {
        match self.try_send(queue_url, tickets).await {
            Ok(failed) => failed,
            Err(error) => {
                tracing::error!(error, "could not send");
                (0..tickets.len()).collect()
            }
        }
    }

    async fn try_send(&self, queue_url: &str, tickets: &[DeliveryTask]) -> Result<Vec<usize>, String> {
        let entries = tickets.iter().enumerate().map(|(place, ticket)| entry(place, ticket));
        let entries: Vec<_> = entries.collect::<Result<_, _>>()?;
        let sent = self.sqs.send_message_batch().queue_url(queue_url).set_entries(Some(entries)).send().await;
        let sent = sent.map_err(|error| format!("SQS SendMessageBatch: {}", chain(&error)))?;
        if let Some(first) = sent.failed.first() {
            let (failed, code) = (sent.failed.len(), first.code());
            tracing::error!(failed, code, "SQS did not take all of a batch");
        }
        // What is not said to be there is not.
        let is_there = |place: &usize| sent.successful.iter().any(|entry| entry.id() == place.to_string());
        Ok((0..tickets.len()).filter(|place| !is_there(place)).collect())
    }
}

/// Of the organization's group, so that no organization's backlog holds up another's.
fn entry(place: usize, ticket: &DeliveryTask) -> Result<SendMessageBatchRequestEntry, String> {
    let body = serde_json::to_string(ticket).map_err(|error| error.to_string())?;
    let entry = SendMessageBatchRequestEntry::builder()
        .id(place.to_string())
        .message_body(body)
        .message_group_id(ticket.organization_id.to_string());
    entry.build().map_err(|error| error.to_string())
}
