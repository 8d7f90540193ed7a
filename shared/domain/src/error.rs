//! Everything that can go wrong, in the domain's own words. `api` alone turns it into HTTP.

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
        /// What was wrong and what is allowed.
        problem: Problem,
    },
    /// The key has used up its minute.
    RateLimited,
    /// The request would be carried out later.
    TooSoon {
        /// What there was too much of.
        reason: TooSoon,
        /// In how many seconds it would be; one at the least.
        seconds: u64,
    },
    /// Others were writing to the same records at that moment, and nothing was carried out. The chain is for the log.
    Contended(Cause),
    /// There was no capacity for it at that moment. The chain is for the log.
    Busy(Cause),
    /// Our fault, or DynamoDB's. The chain is for the log only.
    Internal(Cause),
}

/// What led to an error inside. It is for the log only.
pub type Cause = Arc<dyn StdError + Send + Sync>;

/// A cause with the place in the code where it became an error of ours.
#[derive(Debug)]
struct Located {
    source: Box<dyn StdError + Send + Sync>,
    at: &'static Location<'static>,
}

/// What the request contradicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The organization already has a contact with this phone number.
    PhoneTaken {
        /// That contact.
        existing_id: RecordId,
    },
    /// The idempotency key came with another body before.
    IdempotencyKeyReused,
    /// The organization has as many endpoints as it may have.
    TooManyWebhooks,
    /// The endpoint is disabled, and so is sent nothing.
    WebhookDisabled,
}

/// Why a request is made too soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooSoon {
    /// The organization has used up its replays of this hour.
    ReplaysSpent,
    /// The endpoint took this delivery, and it was replayed a moment ago.
    ReplayedJustNow,
}

impl Error {
    /// An [`Error::Invalid`] about one parameter, field or header.
    pub fn invalid(param: impl Into<String>, problem: impl Into<Problem>) -> Self {
        Self::Invalid { param: Some(param.into()), problem: problem.into() }
    }

    /// An [`Error::Invalid`] about all that came.
    pub fn invalid_whole(problem: impl Into<Problem>) -> Self {
        Self::Invalid { param: None, problem: problem.into() }
    }

    /// An [`Error::Internal`] around its cause and the place of this call, which the log shows.
    #[track_caller]
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(Arc::new(Located { source: source.into(), at: Location::caller() }))
    }

    /// What happened inside, if it did; for the log and never for an answer.
    #[must_use]
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Internal(cause) | Self::Contended(cause) | Self::Busy(cause) => Some(cause),
            _ => None,
        }
    }

    /// What happened, for the log and never for an answer.
    #[must_use]
    pub fn for_log(&self) -> String {
        self.cause().map_or_else(|| chain(self), |cause| chain(&**cause))
    }
}

/// An error and its causes, in one line.
#[must_use]
pub fn chain(error: &(dyn StdError + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// As much of a client's own name for something as an error repeats.
#[must_use]
pub fn shown(name: &str) -> String {
    name.chars().take(40).collect()
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at {}:{})", self.source, self.at.file(), self.at.line())
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
