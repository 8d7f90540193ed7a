//! A deployment of the webhook functions with tables, queues and a clock of its own, in which days pass in seconds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
    time::Duration,
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use aws_sdk_dynamodb::types::AttributeValue;
use deliver::{Deliver, DeliveryQueue, Internet, Network, Outbound};
use domain::{
    OrganizationId, RecordId, Timestamp,
    webhooks::{Delivery, DeliveryTask, Event, EventType, NewWebhook, Secret, UrlPolicy, Webhook},
};
use fanout::Fanout;
use futures_util::future::join_all;
use local::{MessageBatch, NewMessage, Services};
use rustls::RootCertStore;
use serde_json::json;
use store::Store;

use crate::{
    Item, Wire, clock,
    queues::{FAST, SLOW, fanout, sqs},
    sample_event, stack,
    world::{ENGINE, raw_dynamodb, store},
};

/// The most messages that one invocation is handed.
const BATCH: usize = 10;
const MINUTE_MS: i64 = 60_000;

/// Messages that were received for one invocation.
pub struct ReceivedBatch {
    /// The event that the function is handed.
    pub event: SqsEvent,
    messages: MessageBatch,
}

/// A deployment of the webhook functions.
pub struct Deployment {
    /// The deployment's tables.
    pub store: Store,
    /// The wire between the functions and all of AWS's services.
    pub wire: Wire,
    services: Services,
    now: Arc<AtomicI64>,
    sqs: aws_sdk_sqs::Client,
    raw: aws_sdk_dynamodb::Client,
    fanout: Fanout,
    prefix: String,
}

impl Deployment {
    /// A new deployment, in which nothing has happened.
    ///
    /// # Panics
    /// When its tables cannot be made.
    pub async fn new() -> Self {
        let (now, clock) = clock("2026-02-24T21:00:00Z");
        let services = Services::listen_by(&stack(), clock.clone()).await.expect("a port");
        let wire = Wire::default();
        let prefix = format!("{}-", OrganizationId::random());
        let store = store(&prefix, &wire).with_clock(clock);
        store.create_tables().await.expect("tables");
        let sqs = sqs(&services, &wire);
        let fanout = fanout(&store, &services, sqs.clone());
        let _ = wire.take_calls();
        Self { store, wire, services, now, sqs, raw: raw_dynamodb(&ENGINE.endpoint_url), fanout, prefix }
    }

    /// The function `deliver`, for receivers on this machine that have `time` to respond.
    #[must_use]
    pub fn deliver(&self, time: Duration) -> Deliver {
        self.deliver_over(Arc::new(Internet), time)
    }

    /// The function `deliver` over another network.
    #[must_use]
    pub fn deliver_over(&self, network: Arc<dyn Network>, time: Duration) -> Deliver {
        let policy = UrlPolicy { ports: vec![443], loopback: true };
        let outbound = Outbound::over(network, RootCertStore::empty(), policy, time);
        let slow = DeliveryQueue::new(self.sqs.clone(), &self.services.queue_url(SLOW));
        Deliver::new(self.store.clone(), outbound, slow)
    }

    /// Makes an endpoint with the events of calls; returns it with its secret.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn endpoint(&self, organization: OrganizationId, url: &str) -> (Webhook, Secret) {
        let secret = Secret::generate().expect("random bytes");
        let new =
            NewWebhook { url: url.to_owned(), description: None, events: vec![EventType::CallCompleted] };
        let webhook = self.store.changes::<Webhook>(organization).create(new, &secret).await;
        (webhook.expect("an endpoint"), secret)
    }

    /// Publishes the event of a call that ended, and puts its deliveries on the queue.
    pub async fn happened(&self, organization: OrganizationId) -> Event {
        let (event, tasks) = self.published(organization).await;
        tasks.iter().for_each(|task| self.send(FAST, task));
        event
    }

    /// Publishes the event of a call that ended, but puts its deliveries on no queue.
    ///
    /// # Panics
    /// When it is not taken.
    pub async fn published(&self, organization: OrganizationId) -> (Event, Vec<DeliveryTask>) {
        let event = sample_event(organization, EventType::CallCompleted, self.store.now());
        let webhooks = self.store.webhooks(organization).await.expect("the endpoints");
        assert!(self.store.publish(&event, &webhooks).await.expect("an event"));
        let wanting = webhooks.iter().filter(|webhook| webhook.wants(event.event));
        let tasks = wanting.map(|webhook| task(&event, webhook.id)).collect();
        (event, tasks)
    }

    /// An item as DynamoDB has it, read without the store.
    ///
    /// # Panics
    /// When the engine does not answer.
    pub async fn item(&self, table: &str, organization: OrganizationId, id: RecordId) -> Option<Item> {
        let get = self.raw.get_item().table_name(format!("{}{table}", self.prefix));
        get.set_key(Some(key(organization, id))).send().await.expect("an answer").item
    }

    /// Deletes an item without the store.
    ///
    /// # Panics
    /// When the engine does not answer.
    pub async fn delete(&self, table: &str, organization: OrganizationId, id: RecordId) {
        let delete = self.raw.delete_item().table_name(format!("{}{table}", self.prefix));
        delete.set_key(Some(key(organization, id))).send().await.expect("an answer");
    }

    /// Puts a task on a queue.
    ///
    /// # Panics
    /// Never: a task has a JSON form.
    pub fn send(&self, queue: &str, task: &DeliveryTask) {
        let body = serde_json::to_string(task).expect("JSON");
        self.send_text(queue, &task.organization_id.to_string(), &body);
    }

    /// Sends a message of a group, whatever its body says.
    ///
    /// # Panics
    /// When the queue does not take it.
    pub fn send_text(&self, queue: &str, group: &str, body: &str) {
        let message = NewMessage::new(body.to_owned(), Some(group.to_owned()));
        self.services.queues().send(queue, message).expect("sent");
    }

    /// The batch that the next invocation is handed of a queue; none where nothing can be received.
    ///
    /// # Panics
    /// Never: a batch is an event of SQS.
    #[must_use]
    pub fn receive(&self, queue: &str) -> Option<ReceivedBatch> {
        let messages = MessageBatch::receive(self.services.queues(), queue, BATCH)?;
        let event = serde_json::from_value(messages.event()).expect("an event of SQS");
        Some(ReceivedBatch { event, messages })
    }

    /// Deletes the messages of a batch that the function did not name as failed. The rest comes again after
    /// the queue's visibility timeout.
    pub fn settle(&self, batch: &ReceivedBatch, answer: SqsBatchResponse) {
        let failed = answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        batch.messages.settle(self.services.queues(), &failed, None);
    }

    /// How many messages a queue has.
    #[must_use]
    pub fn messages(&self, queue: &str) -> usize {
        let counts = self.services.counts(queue);
        counts.waiting + counts.delayed + counts.in_flight
    }

    /// When a message of either queue can be received next, in milliseconds.
    #[must_use]
    pub fn next_message(&self) -> Option<i64> {
        let next = [FAST, SLOW].into_iter().filter_map(|queue| self.services.queues().next(queue)).min()?;
        Some(self.store.now().plus(next).unix_ms())
    }

    /// The bodies of the messages that were received too often.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<String> {
        self.services.bodies("Test-deliveries-dead-letters")
    }

    /// A delivery, and the responses to its attempts by their numbers.
    ///
    /// # Panics
    /// When there is no such delivery.
    pub async fn delivery(&self, event: &Event, webhook: RecordId) -> (Delivery, Vec<(u32, String)>) {
        let deliveries = self.store.items::<Delivery>(event.organization_id);
        deliveries.get_with_responses(webhook, event.delivery_id(webhook)).await.expect("a delivery")
    }

    /// An endpoint as it is now.
    ///
    /// # Panics
    /// When it is gone.
    pub async fn webhook(&self, organization: OrganizationId, id: RecordId) -> Webhook {
        self.store.items(organization).get(id).await.expect("an endpoint")
    }

    /// Turns the clock on by this time, and does nothing else.
    pub fn wait(&self, time: Duration) {
        self.turn_to(self.store.now().plus(time).unix_ms());
    }

    /// Turns the clock to this moment, in milliseconds; never back.
    pub fn turn_to(&self, ms: i64) {
        self.now.fetch_max(ms, SeqCst);
    }

    /// Sends the tasks of due deliveries, as each minute does.
    ///
    /// # Panics
    /// When that fails.
    pub async fn sweep(&self) {
        let event = serde_json::from_value(json!({"source": "aws.events"})).expect("a schedule's event");
        self.fanout.handle(event).await.expect("a sweep");
    }

    /// Works on what is in the queues now, with `at_once` invocations at a time, until nothing is left.
    pub async fn work(&self, deliver: &Deliver, at_once: usize) {
        let worker = async || {
            while let Some(batch) = self.receive(FAST).or_else(|| self.receive(SLOW)) {
                let answer = deliver.handle(batch.event.clone()).await;
                self.settle(&batch, answer);
            }
        };
        join_all((0..at_once).map(|_| worker())).await;
    }

    /// Turns the clock on by this time, and works on everything that falls due.
    pub async fn pass(&self, deliver: &Deliver, time: Duration) {
        let end = self.store.now().plus(time).unix_ms();
        loop {
            self.work(deliver, 4).await;
            let sweep = self.next_sweep().await;
            let Some(at) = self.next_message().into_iter().chain(sweep).min().filter(|at| *at <= end) else {
                break;
            };
            self.turn_to(at);
            if sweep.is_some_and(|sweep| sweep <= at) {
                self.sweep().await;
            }
        }
        self.turn_to(end);
    }

    /// The time at which a sweep will find something: each begins with a minute.
    ///
    /// # Panics
    /// When the engine does not answer.
    pub async fn next_sweep(&self) -> Option<i64> {
        let first = async |shard: usize| {
            let query = self.raw.query().table_name(format!("{}Deliveries", self.prefix)).index_name("due");
            let query = query.key_condition_expression("due_shard = :shard").limit(1);
            let query = query.expression_attribute_values(":shard", AttributeValue::S(shard.to_string()));
            let item = query.send().await.expect("an answer").items?.pop()?;
            Timestamp::parse(item["due_at"].as_s().expect("a time"))
        };
        let due = join_all((0..8).map(first)).await.into_iter().flatten().min()?;
        let minutes = due.unix_ms().div_euclid(MINUTE_MS);
        Some(if due.unix_ms() == minutes * MINUTE_MS { minutes } else { minutes + 1 } * MINUTE_MS)
    }
}

/// The delivery task of an event's first attempt at an endpoint.
#[must_use]
pub fn task(event: &Event, webhook: RecordId) -> DeliveryTask {
    DeliveryTask {
        organization_id: event.organization_id,
        webhook_id: webhook,
        delivery_id: event.delivery_id(webhook),
        number: 0,
    }
}

fn key(organization: OrganizationId, id: RecordId) -> Item {
    let text = |text: String| AttributeValue::S(text);
    [("organization_id".to_owned(), text(organization.to_string())), ("id".to_owned(), text(id.to_string()))]
        .into()
}
