//! What the SDK reports, as the domain's errors: contention and throttles told from what is broken. Requests and
//! answers hold customers' data, and DynamoDB's sentences quote them: of an SDK error only the operation and the code
//! are kept, and the sentences of a few codes that name nothing but tables and roles.

use std::{error::Error as StdError, fmt, sync::Arc};

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::CancellationReason,
};
use domain::{Error, RecordId, chain};

/// Another transaction was writing to the same item.
const CONTENDED: [&str; 2] = ["TransactionConflictException", "TransactionConflict"];
/// There was no throughput left, or the transaction's first try was still under way.
const BUSY: [&str; 6] = [
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "TransactionInProgressException",
];
/// The codes whose sentences quote nothing of a request's values.
const QUOTES_NOTHING: [&str; 5] = [
    "AccessDeniedException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
];

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

/// A failed call: [`Error::Contended`] or [`Error::Busy`] where it would pass a moment later, else
/// [`Error::Internal`].
pub(crate) fn internal<E, R>(operation: &'static str, error: SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    R: fmt::Debug + Send + Sync + 'static,
{
    let detail = match (error.code(), error.message()) {
        (Some(code), Some(message)) if QUOTES_NOTHING.contains(&code) => format!("{code}: {message}"),
        (Some(code), _) => code.to_owned(),
        (None, _) => chain(&error),
    };
    classified(operation, &Vec::from_iter(error.code()), detail)
}

/// A canceled transaction: as a failed call, by the reasons of its parts.
pub(crate) fn canceled(operation: &'static str, reasons: &[CancellationReason]) -> Error {
    let codes: Vec<&str> = reasons.iter().filter_map(CancellationReason::code).collect();
    classified(operation, &codes, format!("TransactionCanceledException ({})", codes.join(", ")))
}

fn classified(operation: &'static str, codes: &[&str], detail: String) -> Error {
    let cause = Arc::new(StoreError { operation, detail });
    let any = |of: &[&str]| codes.iter().any(|code| of.contains(code));
    match (any(&CONTENDED), any(&BUSY)) {
        (true, _) => Error::Contended(cause),
        (_, true) => Error::Busy(cause),
        _ => Error::Internal(cause),
    }
}

/// An [`Error::Contended`] for a change that others came before at each try.
pub(crate) fn contended(operation: &'static str, detail: &str) -> Error {
    Error::Contended(Arc::new(StoreError { operation, detail: detail.to_owned() }))
}

/// An [`Error::Busy`] for what DynamoDB left undone at each try.
pub(crate) fn busy(operation: &'static str, detail: &str) -> Error {
    Error::Busy(Arc::new(StoreError { operation, detail: detail.to_owned() }))
}

/// An [`Error::Internal`] for an item that is not what we would have written.
pub(crate) fn corrupt(operation: &'static str, detail: impl Into<String>) -> Error {
    Error::internal(StoreError { operation, detail: detail.into() })
}

/// Notes that an item does not read and is left out, so that the others are not held up: the log's line is counted,
/// and an alarm goes by it. An id that is none of ours may be anything, and is not logged.
pub(crate) fn left_out(table: &str, id: Option<&str>) {
    let id = id.filter(|id| id.parse::<RecordId>().is_ok()).unwrap_or("none");
    tracing::error!(table, id, "item_unreadable");
}

/// Whether DynamoDB refused for lack of throughput.
pub(crate) fn is_throttle<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.code().is_some_and(|code| BUSY.contains(&code))
}

/// How DynamoDB calls a condition that did not hold, in a transaction.
pub(crate) const CONDITION_FAILED: &str = "ConditionalCheckFailed";

/// Why one write of a canceled transaction would not have held, if it was that.
pub(crate) fn condition_failed(reasons: &[CancellationReason], at: usize) -> Option<&CancellationReason> {
    reasons.get(at).filter(|reason| reason.code() == Some(CONDITION_FAILED))
}
