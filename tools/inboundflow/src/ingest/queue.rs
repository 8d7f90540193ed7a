//! A producer of voice events: sends messages in batches, and puts what is too large for the queue into the bucket.

use std::time::Duration;

use anyhow::{Result, bail};
use aws_config::{Region, SdkConfig, retry::RetryConfig};
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use conformance::is_loopback;
use domain::ingest::{BucketName, MAX_QUEUED_BYTES, Pointer, S3Object, Version};
use local::LocalQueue;
use tokio::time::sleep;
use uuid::Uuid;

use super::{error, line::Event, place::QueueUrl};
use crate::deployment::configuration;

/// The most bytes of a batch; SQS itself takes four times that.
const MAX_BATCH_BYTES: usize = 262_144;
const MAX_BATCH: usize = 10;
/// How often the SDK attempts a call, and how often the command sends what the queue left out of a batch.
const ATTEMPTS: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A queue to send to. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Queue {
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) url: String,
    pub(crate) bucket: Option<BucketName>,
}

/// A message to be sent: an event, or a pointer to it.
pub(crate) struct Message {
    line: usize,
    body: String,
    object: Option<(S3Object, String)>,
}

/// Messages that are sent together.
#[derive(Default)]
pub(crate) struct SendBatch(Vec<Message>);

/// The result of sending a batch.
#[derive(Default)]
pub(crate) struct Sent {
    /// How many messages the queue has taken.
    pub(crate) count: u64,
    /// The lines of the messages that the queue has not taken, and why.
    pub(crate) failed: Vec<(usize, String)>,
    /// Why the queue cannot be reached, so that no other batch can be sent either.
    pub(crate) unreachable: Option<String>,
    /// The lines of the messages that were left alone for that.
    pub(crate) left: Vec<usize>,
}

impl Queue {
    /// Opens a queue: one on this machine takes any credentials; those for others come from the environment,
    /// the profile, or what else AWS's tools look at.
    pub(crate) async fn open(url: &QueueUrl, bucket: Option<BucketName>) -> Self {
        let config = match (url.endpoint(), url.region()) {
            (Some(endpoint), _) if is_loopback(endpoint) => local::configuration(endpoint),
            (endpoint, region) => {
                let config = configuration().await;
                let region = region.map(|region| Region::new(region.to_owned()));
                let region = region.or(config.region().cloned()).unwrap_or(Region::from_static("us-east-1"));
                let mut config = config.into_builder().region(region);
                if let Some(endpoint) = endpoint {
                    config = config.endpoint_url(endpoint);
                }
                config.build()
            }
        };
        Self::new(&config, url, bucket)
    }

    /// The queue of events that `dev` runs, with its bucket.
    pub(crate) fn of(queue: &LocalQueue) -> Self {
        let (sqs, s3) = (queue.services().sqs(), queue.services().s3());
        Self { sqs, s3, url: queue.queue_url(), bucket: queue.bucket().parse().ok() }
    }

    fn new(config: &SdkConfig, url: &QueueUrl, bucket: Option<BucketName>) -> Self {
        let (sqs, s3) = clients(config, url.endpoint());
        Self { sqs, s3, url: url.to_string(), bucket }
    }

    /// The message of an event that stood on `line`.
    ///
    /// # Errors
    /// When it is too large for the queue and there is no bucket.
    pub(crate) fn message(&self, line: usize, event: Event) -> Result<Message, String> {
        // Two characters that JSON has and SQS does not take; in JSON they stand in strings alone.
        let text = event.text.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff");
        if text.len() <= MAX_QUEUED_BYTES {
            return Ok(Message { line, body: text, object: None });
        }
        let bucket = self.bucket.clone().ok_or_else(|| {
            format!(
                "it has {} bytes, and the queue takes {MAX_QUEUED_BYTES}: pass --bucket with the stack's EventsBucket",
                text.len()
            )
        })?;
        let folder = event.organization.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
        let key = format!("{folder}/{}.json", Uuid::new_v4()).parse()?;
        let s3 = S3Object { bucket, key };
        let pointer = Pointer { version: Version, s3: s3.clone() };
        let body = serde_json::to_string(&pointer).map_err(|error| error.to_string())?;
        Ok(Message { line, body, object: Some((s3, text)) })
    }

    /// Sends events; returns how many.
    ///
    /// # Errors
    /// Which of them was not sent, and why. Those after it were not sent either.
    pub(crate) async fn send_all(&self, events: impl Iterator<Item = Event>) -> Result<usize> {
        let mut batch = SendBatch::default();
        let mut count = 0;
        for (line, event) in (1..).zip(events) {
            let message = self.message(line, event).map_err(anyhow::Error::msg)?;
            if let Some(full) = batch.push(message) {
                self.send_whole(full).await?;
            }
            count = line;
        }
        self.send_whole(batch.finish()).await?;
        Ok(count)
    }

    async fn send_whole(&self, batch: Vec<Message>) -> Result<()> {
        let sent = self.send(batch).await;
        match (sent.unreachable, sent.failed.first()) {
            (Some(why), _) => bail!(why),
            (None, Some((line, why))) => bail!("event {line}: {why}"),
            (None, None) => Ok(()),
        }
    }

    /// Sends a batch.
    pub(crate) async fn send(&self, batch: Vec<Message>) -> Sent {
        let mut sent = Sent::default();
        let mut ready = Vec::new();
        for mut message in batch {
            match self.put(message.object.take()).await {
                Ok(()) => ready.push(message),
                Err(why) => sent.failed.push((message.line, why)),
            }
        }
        let mut pause = FIRST_PAUSE;
        for attempt in 1..=ATTEMPTS {
            if ready.is_empty() {
                break;
            }
            if attempt > 1 {
                sleep(pause).await;
                pause *= 2;
            }
            ready = self.send_once(ready, attempt == ATTEMPTS, &mut sent).await;
        }
        sent
    }

    /// Sends a batch once; returns the messages that have to be sent again.
    async fn send_once(&self, batch: Vec<Message>, is_last: bool, sent: &mut Sent) -> Vec<Message> {
        let entry = |(at, message): (usize, &Message)| {
            let entry = SendMessageBatchRequestEntry::builder().id(at.to_string());
            entry.message_body(&message.body).build()
        };
        let entries = batch.iter().enumerate().map(entry).collect::<Result<Vec<_>, _>>();
        let answer = match entries {
            Ok(entries) => {
                let send = self.sqs.send_message_batch().queue_url(&self.url).set_entries(Some(entries));
                send.send().await.map_err(|error| error::explain("SQS SendMessageBatch", &error))
            }
            Err(error) => Err(error.to_string()),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(why) => {
                sent.unreachable = Some(why);
                sent.left.extend(batch.into_iter().map(|message| message.line));
                return Vec::new();
            }
        };
        let mut again = Vec::new();
        for (at, message) in batch.into_iter().enumerate() {
            match answer.failed.iter().find(|failed| failed.id == at.to_string()) {
                None => sent.count += 1,
                Some(failed) if failed.sender_fault || is_last => {
                    let why = format!("{}: {}", failed.code, failed.message().unwrap_or("no message"));
                    sent.failed.push((message.line, format!("the queue refused it ({why})")));
                }
                Some(_) => again.push(message),
            }
        }
        again
    }

    async fn put(&self, object: Option<(S3Object, String)>) -> Result<(), String> {
        let Some((S3Object { bucket, key }, text)) = object else { return Ok(()) };
        let put =
            self.s3.put_object().bucket(bucket.as_str()).key(key.as_str()).content_type("application/json");
        let put = put.body(text.into_bytes().into()).send().await;
        put.map(|_| ()).map_err(|error| error::explain("S3 PutObject", &error))
    }
}

impl SendBatch {
    /// Adds a message; returns a batch that is full without it.
    pub(crate) fn push(&mut self, message: Message) -> Option<Vec<Message>> {
        let bytes: usize = self.0.iter().map(|message| message.body.len()).sum();
        let is_full = self.0.len() == MAX_BATCH || bytes + message.body.len() > MAX_BATCH_BYTES;
        let full = is_full.then(|| std::mem::take(&mut self.0));
        self.0.push(message);
        full
    }

    /// The messages of the last batch.
    pub(crate) fn finish(self) -> Vec<Message> {
        self.0
    }
}

fn clients(config: &SdkConfig, endpoint: Option<&str>) -> (aws_sdk_sqs::Client, aws_sdk_s3::Client) {
    let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_PAUSE);
    let config = config.to_builder().retry_config(retries).build();
    let mut s3 = aws_sdk_s3::config::Builder::from(&config);
    if let Some(endpoint) = endpoint {
        // The SDK puts a bucket's name right after the endpoint's path.
        s3 = s3.endpoint_url(format!("{endpoint}/")).force_path_style(true);
    }
    (aws_sdk_sqs::Client::new(&config), aws_sdk_s3::Client::from_conf(s3.build()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(bucket: Option<&str>) -> Queue {
        let endpoint = "http://127.0.0.1:1/_local/aws";
        let url = format!("{endpoint}/000000000000/events").parse().expect("a URL");
        Queue::new(
            &local::configuration(endpoint),
            &url,
            bucket.map(|name| name.parse().expect("a bucket's name")),
        )
    }

    fn event(text: String) -> Event {
        Event { text, organization: Some(domain::OrganizationId::from_u128(1)) }
    }

    #[tokio::test]
    async fn a_batch_has_ten_messages_or_as_many_bytes_as_the_queue_takes() {
        let queue = queue(None);
        let sizes = |bytes: &[usize]| {
            let mut batch = SendBatch::default();
            let messages =
                bytes.iter().map(|bytes| queue.message(1, event("x".repeat(*bytes))).expect("small"));
            let mut sizes: Vec<usize> =
                messages.filter_map(|message| batch.push(message)).map(|full| full.len()).collect();
            sizes.push(batch.finish().len());
            sizes
        };
        assert_eq!(sizes(&[1; 21]), [10, 10, 1]);
        assert_eq!(sizes(&[MAX_BATCH_BYTES, 1, MAX_BATCH_BYTES - 1, 1]), [1, 2, 1]);
    }

    #[tokio::test]
    async fn what_is_too_large_becomes_a_pointer_where_there_is_a_bucket() {
        let large = || event("x".repeat(MAX_QUEUED_BYTES + 1));
        let refusal = queue(None).message(1, large()).err().expect("a refusal");
        assert!(refusal.contains("it has 262145 bytes") && refusal.contains("--bucket"), "{refusal}");
        let message = queue(Some("events")).message(1, large()).expect("a message");
        let (object, text) = message.object.expect("an object");
        assert_eq!((object.bucket.as_str(), text.len()), ("events", MAX_QUEUED_BYTES + 1));
        let key = object.key.as_str();
        assert!(key.starts_with("00000000-0000-0000-0000-000000000001/"), "{key}");
        let expected = format!(r#"{{"version":1,"s3":{{"bucket":"events","key":"{key}"}}}}"#);
        assert_eq!(message.body, expected);
    }

    #[tokio::test]
    async fn characters_that_sqs_refuses_are_written_otherwise() {
        let message = queue(None).message(1, event("\"\u{ffff}\u{fffe}ü\"".to_owned())).expect("a message");
        assert_eq!(message.body, r#""\uffff\ufffeü""#);
    }
}
