//! The queues of a deployment or of `dev` by their names, and the calls of SQS.

use std::collections::HashMap;

use anyhow::{Result, anyhow};
use aws_sdk_sqs::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::{ChangeMessageVisibilityBatchRequestEntry, MessageSystemAttributeName},
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use tokio::sync::Mutex;

use super::letter::DeadLetter;
use crate::{
    cli::{DeadLetterPlace, DeadLetterQueue},
    deployment::configuration,
    explain::{detail, missing},
};

/// How long a message that was received is not seen by others, unless it is released before.
const HELD_SECONDS: i32 = 300;
/// The most messages that SQS hands over, or takes, at once.
const BATCH: usize = 10;
/// The path that `dev` has its queues at.
const DEV_PATH: &str = "/_local/aws";

/// The queues that belong to dead letters.
pub(super) struct Queues {
    sqs: Client,
    prefix: String,
    /// The base URL of `dev`, where the queues are those of `dev`.
    dev: Option<String>,
    region: Option<String>,
    urls: Mutex<HashMap<String, String>>,
}

impl DeadLetterQueue {
    pub(super) const ALL: [Self; 3] = [Self::Events, Self::Deliveries, Self::Fanout];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Deliveries => "deliveries",
            Self::Fanout => "fanout",
        }
    }
}

impl Queues {
    pub(super) async fn open(place: DeadLetterPlace, prefix: &str) -> Self {
        let dev = place.dev();
        let config = match &dev {
            Some(url) => local::configuration(&format!("{}{DEV_PATH}", url.trim_end_matches('/'))),
            None => configuration().await,
        };
        Self {
            sqs: Client::new(&config),
            prefix: prefix.to_owned(),
            region: config.region().map(ToString::to_string),
            dev,
            urls: Mutex::default(),
        }
    }

    /// The name of the queue that a dead letter goes back to; none where it came from a table's stream.
    pub(super) fn source(&self, letter: &DeadLetter) -> Option<String> {
        match letter.queue {
            DeadLetterQueue::Events => Some(self.named("events")),
            DeadLetterQueue::Deliveries => {
                let slow = self.named("slow-deliveries");
                let is_slow = letter.moved_from() == Some(slow.as_str());
                Some(if is_slow { slow } else { self.named("deliveries") })
            }
            DeadLetterQueue::Fanout => None,
        }
    }

    /// Up to ten messages, which nobody else receives for some minutes.
    pub(super) async fn receive(&self, queue: DeadLetterQueue) -> Result<Vec<DeadLetter>> {
        let receive = self.sqs.receive_message().queue_url(self.dead_letters(queue).await?);
        let receive = receive
            .max_number_of_messages(i32::try_from(BATCH)?)
            .visibility_timeout(HELD_SECONDS)
            // Without a wait SQS looks at some of its servers only.
            .wait_time_seconds(1)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::All);
        let received = receive.send().await.map_err(|error| self.explain("ReceiveMessage", &error))?;
        let messages = received.messages.unwrap_or_default();
        Ok(messages.into_iter().map(|message| DeadLetter::new(queue, message)).collect())
    }

    /// Sends the message of a dead letter to a queue as it came, without what made it a dead letter.
    pub(super) async fn send(&self, letter: &DeadLetter, to: &str) -> Result<()> {
        let attributes = Some(letter.attributes()).filter(|attributes| !attributes.is_empty());
        let send = self.sqs.send_message().queue_url(self.url(to).await?).message_body(letter.body());
        let send =
            send.set_message_attributes(attributes).set_message_group_id(letter.group().map(str::to_owned));
        send.send().await.map(drop).map_err(|error| self.explain("SendMessage", &error))
    }

    /// Deletes a message that was received.
    pub(super) async fn delete(&self, letter: &DeadLetter) -> Result<()> {
        let delete = self.sqs.delete_message().queue_url(self.dead_letters(letter.queue).await?);
        let deleted = delete.receipt_handle(letter.receipt()).send().await;
        deleted.map(drop).map_err(|error| self.explain("DeleteMessage", &error))
    }

    /// Lets others receive at once what was received with these receipts.
    pub(super) async fn release(&self, queue: DeadLetterQueue, receipts: &[&str]) -> Result<()> {
        let url = self.dead_letters(queue).await?;
        for batch in receipts.chunks(BATCH) {
            let entry = |(at, receipt): (usize, &&str)| {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(at.to_string());
                entry.receipt_handle(*receipt).visibility_timeout(0).build()
            };
            let entries = batch.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>()?;
            let change =
                self.sqs.change_message_visibility_batch().queue_url(&url).set_entries(Some(entries));
            change.send().await.map_err(|error| self.explain("ChangeMessageVisibilityBatch", &error))?;
        }
        Ok(())
    }

    async fn dead_letters(&self, queue: DeadLetterQueue) -> Result<String> {
        self.url(&self.named(&format!("{}-dead-letters", queue.as_str()))).await
    }

    fn named(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The URL of a queue, which is asked for once.
    async fn url(&self, name: &str) -> Result<String> {
        let mut urls = self.urls.lock().await;
        if let Some(url) = urls.get(name) {
            return Ok(url.clone());
        }
        let found = self.sqs.get_queue_url().queue_name(name).send().await.map_err(|error| {
            let is_missing = error.as_service_error().is_some_and(|error| error.is_queue_does_not_exist());
            if is_missing { self.no_queue(name) } else { self.explain("GetQueueUrl", &error) }
        })?;
        let url = found.queue_url.ok_or_else(|| anyhow!("SQS names no URL of the queue {name}."))?;
        urls.insert(name.to_owned(), url.clone());
        Ok(url)
    }

    fn no_queue(&self, name: &str) -> anyhow::Error {
        match (&self.dev, &self.region) {
            (Some(url), _) => anyhow!(
                "The `dev` at {url} has no queue {name}: name its stack with --table-prefix, as `dev` was started with."
            ),
            (None, region) => anyhow!(
                "There is no queue {name} in {}: deploy the stack, name another one with --table-prefix, choose its region with \
                 AWS_REGION, or name the queues of `dev` with --dev.",
                region.as_deref().unwrap_or("this region")
            ),
        }
    }

    /// The error of a call of SQS in one sentence, with the way out where one is known.
    fn explain<E>(&self, operation: &str, error: &SdkError<E, HttpResponse>) -> anyhow::Error
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let detail = detail(error);
        if let Some(missing) = missing(&detail) {
            return anyhow!("{missing} The queues of `dev` are named with --dev.");
        }
        let way_out = match (&self.dev, detail.as_str()) {
            (Some(url), detail) if detail.contains("dispatch failure") => {
                format!("Nothing answers at {url}: is `inboundflow dev` running there? Another address is named with --dev=URL. ")
            }
            (Some(url), detail) if detail.contains("unhandled error") => format!("What answers at {url} is no `dev`. "),
            (None, detail) if detail.contains("dispatch failure") => {
                "SQS cannot be reached: check your network and region, or name the queues of `dev` with --dev. ".to_owned()
            }
            (None, detail) if detail.contains("unhandled error") => "What answers there is no SQS. ".to_owned(),
            _ => String::new(),
        };
        anyhow!("{way_out}(SQS {operation}: {detail})")
    }
}
