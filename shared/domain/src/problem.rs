//! The problems that a parameter, a field or a header can have, as facts. `message` puts them into words.

use crate::{PhoneProblem, cursor::BadCursor, webhooks::UrlProblem};

/// A problem, and what is allowed instead. What has the problem is the `param` of [`crate::Error::Invalid`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// There is no such query parameter.
    UnknownParameter {
        /// The query parameters that the path takes, which may be none.
        allowed: Vec<&'static str>,
    },
    /// There is no such field in the body.
    UnknownField {
        /// The fields that the body may have.
        allowed: &'static [&'static str],
    },
    /// A parameter, field or header was given more than once.
    Repeated,
    /// A required parameter, field or header is missing.
    Missing(Missing),
    /// A parameter, field or header does not have the form that it must have.
    MustBe(Expected),
    /// A text is too long.
    TooLong {
        /// The most characters.
        max: usize,
    },
    /// A time is still to come.
    InTheFuture,
    /// The organization has no endpoint with this id.
    NoSuchWebhook,
    /// A text is no cursor into this list.
    Cursor(BadCursor),
    /// A text is no phone number.
    Phone(PhoneProblem),
    /// A value is no list of an endpoint's events.
    Events(EventsProblem),
    /// A text is no URL that deliveries may go to.
    Url(UrlProblem),
    /// The whole body is no JSON object.
    Body(BodyProblem),
    /// An API key cannot be rotated.
    Key(KeyProblem),
    /// A record or a conversation is too large to be stored.
    Size(SizeProblem),
}

/// The form that a parameter, field or header must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// An integer in these bounds.
    Integer {
        /// The smallest integer.
        min: u64,
        /// The largest integer.
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
        /// The most characters.
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
        /// The most characters.
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
    /// The value is no list, or an empty one.
    NotAList,
    /// The list has a word that is no event.
    Unknown(String),
    /// The list has an event twice.
    Repeated(String),
}

/// Why a body is no JSON object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyProblem {
    /// The body is empty.
    Empty,
    /// The body is JSON, but no object.
    NotAnObject,
    /// The body is no JSON.
    NotJson {
        /// The parser's message, in English.
        said: String,
        /// The line, counted from 1.
        line: usize,
        /// The column in that line.
        column: usize,
        /// Whether the body ends there, before its JSON does.
        ends: bool,
    },
}

/// Why a key cannot be rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    /// The key no longer works.
    Ended,
    /// The key was rotated before.
    Rotated,
    /// The key was revoked or rotated after it was read.
    Changed,
}

/// The things that can be too large to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeProblem {
    /// A record.
    Record {
        /// The record's size, in bytes.
        bytes: usize,
        /// The largest size of a record, in bytes.
        max: usize,
    },
    /// A call with its messages.
    Conversation {
        /// The largest size of the messages, in bytes.
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
