//! A stack's queues and buckets on this machine, as the AWS SDKs reach them.

use std::{future::pending, sync::Arc};

use anyhow::Result;
use axum::Router;
use domain::Timestamp;
use ingest::Objects;
use serde::Serialize;
use store::Clock;

use crate::{
    aws,
    bucket::Buckets,
    queue::{Counts, Message, Queues},
    sqs::ACCOUNT,
    stack::Stack,
};
use crate::{
    sdk::configuration,
    server::{Hosts, ListenAddress, guarded, serve},
};

/// All queues and buckets of a stack, in memory. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    queues: Arc<Queues>,
    buckets: Arc<Buckets>,
    /// The queues that feed functions.
    fed: Vec<String>,
    endpoint: String,
    sqs: aws_sdk_sqs::Client,
    s3: aws_sdk_s3::Client,
}

/// A message of a dead-letter queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeadLetter {
    /// The kind of the reason, where the function gave one.
    pub kind: Option<String>,
    /// The reason for which the message could not be carried out.
    pub reason: Option<String>,
    /// The message's body, as it came.
    pub body: String,
}

impl From<Message> for DeadLetter {
    fn from(message: Message) -> Self {
        let text = |name: &str| message.attributes.get(name).and_then(|value| value.string_value.clone());
        Self { kind: text("kind"), reason: text("reason"), body: message.body }
    }
}

impl Services {
    /// The stack's queues and buckets, on a port of their own.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn listen(stack: &Stack) -> Result<Self> {
        Self::listen_by(stack, Arc::new(Timestamp::now)).await
    }

    /// The stack's queues and buckets, on a port of their own, with a clock of the caller's. The queues'
    /// delays and visibility timeouts go by this clock.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn listen_by(stack: &Stack, clock: Clock) -> Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let services = Self::at(stack, &format!("http://{}", listener.local_addr()?), clock);
        let router = guarded(services.aws(), Hosts::Here, &ListenAddress::default());
        tokio::spawn(serve(listener, router, pending()));
        Ok(services)
    }

    /// The stack's queues and buckets, which the server at `url` serves.
    #[must_use]
    pub fn new(stack: &Stack, url: &str) -> Self {
        Self::at(stack, url, Arc::new(Timestamp::now))
    }

    fn at(stack: &Stack, url: &str, clock: Clock) -> Self {
        let endpoint = format!("{url}{}", aws::PATH);
        let config = configuration(&endpoint);
        // The SDK puts a bucket's name right after the endpoint's path.
        let s3 = aws_sdk_s3::config::Builder::from(&config).endpoint_url(format!("{endpoint}/"));
        Self {
            queues: Arc::new(Queues::new(stack.queues.values().cloned(), clock)),
            buckets: Arc::new(Buckets::new(stack.buckets.values().cloned())),
            fed: stack.sources.iter().map(|source| source.queue.clone()).collect(),
            endpoint,
            sqs: aws_sdk_sqs::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3.force_path_style(true).build()),
        }
    }

    /// A client of the queues.
    #[must_use]
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        self.sqs.clone()
    }

    /// A client of the buckets.
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        self.s3.clone()
    }

    /// The buckets as the function of voice events reads them.
    pub(super) fn objects(&self) -> Objects {
        Objects::new(configuration(&self.endpoint))
    }

    /// The URL of the queue with this name.
    #[must_use]
    pub fn queue_url(&self, name: &str) -> String {
        format!("{}/{ACCOUNT}/{name}", self.endpoint)
    }

    pub(super) fn queue_names(&self) -> impl Iterator<Item = String> {
        self.queues.names().into_iter()
    }

    /// Whether a URL is that of a queue.
    pub(super) fn is_queue(&self, url: &str) -> bool {
        url.strip_prefix(&format!("{}/{ACCOUNT}/", self.endpoint))
            .is_some_and(|name| self.queues.counts(name).is_ok())
    }

    /// How many messages a queue holds; none where there is no such queue.
    #[must_use]
    pub fn counts(&self, queue: &str) -> Counts {
        self.queues.counts(queue).unwrap_or_default()
    }

    /// The bodies of all messages in a queue.
    #[must_use]
    pub fn bodies(&self, queue: &str) -> Vec<String> {
        self.queues.messages(queue).into_iter().map(|Message { body, .. }| body).collect()
    }

    /// The messages in a dead-letter queue.
    #[must_use]
    pub fn dead_letters(&self, queue: &str) -> Vec<DeadLetter> {
        self.queues.messages(queue).into_iter().map(DeadLetter::from).collect()
    }

    /// Waits until no message in any queue is under way or waits for a function. What is delayed stays.
    pub async fn drained(&self) {
        let mut changes = self.queues.changes();
        let is_busy = |queue: &String| {
            let Counts { waiting, in_flight, .. } = self.counts(queue);
            waiting + in_flight > 0
        };
        while self.fed.iter().any(is_busy) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// The queues themselves, past the HTTP of SQS.
    #[must_use]
    pub fn queues(&self) -> &Arc<Queues> {
        &self.queues
    }

    /// The HTTP endpoint for the SDKs of SQS and S3.
    pub fn aws(&self) -> Router {
        aws::router(&self.queues, &self.buckets, &format!("{}/{ACCOUNT}", self.endpoint))
    }
}
