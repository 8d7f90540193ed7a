//! What can be wrong with a parameter, a field or a header: the facts, which `message` puts into words.

use crate::{PhoneProblem, cursor::BadCursor, webhooks::UrlProblem};

/// What is wrong, and what is allowed. What it is wrong with is the `param` of [`crate::Error::Invalid`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no such query parameter.
    UnknownParameter {
        /// Those that there are; none where the path takes none.
        allowed: Vec<&'static str>,
    },
    /// There is no such field in the body.
    UnknownField {
        /// Those that there are.
        allowed: &'static [&'static str],
    },
    /// It was given more than once.
    Repeated,
    /// It is required.
    Missing(Missing),
    /// It is something else than it must be.
    MustBe(Expected),
    /// It is longer than this, in characters.
    TooLong {
        /// The most.
        max: usize,
    },
    /// It is a time that is still to come.
    InTheFuture,
    /// The organization has no endpoint with this id.
    NoSuchWebhook,
    /// It is no cursor into this list.
    Cursor(BadCursor),
    /// It is no phone number.
    Phone(PhoneProblem),
    /// It is no list of events that an endpoint can be told of.
    Events(EventsProblem),
    /// It is no URL that deliveries may go to.
    Url(UrlProblem),
    /// It is no JSON object. It is the whole body, and has no name.
    Body(BodyProblem),
    /// It is an API key that cannot be rotated.
    Key(KeyProblem),
    /// There is no room for it.
    Size(SizeProblem),
}

/// What a parameter, field or header must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// An integer in these bounds.
    Integer {
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// A UUID.
    Id,
    /// An e-mail address.
    Email,
    /// A string.
    String,
    /// A string or null.
    StringOrNull,
    /// A string that is no longer than this, in characters, or null.
    ShortTextOrNull {
        /// The most.
        max: usize,
    },
    /// True or false.
    Boolean,
    /// A time or a date.
    Time,
    /// A time or a date in a query. Which moment a date means there is said too.
    TimeInQuery,
    /// A later time than the one in this other field.
    LaterThan(&'static str),
    /// One value of so many printable characters at the most.
    IdempotencyKey {
        /// The most.
        max: usize,
    },
}

/// What is required and not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A phone number.
    Phone,
    /// The URL of an endpoint.
    Url,
    /// What an endpoint is told of.
    Events,
    /// A time.
    Time,
}

/// What is wrong with a list of events. A word that is not to be in it is as JSON has it, cut short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventsProblem {
    /// It is no list, or an empty one.
    NotAList,
    /// This is no event.
    Unknown(String),
    /// This is in it twice.
    Repeated(String),
}

/// Why a body is no JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyProblem {
    /// There is nothing in it.
    Empty,
    /// It is JSON, but no object.
    NotAnObject,
    /// It is no JSON.
    NotJson {
        /// What the parser says of it, in English.
        said: String,
        /// Where, counted from 1.
        line: usize,
        /// Where in that line.
        column: usize,
        /// Whether it ends there, too early.
        ends: bool,
    },
}

/// Why a key cannot be rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    /// It no longer works.
    Ended,
    /// Another one took its place before.
    Rotated,
    /// It was revoked or rotated since it was looked at.
    Changed,
}

/// What is too large to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeProblem {
    /// A record.
    Record {
        /// What it takes.
        bytes: usize,
        /// What there is for it.
        max: usize,
    },
    /// A call with its messages.
    Conversation {
        /// What they may take.
        max: usize,
    },
}

impl From<&serde_json::Error> for BodyProblem {
    fn from(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        Self::NotJson { said: error.to_string(), line, column, ends: error.is_eof() }
    }
}

/// The parts of [`Problem`] pass for it.
macro_rules! parts {
    ($($variant:ident($part:ident),)+) => {
        $(impl From<$part> for Problem {
            fn from(part: $part) -> Self {
                Self::$variant(part)
            }
        })+
    };
}

parts! {
    Missing(Missing),
    MustBe(Expected),
    Cursor(BadCursor),
    Phone(PhoneProblem),
    Events(EventsProblem),
    Url(UrlProblem),
    Body(BodyProblem),
    Key(KeyProblem),
    Size(SizeProblem),
}
