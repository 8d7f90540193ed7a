//! The function of the voice events' queue: events become records; what cannot goes to the dead-letter queue.

mod objects;

pub use objects::Objects;
pub use worker::DeadLetters;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::ingest::{Body, Pointer, Rejection, RejectionKind};
use lambda_runtime::{LambdaEvent, service_fn};
use objects::ObjectError;
use store::{NotApplied, Store};
use worker::{Interruption, TimeBudget, receive_count, sdk_config, sqs, variable};

/// The size limit of an event, wherever it lies: a conversation that the API can return fits in it several times.
const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// The handler of voice events: the tables, the buckets that pointers point into, and the dead-letter queue.
#[derive(Clone)]
pub struct Ingest {
    store: Store,
    objects: Objects,
    dead_letters: DeadLetters,
    max_receives: u32,
}

/// The reason for which an event was not applied.
enum NotDone {
    /// The event will never be applied.
    Rejected(Rejection),
    /// The event may be applied when it is received again.
    Later(Rejection),
}

/// Runs the function as Lambda has set it up.
///
/// # Errors
/// When a variable of its environment is missing, or Lambda's own API fails.
pub async fn serve() -> Result<(), lambda_runtime::Error> {
    let objects = Objects::new(sdk_config("S3").await?);
    let max_receives = variable("MAX_RECEIVES")?.parse().map_err(|_| "MAX_RECEIVES: expected a number")?;
    let dead_letters = DeadLetters::new(sqs().await?, &variable("DEAD_LETTER_QUEUE_URL")?);
    let ingest = &Ingest::new(Store::from_environment().await?, objects, dead_letters, max_receives);
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, lambda_runtime::Error>(ingest.handle(event.payload).await)
    }))
    .await
}

impl Ingest {
    /// The handler over these tables, these buckets, and this dead-letter queue behind a queue that delivers each
    /// message up to `max_receives` times.
    #[must_use]
    pub fn new(store: Store, objects: Objects, dead_letters: DeadLetters, max_receives: u32) -> Self {
        Self { store, objects, dead_letters, max_receives }
    }

    /// Applies a batch's events in turn. The response names the messages that have to be received again; of the others
    /// each is a record by then, or a dead letter.
    pub async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        let budget = TimeBudget::in_turn();
        let mut response = SqsBatchResponse::default();
        for message in batch.records {
            let applied = budget.isolate(self.apply(message.body.as_deref().unwrap_or_default())).await;
            if !self.is_settled(&message, applied.map_err(NotDone::from).flatten()).await {
                response.add_failure(message.message_id.unwrap_or_default());
            }
        }
        response
    }

    /// Logs what became of a message, and makes a dead letter of one that will not be applied; false where it has to
    /// be received again.
    async fn is_settled(&self, message: &SqsMessage, applied: Result<bool, NotDone>) -> bool {
        let message_id = message.message_id.as_deref().unwrap_or_default();
        let rejection = match applied {
            Ok(changed) => {
                tracing::info!(message_id, changed, "event_applied");
                return true;
            }
            Err(NotDone::Later(rejection)) if !self.is_last_receive(message) => {
                tracing::warn!(message_id, kind = rejection.kind.as_str(), "message_retried");
                return false;
            }
            Err(NotDone::Later(rejection) | NotDone::Rejected(rejection)) => rejection,
        };
        let (kind, body) = (rejection.kind.as_str(), message.body.as_deref().unwrap_or_default());
        match self.dead_letters.send(body, kind, &rejection.message).await {
            Ok(dead_letter_id) => {
                tracing::error!(message_id, kind, dead_letter_id, "message_dead_lettered");
                true
            }
            Err(error) => {
                // The queue itself moves it there after the last receive, without a reason.
                tracing::error!(message_id, kind, error, "dead_letter_failed");
                false
            }
        }
    }

    /// Whether the queue would not deliver the message again.
    fn is_last_receive(&self, message: &SqsMessage) -> bool {
        receive_count(message).is_none_or(|count| count >= self.max_receives)
    }

    async fn apply(&self, text: &str) -> Result<bool, NotDone> {
        let body = match Body::parse(text).map_err(NotDone::Rejected)? {
            Body::Pointer(pointer) => {
                let text = self.fetch(&pointer).await?;
                Body::parse(&text).map_err(NotDone::Rejected)?
            }
            body => body,
        };
        self.store.apply(&body).await.map_err(|failure| match failure {
            NotApplied::Rejected(rejection) => NotDone::Rejected(rejection),
            NotApplied::Missing(rejection) => NotDone::Later(rejection),
            NotApplied::Failed(error) => unavailable(error.for_log()),
        })
    }

    /// The event that a pointer points at.
    async fn fetch(&self, Pointer { s3, .. }: &Pointer) -> Result<String, NotDone> {
        let (bucket, key) = (s3.bucket.as_str(), s3.key.as_str());
        let unreadable = |why: String| {
            let message = format!("s3: {bucket}/{key}: {why}");
            NotDone::Rejected(Rejection::new(RejectionKind::UnreadableObject, message))
        };
        let bytes = self.objects.get(bucket, key, MAX_EVENT_BYTES).await.map_err(|error| match error {
            ObjectError::Unreadable(why) => unreadable(why),
            ObjectError::Unavailable(why) => unavailable(format!("S3 GetObject: {why}")),
        })?;
        String::from_utf8(bytes).map_err(|_| unreadable("it is no UTF-8".to_owned()))
    }
}

impl From<Interruption> for NotDone {
    fn from(interruption: Interruption) -> Self {
        match interruption {
            Interruption::Panicked => {
                Self::Later(Rejection::new(RejectionKind::Crashed, interruption.to_string()))
            }
            _ => unavailable(interruption.to_string()),
        }
    }
}

/// The reason of an event whose tables or object could not be reached, or not in time.
fn unavailable(error: String) -> NotDone {
    tracing::error!(error, "event_failed");
    NotDone::Later(Rejection::new(RejectionKind::Unavailable, error))
}
