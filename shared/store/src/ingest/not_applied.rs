//! Why a voice event was not applied.

use domain::{Error, ingest::Rejection};

/// Why an event was not applied.
#[derive(Debug)]
pub enum NotApplied {
    /// The event never will be applied: its sender has to mend it.
    Rejected(Rejection),
    /// The record that the event is about is not there, or not yet.
    Missing(Rejection),
    /// DynamoDB failed.
    Failed(Error),
}

/// Why an attempt to apply an event came to nothing.
pub(super) enum Stopped {
    /// Other writes came in between, so the event is attempted again.
    Again(Error),
    /// Another attempt would come to nothing too.
    ByNow(NotApplied),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::ByNow(NotApplied::Failed(error))
    }
}

impl From<Rejection> for Stopped {
    fn from(rejection: Rejection) -> Self {
        Self::ByNow(NotApplied::Rejected(rejection))
    }
}
