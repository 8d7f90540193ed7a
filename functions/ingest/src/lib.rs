//! Voice events from the queue become records; what cannot is parked in the dead-letter queue.

mod parking;

pub use parking::Parking;

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_s3::{
    config::StalledStreamProtectionConfig,
    error::{ProvideErrorMetadata as _, SdkError},
};
use domain::{
    chain,
    ingest::{Body, Pointer, Rejection, RejectionKind},
};
use futures_util::FutureExt as _;
use lambda_runtime::{LambdaEvent, service_fn};
use store::{NotApplied, Store};
use tokio::time::timeout;

/// The most that an event may have, wherever it lies: a conversation that the API can answer with fits
/// in it several times.
const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;
/// What S3 says of an object that does not become readable by itself.
const NEVER_READABLE: [&str; 6] = [
    "AccessDenied",
    "InvalidBucketName",
    "InvalidObjectState",
    "KeyTooLongError",
    "NoSuchBucket",
    "NoSuchKey",
];
/// How long one message may take, and after how long no further one of its batch is begun. With the
/// time that parking takes they stay within the function's minute: a batch that is cut off comes again
/// as a whole.
const TIME_FOR_ONE: Duration = Duration::from_secs(15);
const TIME_TO_BEGIN: Duration = Duration::from_secs(33);

/// The function: the tables, the buckets that pointers point into, and where to park.
#[derive(Clone)]
pub struct Ingest {
    store: Store,
    objects: aws_sdk_s3::Client,
    parking: Parking,
}

/// Why an event was not carried out.
enum Failed {
    /// It never will be.
    Rejected(Rejection),
    /// It may be later.
    Later(Rejection),
}

/// Runs the function as Lambda has set it up.
///
/// # Errors
/// When a variable of its environment is missing, or Lambda's own API fails.
pub async fn serve() -> Result<(), lambda_runtime::Error> {
    let objects = dynamodb::aws::environment("S3").await?;
    // An emulator has no host name for each bucket.
    let by_path = objects.endpoint_url().is_some();
    // An object is read after the call has been answered, where no try's time-out reaches.
    let stalled = StalledStreamProtectionConfig::enabled().build();
    let objects = aws_sdk_s3::config::Builder::from(&objects).force_path_style(by_path);
    let objects = objects.stalled_stream_protection(stalled).build();
    let objects = aws_sdk_s3::Client::from_conf(objects);
    let parking = aws_sdk_sqs::Client::new(&dynamodb::aws::environment("SQS").await?);
    let parking = Parking::from_environment(parking)?;
    let ingest = Ingest::new(Store::from_environment().await?, objects, parking);
    let ingest = &ingest;
    lambda_runtime::run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, lambda_runtime::Error>(ingest.handle(event.payload).await)
    }))
    .await
}

impl Ingest {
    /// The function over these tables, buckets and dead-letter queue.
    #[must_use]
    pub fn new(store: Store, objects: aws_sdk_s3::Client, parking: Parking) -> Self {
        Self { store, objects, parking }
    }

    /// Carries out a batch. What is named in the answer has to be tried again; the rest is done: applied,
    /// or parked.
    pub async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        let started = Instant::now();
        let mut answer = SqsBatchResponse::default();
        for message in batch.records {
            let applied = match started.elapsed() < TIME_TO_BEGIN {
                true => self.apply_alone(&message).await,
                false => later("the batch took too long before it".to_owned()),
            };
            if !self.is_settled(&message, applied).await {
                answer.add_failure(message.message_id.unwrap_or_default());
            }
        }
        answer
    }

    /// Carries out a message, which must not take the others of its batch down with it.
    async fn apply_alone(&self, message: &SqsMessage) -> Result<bool, Failed> {
        let applied = self.apply(message.body.as_deref().unwrap_or_default());
        match timeout(TIME_FOR_ONE, AssertUnwindSafe(applied).catch_unwind()).await {
            Ok(Ok(applied)) => applied,
            Ok(Err(_)) => {
                let reason = "the function panicked; its log says where";
                Err(Failed::Later(Rejection::new(RejectionKind::Crashed, reason)))
            }
            Err(_) => later(format!("it took longer than {} s", TIME_FOR_ONE.as_secs())),
        }
    }

    /// Parks a message that will not be carried out; false where it has to come again.
    async fn is_settled(&self, message: &SqsMessage, applied: Result<bool, Failed>) -> bool {
        let message_id = message.message_id.as_deref().unwrap_or_default();
        let rejection = match applied {
            Ok(changed) => {
                tracing::info!(message_id, changed, "applied");
                return true;
            }
            Err(Failed::Later(rejection)) if !self.parking.is_last_try(message) => {
                tracing::warn!(message_id, kind = rejection.kind.as_str(), "failed");
                return false;
            }
            Err(Failed::Later(rejection) | Failed::Rejected(rejection)) => rejection,
        };
        match self.parking.park(message, &rejection).await {
            Ok(dead_letter_id) => {
                tracing::error!(message_id, kind = rejection.kind.as_str(), dead_letter_id, "parked");
                true
            }
            Err(error) => {
                // The queue itself moves it there after the last try, without a reason.
                tracing::error!(message_id, kind = rejection.kind.as_str(), error, "could not park");
                false
            }
        }
    }

    async fn apply(&self, text: &str) -> Result<bool, Failed> {
        let body = match Body::parse(text).map_err(Failed::Rejected)? {
            Body::Pointer(pointer) => {
                let text = self.fetch(&pointer).await?;
                Body::parse(&text).map_err(Failed::Rejected)?
            }
            body => body,
        };
        self.store.apply(&body).await.map_err(|failure| match failure {
            NotApplied::Rejected(rejection) => Failed::Rejected(rejection),
            NotApplied::Missing(rejection) => Failed::Later(rejection),
            NotApplied::Failed(error) => unavailable(error.for_log()),
        })
    }

    /// The event that a pointer points at.
    async fn fetch(&self, Pointer { s3, .. }: &Pointer) -> Result<String, Failed> {
        let (bucket, key) = (s3.bucket.as_str(), s3.key.as_str());
        let unreadable = |why: String| {
            let message = format!("s3: {bucket}/{key}: {why}");
            Failed::Rejected(Rejection::new(RejectionKind::UnreadableObject, message))
        };
        let object = self.objects.get_object().bucket(bucket).key(key).send().await;
        let object = object.map_err(|error| match error.code() {
            Some(code) if NEVER_READABLE.contains(&code) => unreadable(code.to_owned()),
            None if matches!(error, SdkError::ConstructionFailure(_)) => unreadable(chain(&error)),
            _ => unavailable(format!("S3 GetObject: {}", chain(&error))),
        })?;
        let bytes = object.content_length().and_then(|bytes| usize::try_from(bytes).ok());
        if bytes.is_none_or(|bytes| bytes > MAX_EVENT_BYTES) {
            return Err(unreadable(format!("an event may have {MAX_EVENT_BYTES} bytes at the most")));
        }
        let bytes = object.body.collect().await;
        let bytes = bytes.map_err(|error| unavailable(format!("S3 GetObject: {}", chain(&error))))?.to_vec();
        String::from_utf8(bytes).map_err(|_| unreadable("it is no UTF-8".to_owned()))
    }
}

/// Something that it takes did not work this time.
fn unavailable(error: String) -> Failed {
    tracing::error!(error, "could not apply");
    Failed::Later(Rejection::new(RejectionKind::Unavailable, error))
}

fn later(error: String) -> Result<bool, Failed> {
    Err(unavailable(error))
}
