//! The rejection of an event that cannot be carried out.

use std::fmt;

use crate::words;

words! {
    /// Why an event cannot be carried out.
    RejectionKind {
        /// The event does not have the form that an event must have.
        InvalidEvent = "invalid_event",
        /// The event has a version that is not known here.
        UnknownVersion = "unknown_version",
        /// The event says that something happened far ahead of the service's clock.
        InTheFuture = "in_the_future",
        /// There is no such organization.
        UnknownOrganization = "unknown_organization",
        /// The record whose status changed is not there, or not yet.
        UnknownRecord = "unknown_record",
        /// The event's values do not fit into a record, or the call has as many phone numbers as it may have.
        TooLarge = "too_large",
        /// The object that the pointer names cannot be read.
        UnreadableObject = "unreadable_object",
        /// A call of DynamoDB or S3 failed, at the last attempt too.
        Unavailable = "unavailable",
        /// The function panicked at each attempt.
        Crashed = "crashed",
    }
}

/// An event that cannot be carried out, however often it is attempted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The kind of the reason.
    pub kind: RejectionKind,
    /// The reason in words: what was wrong and what is allowed. It may quote the event, and so is not for the
    /// log.
    pub message: String,
}

impl Rejection {
    /// A rejection of this kind.
    pub fn new(kind: RejectionKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// An event that is not what it must be.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(RejectionKind::InvalidEvent, message)
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Rejection {}
