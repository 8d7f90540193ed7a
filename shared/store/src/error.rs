//! What the SDK reports, as the domain's errors. Requests and answers hold customers' data, so of
//! an SDK error only the operation, the code and DynamoDB's own sentence are kept.

use std::{error::Error as StdError, fmt};

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::CancellationReason,
};
use domain::{Error, chain};

#[derive(Debug)]
struct StoreError {
    operation: &'static str,
    detail: String,
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DynamoDB {}: {}", self.operation, self.detail)
    }
}

impl StdError for StoreError {}

/// An [`Error::Internal`] for a failed call.
pub(crate) fn internal<E, R>(operation: &'static str, error: SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    R: fmt::Debug + Send + Sync + 'static,
{
    let detail = match error.code() {
        Some(code) => format!("{code}: {}", error.message().unwrap_or("no message")),
        None => chain(&error),
    };
    Error::internal(StoreError { operation, detail })
}

/// An [`Error::Internal`] for an item that is not what we would have written.
pub(crate) fn corrupt(operation: &'static str, detail: impl Into<String>) -> Error {
    Error::internal(StoreError { operation, detail: detail.into() })
}

/// Whether DynamoDB refused for lack of throughput.
pub(crate) fn is_throttle<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    let throttled = ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"];
    error.code().is_some_and(|code| throttled.contains(&code))
}

/// How DynamoDB calls a condition that did not hold, in a transaction.
pub(crate) const CONDITION_FAILED: &str = "ConditionalCheckFailed";

/// Why one write of a canceled transaction would not have held, if it was that.
pub(crate) fn condition_failed(reasons: &[CancellationReason], at: usize) -> Option<&CancellationReason> {
    reasons.get(at).filter(|reason| reason.code() == Some(CONDITION_FAILED))
}
