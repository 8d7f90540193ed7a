//! The queue of events on this machine: the function behind it, what is sent to it, and what is parked.

use std::{sync::Arc, time::Instant};

use anyhow::{Context as _, Result, bail};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use axum::Router;
use ingest::Ingest;
use serde::Serialize;
use store::Store;

use super::{
    aws,
    bucket::Buckets,
    consumer,
    functions::{self, INGEST},
    queue::{self, Counts, Queues},
    sources::Source,
    stack::Stack,
};
use crate::ingest::{Batch, Event, Message, Queue};

const ACCOUNT: &str = "000000000000";
/// The bucket for events that are too large, as the template calls it.
const EVENTS_BUCKET: &str = "EventsBucket";

/// A stack's queue of events, its dead letters and its bucket, in memory. Cheap to clone.
#[derive(Clone)]
pub struct LocalQueue {
    queues: Arc<Queues>,
    buckets: Arc<Buckets>,
    source: Source,
    dead_letters: String,
    bucket: String,
    endpoint: String,
    producer: Queue,
}

/// An event that was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parked {
    /// The kind of reason, where the function gave one.
    pub kind: Option<String>,
    /// The reason.
    pub reason: Option<String>,
    /// The message, as it came.
    pub body: String,
}

impl LocalQueue {
    /// The stack's queue with the function behind it over the tables of `store`, on a port of its own.
    ///
    /// # Errors
    /// When the stack has no such queue, bucket or function.
    pub async fn start(stack: &Stack, store: &Store) -> Result<Self> {
        let queue = Self::listen(stack).await?;
        queue.consume(queue.ingest(stack, store)?);
        Ok(queue)
    }

    /// The stack's queue on a port of its own, with nothing behind it.
    ///
    /// # Errors
    /// As [`LocalQueue::start`].
    pub async fn listen(stack: &Stack) -> Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let queue = Self::new(stack, &format!("http://{}", listener.local_addr()?))?;
        tokio::spawn(axum::serve(listener, queue.aws()).into_future());
        Ok(queue)
    }

    /// The stack's queue, which the server at `url` serves.
    pub(super) fn new(stack: &Stack, url: &str) -> Result<Self> {
        if let Some(other) = stack.sources.iter().find(|source| source.function != INGEST) {
            bail!(
                "a queue feeds {}, which tools/inboundflow/src/dev/functions.rs does not know",
                other.function
            );
        }
        let source = stack.sources.first().with_context(|| format!("no queue feeds {INGEST}"))?.clone();
        let settings = stack.queues.values().find(|queue| queue.name == source.queue);
        let redrive = settings.and_then(|queue| queue.redrive.as_ref());
        let redrive = redrive.with_context(|| format!("{} has no queue for dead letters", source.queue))?;
        let bucket = stack.buckets.get(EVENTS_BUCKET);
        let bucket = bucket.with_context(|| format!("there is no bucket {EVENTS_BUCKET}"))?.clone();
        let endpoint = format!("{url}{}", aws::PATH);
        let queue_url = format!("{endpoint}/{ACCOUNT}/{}", source.queue);
        let queue_url = queue_url.parse().map_err(anyhow::Error::msg)?;
        Ok(Self {
            queues: Arc::new(Queues::new(stack.queues.values().cloned())),
            buckets: Arc::new(Buckets::new(stack.buckets.values().cloned())),
            dead_letters: redrive.dead_letters.clone(),
            producer: Queue::local(&queue_url, bucket.clone()),
            source,
            bucket,
            endpoint,
        })
    }

    /// The function as the stack sets it up.
    ///
    /// # Errors
    /// When its environment lacks something.
    pub fn ingest(&self, stack: &Stack, store: &Store) -> Result<Ingest> {
        functions::ingest(stack, store, self)
    }

    /// Has this function take what lies in the queue, some batches at once.
    pub fn consume(&self, ingest: Ingest) {
        self.consume_by(move |batch| {
            let ingest = ingest.clone();
            async move { ingest.handle(batch).await }
        });
    }

    /// Has something else take what lies in the queue.
    pub fn consume_by<F>(&self, handle: impl Fn(SqsEvent) -> F + Clone + Send + Sync + 'static)
    where
        F: Future<Output = SqsBatchResponse> + Send + 'static,
    {
        for _ in 0..self.source.batches_at_once {
            tokio::spawn(consumer::feed(self.queues.clone(), self.source.clone(), handle.clone()));
        }
    }

    /// Sends bodies as they are; what is too large for the queue goes to the bucket.
    ///
    /// # Errors
    /// When the queue does not take one of them.
    pub async fn send(&self, bodies: impl IntoIterator<Item = String>) -> Result<()> {
        let event = |text| Event { text, organization: None };
        self.put(bodies.into_iter().map(event)).await.map(|_| ())
    }

    /// How many events wait, and how many are under way or will be tried again.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.queues.counts(&self.source.queue, Instant::now()).unwrap_or_default()
    }

    /// What was not carried out.
    #[must_use]
    pub fn parked(&self) -> Vec<Parked> {
        self.queues.messages(&self.dead_letters).into_iter().map(Parked::from).collect()
    }

    /// Moves what is parked back into the queue; returns how much that was.
    pub fn redrive(&self) -> usize {
        self.queues.redrive(&self.dead_letters, &self.source.queue)
    }

    /// Waits until every event is carried out or parked.
    pub async fn drained(&self) {
        let mut changes = self.queues.changes();
        while self.counts() != Counts::default() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// The URL of the queue.
    #[must_use]
    pub fn queue_url(&self) -> &str {
        &self.producer.url
    }

    /// The URL of the queue for what cannot be carried out.
    #[must_use]
    pub fn dead_letter_queue_url(&self) -> String {
        self.url_of(&self.dead_letters)
    }

    /// The name of the bucket for what is too large for the queue.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// A client of the queues.
    #[must_use]
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        self.producer.sqs.clone()
    }

    /// A client of the bucket.
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        self.producer.s3.clone()
    }

    pub(super) fn url_of(&self, queue: &str) -> String {
        format!("{}/{ACCOUNT}/{queue}", self.endpoint)
    }

    /// SQS and S3 as the SDKs ask for them.
    pub(super) fn aws(&self) -> Router {
        aws::router(&self.queues, &self.buckets)
    }

    /// Sends events; returns how many.
    pub(super) async fn put(&self, events: impl Iterator<Item = Event>) -> Result<usize> {
        let mut batch = Batch::default();
        let mut count = 0;
        for (line, event) in (1..).zip(events) {
            let message = self.producer.message(line, event).map_err(anyhow::Error::msg)?;
            if let Some(full) = batch.push(message) {
                self.put_batch(full).await?;
            }
            count = line;
        }
        self.put_batch(batch.finish()).await?;
        Ok(count)
    }

    async fn put_batch(&self, batch: Vec<Message>) -> Result<()> {
        let sent = self.producer.send(batch).await;
        match sent.failed.first() {
            Some((line, why)) => bail!("event {line}: {why}"),
            None => Ok(()),
        }
    }
}

impl From<queue::Message> for Parked {
    fn from(message: queue::Message) -> Self {
        let text = |name: &str| message.attributes.get(name).and_then(|value| value.string_value.clone());
        Self { kind: text("kind"), reason: text("reason"), body: message.body }
    }
}
