//! SQS in memory and by a clock that a test turns, as the SDK and Lambda see it: each message is there at
//! least once, unseen for a while after it was received, and among the dead letters after a few times.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    sync::{Arc, LazyLock, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use local::Waiting;
use serde_json::{Value, json};
use store::Clock;

/// How long a received message stays unseen, and how often it may be received.
const VISIBILITY: Duration = Duration::from_secs(360);
const MAX_RECEIVES: u32 = 5;
/// What one invocation is handed at the most.
const BATCH: usize = 10;

/// All queues: each is there from the first message on.
#[derive(Clone)]
pub struct Queues {
    clock: Clock,
    queues: Arc<Mutex<BTreeMap<String, Queue>>>,
}

#[derive(Default)]
struct Queue {
    /// What can be received.
    waiting: Waiting<Message>,
    /// What cannot, by when it can and its number.
    unseen: BTreeMap<(i64, u64), Message>,
    dead: Vec<String>,
    sent: u64,
}

#[derive(Clone)]
struct Message {
    number: u64,
    body: String,
    group: String,
    receives: u32,
}

/// Messages that were received, for one invocation.
pub struct Batch {
    /// What the function is handed.
    pub event: SqsEvent,
    queue: String,
    receipts: Vec<(i64, u64)>,
}

impl Queues {
    /// No messages, at this clock's time.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, queues: Arc::default() }
    }

    /// Sends a message.
    pub fn send(&self, queue: &str, group: &str, body: &str, delay: Duration) {
        let now = (self.clock)();
        let mut queues = self.lock();
        let queue = queues.entry(queue.to_owned()).or_default();
        queue.sent += 1;
        let message =
            Message { number: queue.sent, body: body.to_owned(), group: group.to_owned(), receives: 0 };
        queue.unseen.insert((now.plus(delay).unix_ms(), message.number), message);
    }

    /// What the next invocation is handed; none where nothing can be received.
    #[must_use]
    pub fn receive(&self, queue: &str) -> Option<Batch> {
        let now = (self.clock)();
        let at = instant(now.unix_ms());
        let mut queues = self.lock();
        let found = queues.get_mut(queue)?;
        found.bring_back(now.unix_ms());
        let (mut records, mut receipts) = (Vec::new(), Vec::new());
        while records.len() < BATCH
            && let Some(mut message) = found.waiting.take(at)
        {
            if message.receives == MAX_RECEIVES {
                found.waiting.ended(Some(&message.group), Duration::ZERO, at);
                found.dead.push(message.body);
                continue;
            }
            message.receives += 1;
            let receipt = (now.plus(VISIBILITY).unix_ms(), message.number);
            records.push(message.record(queue));
            receipts.push(receipt);
            found.unseen.insert(receipt, message);
        }
        let event = serde_json::from_value(json!({"Records": records})).expect("an event of SQS");
        (!receipts.is_empty()).then_some(Batch { event, queue: queue.to_owned(), receipts })
    }

    /// Deletes what a function has done. The rest comes again when its time is over.
    ///
    /// # Panics
    /// When the answer names a message that was not in the batch.
    pub fn settle(&self, batch: &Batch, answer: SqsBatchResponse) {
        let mut failed: HashSet<String> =
            answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        let mut queues = self.lock();
        let queue = queues.entry(batch.queue.clone()).or_default();
        for receipt in &batch.receipts {
            if !failed.remove(&receipt.1.to_string())
                && let Some(message) = queue.unseen.remove(receipt)
            {
                queue.ended(&message, receipt.0, (self.clock)().unix_ms());
            }
        }
        assert!(failed.is_empty(), "no such messages: {failed:?}");
    }

    /// When something of any queue can be received next, in milliseconds.
    #[must_use]
    pub fn next(&self) -> Option<i64> {
        let now = (self.clock)().unix_ms();
        let next = |queue: &Queue| match queue.waiting.is_empty() {
            true => queue.unseen.keys().next().map(|(at, _)| *at),
            false => Some(now),
        };
        self.lock().values().filter_map(next).min()
    }

    /// How many messages a queue has that are not dead.
    #[must_use]
    pub fn len(&self, queue: &str) -> usize {
        let queues = self.lock();
        let queue = queues.get(queue);
        queue.map_or(0, |queue| queue.unseen.len() + queue.waiting.len())
    }

    /// What was received too often, of all queues.
    #[must_use]
    pub fn dead(&self) -> Vec<String> {
        self.lock().values().flat_map(|queue| queue.dead.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Queue>> {
        self.queues.lock().expect("no panic while locked")
    }

    /// Answers as SQS would.
    fn answer(&self, operation: &str, input: &Value) -> Value {
        let queue = input["QueueUrl"].as_str().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        let send = |message: &Value| {
            let text = |name: &str| message[name].as_str().unwrap_or_default();
            let delay = message["DelaySeconds"].as_u64().unwrap_or_default();
            assert!(delay <= 900, "SQS takes no delay of {delay} s");
            self.send(queue, text("MessageGroupId"), text("MessageBody"), Duration::from_secs(delay));
            json!({"MessageId": "1", "MD5OfMessageBody": "", "Id": message["Id"]})
        };
        match operation {
            "SendMessage" => send(input),
            "SendMessageBatch" => {
                let entries = input["Entries"].as_array().expect("entries");
                assert!((1..=10).contains(&entries.len()), "SQS takes one to ten");
                json!({"Successful": entries.iter().map(send).collect::<Vec<_>>(), "Failed": []})
            }
            other => panic!("{other} is no business of these queues"),
        }
    }
}

impl Queue {
    fn bring_back(&mut self, now: i64) {
        while let Some(entry) = self.unseen.first_entry().filter(|entry| entry.key().0 <= now) {
            let ((seen_at, _), message) = entry.remove_entry();
            if message.receives > 0 {
                self.ended(&message, seen_at, now);
            }
            self.waiting.push(Some(&message.group.clone()), message, instant(now));
        }
    }

    /// A message that was to be seen again at `seen_at` is no longer in flight.
    fn ended(&mut self, message: &Message, seen_at: i64, now: i64) {
        let took = instant(now).saturating_duration_since(instant(seen_at) - VISIBILITY);
        self.waiting.ended(Some(&message.group), took, instant(now));
    }
}

/// A time of the clock that a test turns, in milliseconds, as one of the clock that goes on by itself.
fn instant(unix_ms: i64) -> Instant {
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    *BEGIN + Duration::from_millis(unix_ms.unsigned_abs())
}

impl Message {
    fn record(&self, queue: &str) -> Value {
        json!({
            "messageId": self.number.to_string(),
            "receiptHandle": self.number.to_string(),
            "body": self.body,
            "attributes": {"ApproximateReceiveCount": self.receives.to_string()},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:{queue}"),
            "awsRegion": "us-east-1",
        })
    }
}

/// What is meant for SQS comes here, the rest goes on.
pub(crate) struct Switch {
    pub(crate) queues: Queues,
    pub(crate) rest: SharedHttpClient,
}

impl fmt::Debug for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Switch")
    }
}

impl HttpClient for Switch {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let rest = self.rest.http_connector(settings, components);
        SharedHttpConnector::new(Switched { queues: self.queues.clone(), rest })
    }
}

struct Switched {
    queues: Queues,
    rest: SharedHttpConnector,
}

impl fmt::Debug for Switched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Switched")
    }
}

impl HttpConnector for Switched {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let Some(operation) = target.strip_prefix("AmazonSQS.") else { return self.rest.call(request) };
        let input = request.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok());
        let answer = self.queues.answer(operation, &input.expect("JSON")).to_string();
        let mut answer =
            HttpResponse::new(StatusCode::try_from(200).expect("a status"), SdkBody::from(answer));
        answer.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(answer))
    }
}
