//! The events queue of a stack: the function behind it, the messages in it, and its dead letters.

use anyhow::{Context as _, Result, anyhow};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::ingest::BucketName;
use ingest::Ingest;
use store::Store;

use crate::{
    event_sources::queue::feed,
    functions::{self, INGEST},
    handler::Handler,
    queue::{Counts, NewMessage},
    services::{DeadLetter, Services},
    sources::QueueSource,
    stack::Stack,
};

/// The bucket for events that are too large, as the template calls it.
const EVENTS_BUCKET: &str = "EventsBucket";

/// A stack's queue of events, and its dead letters. Cheap to clone.
#[derive(Clone)]
pub struct LocalQueue {
    services: Services,
    source: QueueSource,
    dead_letters: String,
    bucket: BucketName,
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
        Self::new(stack, &Services::listen(stack).await?)
    }

    /// The queue of events among all of the stack's.
    ///
    /// # Errors
    /// When the stack has no such queue, bucket or function.
    pub fn new(stack: &Stack, services: &Services) -> Result<Self> {
        for source in &stack.sources {
            functions::batches_at_once(source)?;
        }
        let mut source = stack.sources.iter().find(|source| source.function == INGEST).cloned();
        let mut source = source.take().with_context(|| format!("no queue feeds {INGEST}"))?;
        let settings = stack.queues.values().find(|queue| queue.name == source.queue);
        let redrive = settings.and_then(|queue| queue.redrive.as_ref());
        let redrive = redrive.with_context(|| format!("{} has no queue for dead letters", source.queue))?;
        let bucket = stack.buckets.get(EVENTS_BUCKET);
        let bucket = bucket.with_context(|| format!("there is no bucket {EVENTS_BUCKET}"))?;
        let bucket: BucketName = bucket.parse().map_err(|expected| anyhow!("{EVENTS_BUCKET}: {expected}"))?;
        source.batches_at_once = functions::batches_at_once(&source)?;
        Ok(Self { dead_letters: redrive.dead_letters.clone(), services: services.clone(), source, bucket })
    }

    /// The function as the stack sets it up.
    ///
    /// # Errors
    /// When its environment lacks something.
    pub fn ingest(&self, stack: &Stack, store: &Store) -> Result<Ingest> {
        functions::ingest(stack, store, &self.services)
    }

    /// Has this function take what lies in the queue, some batches at once.
    pub fn consume(&self, ingest: Ingest) {
        self.consume_with(&functions::ingest_handler(ingest));
    }

    /// Has something else take what lies in the queue.
    pub fn consume_by<F>(&self, handle: impl Fn(SqsEvent) -> F + Send + Sync + 'static)
    where
        F: Future<Output = SqsBatchResponse> + Send + 'static,
    {
        self.consume_with(&Handler::new(move |batch| {
            let answer = handle(batch);
            async move { Ok(answer.await) }
        }));
    }

    fn consume_with(&self, function: &Handler) {
        for _ in 0..self.source.batches_at_once {
            let queues = self.services.queues().clone();
            tokio::spawn(feed(queues, self.source.clone(), function.clone()));
        }
    }

    /// Sends messages that have a body and no attributes.
    ///
    /// # Errors
    /// When the queue does not take one of them.
    pub fn send(&self, bodies: impl IntoIterator<Item = String>) -> Result<()> {
        for body in bodies {
            let sent = self.services.queues().send(&self.source.queue, NewMessage::new(body, None));
            sent.map_err(|refusal| anyhow!("the queue does not take it: {refusal:?}"))?;
        }
        Ok(())
    }

    /// The number of events that wait, and of those that are under way or will be attempted again.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.services.counts(&self.source.queue)
    }

    /// The messages in the dead-letter queue.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        self.services.dead_letters(&self.dead_letters)
    }

    /// Moves the dead letters back into the queue; returns how many there were.
    pub fn redrive(&self) -> usize {
        self.services.queues().redrive(&self.dead_letters, &self.source.queue)
    }

    /// Waits until every event is carried out or a dead letter.
    pub async fn drained(&self) {
        let mut changes = self.services.queues().changes();
        while self.counts() != Counts::default() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// The URL of the queue.
    #[must_use]
    pub fn queue_url(&self) -> String {
        self.services.queue_url(&self.source.queue)
    }

    /// The URL of the queue for what cannot be carried out.
    #[must_use]
    pub fn dead_letter_queue_url(&self) -> String {
        self.services.queue_url(&self.dead_letters)
    }

    /// The name of the bucket for what is too large for the queue.
    #[must_use]
    pub fn bucket(&self) -> &str {
        self.bucket.as_str()
    }

    /// A client of the queues.
    #[must_use]
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        self.services.sqs()
    }

    /// A client of the bucket.
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        self.services.s3()
    }

    /// All queues and buckets of the stack.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// The messages that are lost when the process ends, in a sentence for each queue that has any.
    #[must_use]
    pub fn losses(&self) -> Vec<String> {
        let total = |queue: &str| {
            let Counts { waiting, delayed, in_flight } = self.services.counts(queue);
            waiting + delayed + in_flight
        };
        let (left, dead_letters) = (total(&self.source.queue), total(&self.dead_letters));
        let events = (left + dead_letters > 0).then(|| {
            format!("The queue is in memory: {left} waiting and {dead_letters} dead letters are lost.")
        });
        let ours = [&self.source.queue, &self.dead_letters];
        let others = self.services.queue_names().filter(|queue| !ours.contains(&queue));
        let others = others.map(|queue| (total(&queue), queue)).filter(|(messages, _)| *messages > 0);
        let others = others.map(|(messages, queue)| {
            format!(
                "{queue} is in memory, and had {messages} of its messages left. What they are about is in the \
                 tables: a `dev` over the same data takes it up again."
            )
        });
        events.into_iter().chain(others).collect()
    }
}
