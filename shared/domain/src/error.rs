//! The errors of the domain, as facts. `api` alone turns them into HTTP.

use std::{error::Error as StdError, fmt, panic::Location, sync::Arc};

use crate::{Problem, RecordId, Scope, Unauthenticated};

/// Why a request was not carried out.
#[derive(Clone, Debug)]
pub enum Error {
    /// No usable key came with the request.
    Unauthenticated(Unauthenticated),
    /// The key is good, but was not given this scope.
    Forbidden(Scope),
    /// The record does not exist, or belongs to another organization: nobody can tell which.
    NotFound,
    /// The request contradicts what is stored.
    Conflict(Conflict),
    /// A parameter, field or header is not what it must be.
    Invalid {
        /// The parameter, field or header; none where the whole body is at fault.
        param: Option<String>,
        /// The problem, and what is allowed instead.
        problem: Problem,
    },
    /// The key has used up the requests of this minute.
    RateLimited,
    /// The request may be made again later.
    TooSoon {
        /// The limit that was reached.
        reason: TooSoon,
        /// The seconds until the request may be made again, at least one.
        seconds: u64,
    },
    /// Other requests were writing to the same records, and nothing was carried out. The cause is for the log.
    Contended(Cause),
    /// DynamoDB had no capacity at that moment. The cause is for the log.
    Busy(Cause),
    /// The service or DynamoDB failed. The cause is for the log only.
    Internal(Cause),
}

/// The cause of an error inside the service. It is for the log only.
pub type Cause = Arc<dyn StdError + Send + Sync>;

/// A cause and the line of code that made an [`Error::Internal`] of it.
#[derive(Debug)]
struct Located {
    source: Box<dyn StdError + Send + Sync>,
    at: &'static Location<'static>,
}

/// The stored state that a request contradicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The organization already has a contact with this phone number.
    PhoneTaken {
        /// The id of the contact that has the phone number.
        existing_id: RecordId,
    },
    /// The idempotency key came with another body before.
    IdempotencyKeyReused,
    /// The organization has as many endpoints as it may have.
    TooManyWebhooks,
    /// The endpoint is disabled.
    WebhookDisabled,
}

/// The limits after which a request has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooSoon {
    /// The organization has used up its replays of this hour.
    ReplaysSpent,
    /// The delivery succeeded and was replayed a moment ago.
    ReplayedJustNow,
}

impl Error {
    /// An [`Error::Invalid`] about one parameter, field or header.
    pub fn invalid(param: impl Into<String>, problem: impl Into<Problem>) -> Self {
        Self::Invalid { param: Some(param.into()), problem: problem.into() }
    }

    /// An [`Error::Invalid`] about the whole body.
    pub fn invalid_whole(problem: impl Into<Problem>) -> Self {
        Self::Invalid { param: None, problem: problem.into() }
    }

    /// An [`Error::Internal`] around its cause and the place of this call, which the log shows.
    #[track_caller]
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(Arc::new(Located { source: source.into(), at: Location::caller() }))
    }

    /// The cause, if the error has one; for the log and never for a response.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Internal(cause) | Self::Contended(cause) | Self::Busy(cause) => Some(cause),
            _ => None,
        }
    }

    /// The chain of causes with the line of code that made the error, or else the error itself; for the log and never
    /// for a response.
    #[must_use]
    pub fn for_log(&self) -> String {
        let Some(cause) = self.cause() else { return chain(self) };
        let cause: &(dyn StdError + 'static) = &**cause;
        match cause.downcast_ref::<Located>() {
            Some(Located { at, .. }) => format!("{} (at {}:{})", chain(cause), at.file(), at.line()),
            None => chain(cause),
        }
    }
}

/// An error and its causes, in one line.
#[must_use]
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The first 40 characters of a name that a client made up, which is what errors repeat of it.
#[must_use]
pub fn shown(name: &str) -> String {
    name.chars().take(40).collect()
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl StdError for Located {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.source()
    }
}

impl From<Unauthenticated> for Error {
    fn from(reason: Unauthenticated) -> Self {
        Self::Unauthenticated(reason)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&**self.cause()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_internal_error_logs_the_place_where_it_was_made_and_tells_nobody_else() {
        let error = Error::internal("the disk is full");
        let logged = error.for_log();
        assert!(logged.starts_with("the disk is full (at ") && logged.contains("error.rs:"), "{logged}");
        assert!(!error.to_string().contains("error.rs") && !error.to_string().contains("disk"), "{error}");
    }
}
