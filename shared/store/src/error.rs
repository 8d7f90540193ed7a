//! Conversion of DynamoDB's errors into the domain's.

use std::{error::Error as StdError, fmt, sync::Arc};

use domain::{Error, RecordId};
use dynamodb::{
    ErrorKind,
    sdk::error::{ProvideErrorMetadata, SdkError},
};

/// The domain's error for a failed call of the SDK's.
#[track_caller]
pub(crate) fn internal<E, R>(error: SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    R: fmt::Debug + Send + Sync + 'static,
{
    failed(error.into())
}

/// The domain's error for a failed call of DynamoDB: [`Error::Contended`] or [`Error::Busy`] where it would
/// pass a moment later, else [`Error::Internal`].
#[track_caller]
pub(crate) fn failed(error: dynamodb::Error) -> Error {
    match error.kind {
        ErrorKind::Contended => Error::Contended(Arc::new(error)),
        ErrorKind::Busy => Error::Busy(Arc::new(error)),
        ErrorKind::Other => Error::internal(error),
    }
}

/// An [`Error::Contended`] for a change that others came before at each attempt.
pub(crate) fn contended(operation: &'static str, detail: &str) -> Error {
    failed(dynamodb::Error::new(ErrorKind::Contended, operation, detail))
}

/// An [`Error::Busy`] for what DynamoDB left undone at each attempt.
pub(crate) fn busy(operation: &'static str, detail: &str) -> Error {
    failed(dynamodb::Error::new(ErrorKind::Busy, operation, detail))
}

/// An [`Error::Internal`] for an item that is not what we would have written.
#[track_caller]
pub(crate) fn corrupt(operation: &'static str, detail: impl Into<String>) -> Error {
    failed(dynamodb::Error::new(ErrorKind::Other, operation, detail))
}

/// Notes that an item does not read and is left out, so that the others are not held up: the log's line is counted,
/// and an alarm goes by it. An id that is none of ours may be anything, and is not logged.
pub(crate) fn left_out(table: &str, id: Option<&str>) {
    let id = id.filter(|id| id.parse::<RecordId>().is_ok()).unwrap_or("none");
    tracing::error!(table, id, "item_unreadable");
}
