//! The errors of DynamoDB's calls: two kinds that would pass a moment later, and all others. Requests and replies hold
//! customers' data, and DynamoDB's sentences quote them: of an SDK error only the operation and the code are kept,
//! and the sentences of a few codes that name nothing but tables and roles.

use std::{error::Error as StdError, fmt};

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::CancellationReason,
};

/// The codes of a write to an item that another transaction was writing to.
const CONTENDED: [&str; 2] = ["TransactionConflictException", "TransactionConflict"];
/// The codes of missing throughput, or of a transaction whose first attempt was still under way.
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

/// A failed call of DynamoDB.
#[derive(Debug)]
pub struct Error {
    /// Whether the call would pass a moment later.
    pub kind: ErrorKind,
    operation: &'static str,
    detail: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// Whether a failed call would pass a moment later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Others were writing to the same items.
    Contended,
    /// There was no capacity.
    Busy,
    /// The call would fail again.
    Other,
}

impl Error {
    /// An error that DynamoDB did not report.
    pub fn new(kind: ErrorKind, operation: &'static str, detail: impl Into<String>) -> Self {
        Self { kind, operation, detail: Some(detail.into()), source: None }
    }

    /// A canceled transaction: its kind is that of its parts' reasons.
    pub(crate) fn canceled(operation: &'static str, reasons: &[CancellationReason]) -> Self {
        let codes: Vec<&str> = reasons.iter().filter_map(CancellationReason::code).collect();
        let detail = format!("TransactionCanceledException ({})", codes.join(", "));
        Self::new(ErrorKind::of(&codes), operation, detail)
    }
}

/// The error of a call as the SDK reports it.
impl<E, R> From<SdkError<E, R>> for Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    R: fmt::Debug + Send + Sync + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        let (kind, operation) = (ErrorKind::of(&Vec::from_iter(error.code())), operation_of::<E>());
        match (error.code(), error.message()) {
            (Some(code), Some(message)) if QUOTES_NOTHING.contains(&code) => {
                Self::new(kind, operation, format!("{code}: {message}"))
            }
            (Some(code), _) => Self::new(kind, operation, code),
            (None, _) => Self { kind, operation, detail: None, source: Some(error.into()) },
        }
    }
}

/// The operation whose errors are of this type, such as `…::get_item::GetItemError`.
fn operation_of<E>() -> &'static str {
    let name = std::any::type_name::<E>();
    let name = name.rsplit("::").next().unwrap_or(name);
    name.strip_suffix("Error").unwrap_or(name)
}

impl ErrorKind {
    fn of(codes: &[&str]) -> Self {
        let any = |of: &[&str]| codes.iter().any(|code| of.contains(code));
        match (any(&CONTENDED), any(&BUSY)) {
            (true, _) => Self::Contended,
            (_, true) => Self::Busy,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DynamoDB {}", self.operation)?;
        self.detail.as_ref().map_or(Ok(()), |detail| write!(f, ": {detail}"))
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Whether DynamoDB refused for lack of throughput.
pub fn is_throttle<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.code().is_some_and(|code| BUSY.contains(&code))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::operation::get_item::GetItemError;

    use super::*;

    #[test]
    fn an_error_names_its_operation() {
        let error = SdkError::<GetItemError, ()>::timeout_error("too late");
        let error = Error::from(error);
        assert_eq!(error.to_string(), "DynamoDB GetItem");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("request has timed out"));
    }
}
