//! The problems that a parameter, a field or a header can have, as facts. `message` puts them into words.

use crate::{PhoneProblem, cursor::BadCursor, webhooks::UrlProblem};

/// A problem, and what is allowed instead. What has the problem is the `param` of [`crate::Error::Invalid`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no such query parameter.
    UnknownParameter {
        /// The parameters of the path, which may be none.
        allowed: Vec<&'static str>,
    },
    /// There is no such field in the body.
    UnknownField {
        /// The fields of the body.
        allowed: &'static [&'static str],
    },
    /// It was given more than once.
    Repeated,
    /// It is required.
    Missing(Missing),
    /// It is not what it must be.
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
    /// It is no list of events of an endpoint.
    Events(EventsProblem),
    /// It is no URL that deliveries may go to.
    Url(UrlProblem),
    /// The whole body is no JSON object.
    Body(BodyProblem),
    /// It is an API key that cannot be rotated.
    Key(KeyProblem),
    /// It is too large to be stored.
    Size(SizeProblem),
}

/// The form that a parameter, field or header must have.
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
    /// A time or a date in a query, whose message explains what a date means.
    TimeInQuery,
    /// A later time than the one in this other field.
    LaterThan(&'static str),
    /// One value of at most so many printable characters.
    IdempotencyKey {
        /// The most.
        max: usize,
    },
}

/// The things that a request can lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// A phone number.
    Phone,
    /// The URL of an endpoint.
    Url,
    /// The events of an endpoint.
    Events,
    /// A time.
    Time,
}

/// Why a list of events is refused. The word at fault is quoted as JSON, cut short.
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
        /// The parser's message, in English.
        said: String,
        /// The line, counted from 1.
        line: usize,
        /// The column in that line.
        column: usize,
        /// Whether the text ends there, too early.
        ends: bool,
    },
}

/// Why a key cannot be rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    /// It no longer works.
    Ended,
    /// It was rotated before.
    Rotated,
    /// It was revoked or rotated since it was looked at.
    Changed,
}

/// The things that can be too large to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeProblem {
    /// A record.
    Record {
        /// Its size.
        bytes: usize,
        /// The largest size.
        max: usize,
    },
    /// A call with its messages.
    Conversation {
        /// The largest size.
        max: usize,
    },
}

impl From<&serde_json::Error> for BodyProblem {
    fn from(error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        Self::NotJson { said: error.to_string(), line, column, ends: error.is_eof() }
    }
}

/// Conversions of the parts of [`Problem`] into it.
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
