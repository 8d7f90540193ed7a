//! The messages in English. Tests, pages and the log quote them.

use std::fmt::{Formatter, Result};

use super::parts::{character, event_types, example, ports};
use crate::{
    Conflict, Error, Phone, PhoneProblem, TooSoon, Unauthenticated,
    cursor::BadCursor,
    problem::{BodyProblem, EventsProblem, Expected, KeyProblem, Missing, Problem, SizeProblem},
    webhooks::{MAX_REPLAYS_PER_HOUR, MAX_WEBHOOKS, REPLAYED_AGAIN_MINUTES, UrlFault, UrlProblem},
};

pub(crate) fn error(error: &Error, f: &mut Formatter<'_>) -> Result {
    match error {
        Error::Unauthenticated(reason) => f.write_str(unauthenticated(*reason)),
        Error::Forbidden(scope) => {
            write!(f, "This API key lacks the scope {scope}. Use a key that was created with it.")
        }
        Error::NotFound => f.write_str("There is no such record in your organization."),
        Error::Conflict(reason) => conflict(*reason, f),
        Error::Invalid { param, problem: wrong } => problem(wrong, param.as_deref().unwrap_or_default(), f),
        Error::RateLimited => {
            f.write_str("Too many requests with this API key. Wait for the seconds in Retry-After.")
        }
        Error::TooSoon { reason, .. } => too_soon(*reason, f),
        Error::Contended(_) => f.write_str(
            "Others were changing the same record at that moment, so nothing was changed. Wait for the seconds in Retry-After and try again.",
        ),
        Error::Busy(_) => f.write_str(
            "The service is busy at this moment. Wait for the seconds in Retry-After and try again.",
        ),
        Error::Internal(_) => {
            f.write_str("Something went wrong on our side. Try again; if it stays, quote the request id.")
        }
    }
}

fn unauthenticated(reason: Unauthenticated) -> &'static str {
    match reason {
        Unauthenticated::Missing => "Missing API key. Send the header: Authorization: Bearer sk_live_…",
        Unauthenticated::Malformed => {
            "Malformed API key: it is not of the form Bearer sk_live_… or was mistyped or cut."
        }
        Unauthenticated::Ambiguous => "More than one Authorization header was sent. Send exactly one.",
        Unauthenticated::Unknown => "Unknown API key.",
        Unauthenticated::Revoked => "This API key has been revoked.",
        Unauthenticated::Expired => "This API key has expired.",
    }
}

fn too_soon(reason: TooSoon, f: &mut Formatter<'_>) -> Result {
    match reason {
        TooSoon::ReplaysSpent => write!(
            f,
            "Your organization has made its {MAX_REPLAYS_PER_HOUR} replays of this hour. Nothing was sent: wait for the seconds in Retry-After."
        ),
        TooSoon::ReplayedJustNow => write!(
            f,
            "The endpoint took this delivery, and it was replayed less than {REPLAYED_AGAIN_MINUTES} minutes ago. Wait for the seconds in Retry-After."
        ),
    }
}

fn conflict(reason: Conflict, f: &mut Formatter<'_>) -> Result {
    f.write_str(match reason {
        Conflict::PhoneTaken { .. } => {
            "Your organization already has a contact with this phone number: see existing_id."
        }
        Conflict::IdempotencyKeyReused => {
            "This Idempotency-Key was used with another body in the last 24 hours. Use a new key for a new request."
        }
        Conflict::TooManyWebhooks => {
            return write!(
                f,
                "Your organization has {MAX_WEBHOOKS} endpoints, which is the most it may have. Delete one first."
            );
        }
        Conflict::WebhookDisabled => {
            "This endpoint is disabled and is sent nothing. Enable it first: PATCH it with {\"status\": \"enabled\"}."
        }
    })
}

pub(super) fn problem(problem: &Problem, at: &str, f: &mut Formatter<'_>) -> Result {
    match problem {
        Problem::UnknownParameter { allowed } if allowed.is_empty() => {
            write!(f, "Unknown parameter {at:?}. This path takes none.")
        }
        Problem::UnknownParameter { allowed } => {
            write!(f, "Unknown parameter {at:?}. Allowed are {}.", allowed.join(", "))
        }
        Problem::UnknownField { allowed: [] } => write!(f, "Unknown field {at:?}. Allowed are none."),
        Problem::UnknownField { allowed } => {
            write!(f, "Unknown field {at:?}. Allowed are {}.", allowed.join(", "))
        }
        Problem::Repeated => write!(f, "{at} was given more than once; give it once."),
        Problem::Missing(what) => missing(*what, at, f),
        Problem::MustBe(what) => must_be(*what, at, f),
        Problem::TooLong { max } => write!(f, "{at} is over {max} characters long."),
        Problem::InTheFuture => write!(f, "{at} must not be in the future."),
        Problem::NoSuchWebhook => write!(f, "{at}: there is no such endpoint in your organization."),
        Problem::Cursor(wrong) => cursor(*wrong, at, f),
        Problem::Phone(wrong) => {
            write!(f, "{at} must be ")?;
            phone(*wrong, f)?;
            f.write_str(".")
        }
        Problem::Events(wrong) => events(wrong, at, f),
        Problem::Url(wrong) => url(wrong, f),
        Problem::Body(wrong) => body(wrong, f),
        Problem::Key(wrong) => f.write_str(key(*wrong)),
        Problem::Size(wrong) => size(*wrong, f),
    }
}

fn missing(what: Missing, at: &str, f: &mut Formatter<'_>) -> Result {
    write!(f, "{at} is required: ")?;
    match what {
        Missing::Phone => write!(f, "{}.", Phone::EXPECTED),
        Missing::Url => write!(f, "an HTTPS URL such as {}.", example::URL),
        Missing::Events => write!(f, "a list of one or more of {}, each once.", event_types()),
        Missing::Time => write!(f, "a time such as {}.", example::TIME),
    }
}

fn must_be(what: Expected, at: &str, f: &mut Formatter<'_>) -> Result {
    match what {
        Expected::OneOf(words) => write!(f, "{at} must be one of {}.", words.join(", ")),
        Expected::Integer { min, max } => write!(f, "{at} must be an integer from {min} to {max}."),
        Expected::Id => write!(f, "{at}: expected a UUID such as {}.", example::ID),
        Expected::Email => write!(f, "{at} must be an address such as {}.", example::EMAIL),
        Expected::String => write!(f, "{at} must be a string."),
        Expected::StringOrNull => write!(f, "{at} must be a string or null."),
        Expected::ShortTextOrNull { max } => {
            write!(f, "{at} must be null, or a string of {max} characters at the most.")
        }
        Expected::Boolean => write!(f, "{at} must be true or false."),
        Expected::Time => write!(
            f,
            "{at} must be an ISO 8601 date and time with its offset, such as {}, or a date.",
            example::TIME
        ),
        Expected::TimeInQuery => write!(
            f,
            "{at} must be an ISO 8601 date and time with its offset, such as {}, or a date, such as {} (midnight UTC).",
            example::TIME,
            example::DATE
        ),
        Expected::LaterThan(other) => write!(f, "{at} must be later than {other}."),
        Expected::IdempotencyKey { max } => {
            write!(f, "{at} must be one value of 1 to {max} printable ASCII characters.")
        }
    }
}

fn cursor(wrong: BadCursor, at: &str, f: &mut Formatter<'_>) -> Result {
    match wrong {
        BadCursor::Unreadable => {
            write!(f, "{at} is unreadable: pass next_cursor of the page before, unchanged.")
        }
        BadCursor::OtherList => write!(
            f,
            "{at} was made for another list or other filters: keep since and every filter as they were on the first page."
        ),
    }
}

/// What was expected, and why this is none.
pub(crate) fn phone(wrong: PhoneProblem, f: &mut Formatter<'_>) -> Result {
    f.write_str(Phone::EXPECTED)?;
    match wrong {
        PhoneProblem::NotE164 => Ok(()),
        PhoneProblem::ZeroInBrackets => f.write_str(
            ": a zero in brackets is left out in most countries when one calls from abroad, but not in all (in Italy \
             it is part of the number), so write the number as it is called from abroad, without brackets",
        ),
        PhoneProblem::Character(at_fault) => write!(f, ": {} must not be in it", character(at_fault)),
    }
}

fn events(wrong: &EventsProblem, at: &str, f: &mut Formatter<'_>) -> Result {
    write!(f, "{at} must be a list of one or more of {}, each once", event_types())?;
    match wrong {
        EventsProblem::NotAList => f.write_str("."),
        EventsProblem::Unknown(word) => write!(f, ": {word} is none of them."),
        EventsProblem::Repeated(word) => write!(f, ": {word} is there twice."),
    }
}

pub(crate) fn url(wrong: &UrlProblem, f: &mut Formatter<'_>) -> Result {
    match wrong {
        UrlProblem::TooLong { max } => write!(f, "The URL is over {max} bytes long."),
        UrlProblem::WhiteSpace => f.write_str("The URL must not have white space or backslashes in it."),
        UrlProblem::NotHttps => write!(f, "The URL must begin with https://, as {} does.", example::URL),
        UrlProblem::Credentials => {
            f.write_str("The URL must not have a user name or password in it: check the signature instead.")
        }
        UrlProblem::Unreadable(what) => {
            write!(f, "The URL must be one such as {}: {}.", example::URL, fault(*what))
        }
        UrlProblem::Fragment => f.write_str("The URL must not have a fragment (#): it would not be sent."),
        UrlProblem::Loopback { host } => write!(
            f,
            "The URL must lead to the public internet: {host} is whatever machine it is used on. For local work use \
             `inboundflow dev`, without --no-loopback-webhooks."
        ),
        UrlProblem::Port { port, allowed } => {
            write!(f, "The URL must not have port {port}. Allowed: {}.", ports(allowed))
        }
        UrlProblem::NotGlobal { ip } => {
            write!(f, "The URL must lead to the public internet, where {ip} is not.")
        }
        UrlProblem::PrivateName { ending } => write!(
            f,
            "The URL must lead to the public internet: names with {ending} at the end are those of a private network."
        ),
        UrlProblem::EndsWithDot => f.write_str("The URL's host must not end with a dot."),
        UrlProblem::ShortName { name } => {
            write!(f, "The URL's host must be a full name such as {}, which {name} is not.", example::HOST)
        }
    }
}

/// The fault of a URL, in the words of the parser.
fn fault(what: UrlFault) -> &'static str {
    match what {
        UrlFault::EmptyHost => "empty host",
        UrlFault::InternationalName => "invalid international domain name",
        UrlFault::Port => "invalid port number",
        UrlFault::Ipv4 => "invalid IPv4 address",
        UrlFault::Ipv6 => "invalid IPv6 address",
        UrlFault::DomainCharacter => "invalid domain character",
        UrlFault::Other => "it cannot be read",
    }
}

fn body(wrong: &BodyProblem, f: &mut Formatter<'_>) -> Result {
    f.write_str("The body must be a JSON object: ")?;
    match wrong {
        BodyProblem::Empty => f.write_str("it is empty."),
        BodyProblem::NotAnObject => f.write_str("it is no object."),
        BodyProblem::NotJson { said, .. } => write!(f, "{said}."),
    }
}

fn key(wrong: KeyProblem) -> &'static str {
    match wrong {
        KeyProblem::Ended => "The key no longer works: create a new one instead.",
        KeyProblem::Rotated => "The key was rotated before: rotate the one that took its place.",
        KeyProblem::Changed => "The key was revoked or rotated meanwhile.",
    }
}

fn size(wrong: SizeProblem, f: &mut Formatter<'_>) -> Result {
    match wrong {
        SizeProblem::Record { bytes, max } => {
            write!(f, "it takes {bytes} bytes; DynamoDB has {max} for it at the most")
        }
        SizeProblem::Conversation { max } => write!(f, "the call with its messages is over {max} bytes"),
    }
}
