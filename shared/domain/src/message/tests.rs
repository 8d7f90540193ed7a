//! Every message, in every language.

use std::sync::Arc;

use super::*;
use crate::{
    BodyProblem, Conflict, EventsProblem, Expected, KeyProblem, Missing, PhoneProblem, Problem, RecordId,
    Scope, SizeProblem, TooSoon, Unauthenticated,
    cursor::BadCursor,
    webhooks::{UrlFault, UrlProblem},
};

/// The parameter at fault in these errors.
const AT: &str = "call_id";
const EVENTS: &str =
    "call.completed, call.transferred, appointment.booked, lead.created, webhook.disabled, each once";

/// What may be wrong, as an error, with the English of it. Of each variant there is at least one: a variant without a
/// pattern does not compile, and a sample that is of another variant than its pattern fails.
macro_rules! samples {
    ($name:ident: $of:ty, $wrap:expr, { $($pattern:pat => [$(($sample:expr, $english:expr)),+ $(,)?],)+ }) => {
        fn $name() -> Vec<(Error, String)> {
            fn has_a_sample(value: &$of) {
                match value {
                    $($pattern => {})+
                }
            }
            let wrap: fn($of) -> Error = $wrap;
            let mut samples = Vec::new();
            $($(
                let sample: $of = $sample;
                has_a_sample(&sample);
                assert!(matches!(&sample, $pattern), "{sample:?}");
                samples.push((wrap(sample), $english.to_string()));
            )+)+
            samples
        }
    };
}

samples!(errors: Error, |error| error, {
    Error::Unauthenticated(_) => [(Error::Unauthenticated(Unauthenticated::Unknown), "Unknown API key.")],
    Error::Forbidden(_) => [(Error::Forbidden(Scope::CallsRead), "This API key lacks the scope calls:read. Use a key that was created with it.")],
    Error::NotFound => [(Error::NotFound, "There is no such record in your organization.")],
    Error::Conflict(_) => [(Error::Conflict(Conflict::WebhookDisabled), "This endpoint is disabled and is sent nothing. Enable it first: PATCH it with {\"status\": \"enabled\"}.")],
    Error::Invalid { .. } => [(Error::invalid(AT, Problem::Repeated), "call_id was given more than once; give it once.")],
    Error::RateLimited => [(Error::RateLimited, "Too many requests with this API key. Wait for the seconds in Retry-After.")],
    Error::TooSoon { .. } => [
        (Error::TooSoon { reason: TooSoon::ReplaysSpent, seconds: 7 }, "Your organization has made its 10000 replays of this hour. Nothing was sent: wait for the seconds in Retry-After."),
        (Error::TooSoon { reason: TooSoon::ReplayedJustNow, seconds: 7 }, "The endpoint took this delivery, and it was replayed less than 10 minutes ago. Wait for the seconds in Retry-After."),
    ],
    Error::Contended(_) => [(Error::Contended(Arc::new(std::fmt::Error)), "Others were changing the same record at that moment, so nothing was changed. Wait for the seconds in Retry-After and try again.")],
    Error::Busy(_) => [(Error::Busy(Arc::new(std::fmt::Error)), "The service is busy at this moment. Wait for the seconds in Retry-After and try again.")],
    Error::Internal(_) => [(Error::Internal(Arc::new(std::fmt::Error)), "Something went wrong on our side. Try again; if it stays, quote the request id.")],
});

samples!(unauthenticated: Unauthenticated, Error::Unauthenticated, {
    Unauthenticated::Missing => [(Unauthenticated::Missing, "Missing API key. Send the header: Authorization: Bearer sk_live_…")],
    Unauthenticated::Malformed => [(Unauthenticated::Malformed, "Malformed API key: it is not of the form Bearer sk_live_… or was mistyped or cut.")],
    Unauthenticated::Ambiguous => [(Unauthenticated::Ambiguous, "More than one Authorization header was sent. Send exactly one.")],
    Unauthenticated::Unknown => [(Unauthenticated::Unknown, "Unknown API key.")],
    Unauthenticated::Revoked => [(Unauthenticated::Revoked, "This API key has been revoked.")],
    Unauthenticated::Expired => [(Unauthenticated::Expired, "This API key has expired.")],
});

samples!(conflicts: Conflict, Error::Conflict, {
    Conflict::PhoneTaken { .. } => [(Conflict::PhoneTaken { existing_id: RecordId::from_u128(1) }, "Your organization already has a contact with this phone number: see existing_id.")],
    Conflict::IdempotencyKeyReused => [(Conflict::IdempotencyKeyReused, "This Idempotency-Key was used with another body in the last 24 hours. Use a new key for a new request.")],
    Conflict::TooManyWebhooks => [(Conflict::TooManyWebhooks, "Your organization has 50 endpoints, which is the most it may have. Delete one first.")],
    Conflict::WebhookDisabled => [(Conflict::WebhookDisabled, "This endpoint is disabled and is sent nothing. Enable it first: PATCH it with {\"status\": \"enabled\"}.")],
});

samples!(problems: Problem, |problem| Error::invalid(AT, problem), {
    Problem::UnknownParameter { .. } => [
        (Problem::UnknownParameter { allowed: Vec::new() }, "Unknown parameter \"call_id\". This path takes none."),
        (Problem::UnknownParameter { allowed: vec!["a_1", "b_2"] }, "Unknown parameter \"call_id\". Allowed are a_1, b_2."),
    ],
    Problem::UnknownField { .. } => [
        (Problem::UnknownField { allowed: &[] }, "Unknown field \"call_id\". Allowed are none."),
        (Problem::UnknownField { allowed: &["a_1", "b_2"] }, "Unknown field \"call_id\". Allowed are a_1, b_2."),
    ],
    Problem::Repeated => [(Problem::Repeated, "call_id was given more than once; give it once.")],
    Problem::Missing(_) => [(Problem::Missing(Missing::Phone), "call_id is required: a phone number in E.164 form such as +14155551234.")],
    Problem::MustBe(_) => [(Problem::MustBe(Expected::String), "call_id must be a string.")],
    Problem::TooLong { .. } => [(Problem::TooLong { max: 200 }, "call_id is over 200 characters long.")],
    Problem::InTheFuture => [(Problem::InTheFuture, "call_id must not be in the future.")],
    Problem::NoSuchWebhook => [(Problem::NoSuchWebhook, "call_id: there is no such endpoint in your organization.")],
    Problem::Cursor(_) => [
        (Problem::Cursor(BadCursor::Unreadable), "call_id is unreadable: pass next_cursor of the page before, unchanged."),
        (Problem::Cursor(BadCursor::OtherList), "call_id was made for another list or other filters: keep since and every filter as they were on the first page."),
    ],
    Problem::Phone(_) => [(Problem::Phone(PhoneProblem::NotE164), "call_id must be a phone number in E.164 form such as +14155551234.")],
    Problem::Events(_) => [
        (Problem::Events(EventsProblem::NotAList), format!("call_id must be a list of one or more of {EVENTS}.")),
        (Problem::Events(EventsProblem::Unknown("\"a\"".to_owned())), format!("call_id must be a list of one or more of {EVENTS}: \"a\" is none of them.")),
        (Problem::Events(EventsProblem::Repeated("\"a\"".to_owned())), format!("call_id must be a list of one or more of {EVENTS}: \"a\" is there twice.")),
    ],
    Problem::Url(_) => [(Problem::Url(UrlProblem::Fragment), "The URL must not have a fragment (#): it would not be sent.")],
    Problem::Body(_) => [(Problem::Body(BodyProblem::Empty), "The body must be a JSON object: it is empty.")],
    Problem::Key(_) => [
        (Problem::Key(KeyProblem::Ended), "The key no longer works: create a new one instead."),
        (Problem::Key(KeyProblem::Rotated), "The key was rotated before: rotate the one that took its place."),
        (Problem::Key(KeyProblem::Changed), "The key was revoked or rotated meanwhile."),
    ],
    Problem::Size(_) => [
        (Problem::Size(SizeProblem::Record { bytes: 500_000, max: 409_600 }), "it takes 500000 bytes; DynamoDB has 409600 for it at the most"),
        (Problem::Size(SizeProblem::Conversation { max: 5_500_000 }), "the call with its messages is over 5500000 bytes"),
    ],
});

samples!(missing: Missing, |missing| Error::invalid(AT, missing), {
    Missing::Phone => [(Missing::Phone, "call_id is required: a phone number in E.164 form such as +14155551234.")],
    Missing::Url => [(Missing::Url, "call_id is required: an HTTPS URL such as https://example.com/webhooks.")],
    Missing::Events => [(Missing::Events, format!("call_id is required: a list of one or more of {EVENTS}."))],
    Missing::Time => [(Missing::Time, "call_id is required: a time such as 2026-02-24T20:59:00Z.")],
});

samples!(expected: Expected, |expected| Error::invalid(AT, expected), {
    Expected::OneOf(_) => [(Expected::OneOf(&["in_a", "in_b"]), "call_id must be one of in_a, in_b.")],
    Expected::Integer { .. } => [(Expected::Integer { min: 1, max: 100 }, "call_id must be an integer from 1 to 100.")],
    Expected::Id => [(Expected::Id, "call_id: expected a UUID such as dbf31702-3468-4639-a5a4-e07f9bdae9a7.")],
    Expected::Email => [(Expected::Email, "call_id must be an address such as john@example.com.")],
    Expected::String => [(Expected::String, "call_id must be a string.")],
    Expected::StringOrNull => [(Expected::StringOrNull, "call_id must be a string or null.")],
    Expected::ShortTextOrNull { .. } => [(Expected::ShortTextOrNull { max: 200 }, "call_id must be null, or a string of 200 characters at the most.")],
    Expected::Boolean => [(Expected::Boolean, "call_id must be true or false.")],
    Expected::Time => [(Expected::Time, "call_id must be an ISO 8601 date and time with its offset, such as 2026-02-24T20:59:00Z, or a date.")],
    Expected::TimeInQuery => [(Expected::TimeInQuery, "call_id must be an ISO 8601 date and time with its offset, such as 2026-02-24T20:59:00Z, or a date, such as 2026-02-24 (midnight UTC).")],
    Expected::LaterThan(_) => [(Expected::LaterThan("since"), "call_id must be later than since.")],
    Expected::IdempotencyKey { .. } => [(Expected::IdempotencyKey { max: 255 }, "call_id must be one value of 1 to 255 printable ASCII characters.")],
});

samples!(phones: PhoneProblem, |phone| Error::invalid(AT, phone), {
    PhoneProblem::NotE164 => [(PhoneProblem::NotE164, "call_id must be a phone number in E.164 form such as +14155551234.")],
    PhoneProblem::ZeroInBrackets => [(PhoneProblem::ZeroInBrackets, "call_id must be a phone number in E.164 form such as +14155551234: a zero in brackets is left out in most countries when one calls from abroad, but not in all (in Italy it is part of the number), so write the number as it is called from abroad, without brackets.")],
    PhoneProblem::Character(_) => [
        (PhoneProblem::Character('l'), "call_id must be a phone number in E.164 form such as +14155551234: \"l\" (U+006C) must not be in it."),
        (PhoneProblem::Character('☎'), "call_id must be a phone number in E.164 form such as +14155551234: \"☎\" (U+260E) must not be in it."),
        (PhoneProblem::Character('\u{0}'), "call_id must be a phone number in E.164 form such as +14155551234: U+0000 must not be in it."),
        (PhoneProblem::Character('\u{301}'), "call_id must be a phone number in E.164 form such as +14155551234: U+0301 must not be in it."),
    ],
});

samples!(bodies: BodyProblem, Error::invalid_whole, {
    BodyProblem::Empty => [(BodyProblem::Empty, "The body must be a JSON object: it is empty.")],
    BodyProblem::NotAnObject => [(BodyProblem::NotAnObject, "The body must be a JSON object: it is no object.")],
    BodyProblem::NotJson { .. } => [
        (not_json("{\n\"a\": }"), "The body must be a JSON object: expected value at line 2 column 6."),
        (not_json("{\n\"a\": "), "The body must be a JSON object: EOF while parsing a value at line 2 column 5."),
    ],
});

samples!(urls: UrlProblem, |url| Error::invalid("url", url), {
    UrlProblem::TooLong { .. } => [(UrlProblem::TooLong { max: 2048 }, "The URL is over 2048 bytes long.")],
    UrlProblem::WhiteSpace => [(UrlProblem::WhiteSpace, "The URL must not have white space or backslashes in it.")],
    UrlProblem::NotHttps => [(UrlProblem::NotHttps, "The URL must begin with https://, as https://example.com/webhooks does.")],
    UrlProblem::Credentials => [(UrlProblem::Credentials, "The URL must not have a user name or password in it: check the signature instead.")],
    UrlProblem::Unreadable(_) => [(UrlProblem::Unreadable(UrlFault::EmptyHost), "The URL must be one such as https://example.com/webhooks: empty host.")],
    UrlProblem::Fragment => [(UrlProblem::Fragment, "The URL must not have a fragment (#): it would not be sent.")],
    UrlProblem::Loopback { .. } => [(UrlProblem::Loopback { host: "127.0.0.1".to_owned() }, "The URL must lead to the public internet: 127.0.0.1 is whatever machine it is used on. For local work use `inboundflow dev`, without --no-loopback-webhooks.")],
    UrlProblem::Port { .. } => [(UrlProblem::Port { port: 22, allowed: vec![443, 8443] }, "The URL must not have port 22. Allowed: 443, 8443.")],
    UrlProblem::NotGlobal { .. } => [(UrlProblem::NotGlobal { ip: [10, 0, 0, 1].into() }, "The URL must lead to the public internet, where 10.0.0.1 is not.")],
    UrlProblem::PrivateName { .. } => [(UrlProblem::PrivateName { ending: ".home.arpa" }, "The URL must lead to the public internet: names with .home.arpa at the end are those of a private network.")],
    UrlProblem::EndsWithDot => [(UrlProblem::EndsWithDot, "The URL's host must not end with a dot.")],
    UrlProblem::ShortName { .. } => [(UrlProblem::ShortName { name: "my_net".to_owned() }, "The URL's host must be a full name such as hooks.example.com, which my_net is not.")],
});

samples!(faults: UrlFault, |fault| Error::invalid("url", UrlProblem::Unreadable(fault)), {
    UrlFault::EmptyHost => [(UrlFault::EmptyHost, unreadable(url::ParseError::EmptyHost))],
    UrlFault::InternationalName => [(UrlFault::InternationalName, unreadable(url::ParseError::IdnaError))],
    UrlFault::Port => [(UrlFault::Port, unreadable(url::ParseError::InvalidPort))],
    UrlFault::Ipv4 => [(UrlFault::Ipv4, unreadable(url::ParseError::InvalidIpv4Address))],
    UrlFault::Ipv6 => [(UrlFault::Ipv6, unreadable(url::ParseError::InvalidIpv6Address))],
    UrlFault::DomainCharacter => [(UrlFault::DomainCharacter, unreadable(url::ParseError::InvalidDomainCharacter))],
    UrlFault::Other => [(UrlFault::Other, "The URL must be one such as https://example.com/webhooks: it cannot be read.")],
});

fn not_json(text: &str) -> BodyProblem {
    BodyProblem::from(&serde_json::from_str::<serde_json::Value>(text).expect_err("no JSON"))
}

/// The fault of a URL, in the words of the parser.
fn unreadable(error: url::ParseError) -> String {
    format!("The URL must be one such as https://example.com/webhooks: {error}.")
}

fn all() -> Vec<(Error, String)> {
    let parts = [
        unauthenticated(),
        conflicts(),
        problems(),
        missing(),
        expected(),
        phones(),
        bodies(),
        urls(),
        faults(),
    ];
    errors().into_iter().chain(parts.into_iter().flatten()).collect()
}

/// The words that are not English but data: names, numbers, examples, abbreviations.
fn data(english: &str) -> impl Iterator<Item = &str> {
    let words = english.split(' ').map(|word| {
        let word = word.trim_start_matches('(').trim_end_matches([',', '.', ':', ';', ')']);
        word.strip_suffix("'s").unwrap_or(word)
    });
    words.filter(|word| {
        let inside = |c: char| c.is_ascii_digit() || c.is_uppercase() || "_.:/@{}\"`#".contains(c);
        word.chars().skip(1).any(inside)
            || word.starts_with(|c: char| c.is_ascii_digit())
            || ["Authorization", "Bearer", "since", "true", "false", "null"].contains(word)
    })
}

#[test]
fn english_is_what_tests_pages_and_logs_quote() {
    for (error, english) in all() {
        assert_eq!(error.message(Language::English), english);
        assert_eq!(error.to_string(), english, "and so is the log");
    }
}

#[test]
fn every_message_is_translated_and_loses_no_data() {
    for (error, english) in all().into_iter().filter(|(error, _)| !is_of_the_command(error)) {
        // What the parser of JSON says is English; its place is in every language.
        let place = english
            .split_once(": expected value at ")
            .or(english.split_once(": EOF while parsing a value at "));
        let said = place.map_or(english.clone(), |(before, place)| format!("{before} {place}"));
        let messages = Language::ALL.map(|language| error.message(language));
        for (at, message) in messages.iter().enumerate() {
            assert!(!messages[..at].contains(message), "{message}");
            for word in data(&said) {
                assert!(message.contains(word), "{word:?} is not in {message:?}");
            }
            assert_eq!(message.ends_with('.'), english.ends_with('.'), "{message}");
            assert!(!message.contains("  "), "{message}");
        }
    }
}

/// The parts of a message that are surely sentences.
fn sentences(message: &str) -> impl Iterator<Item = &str> {
    let parts = message.split(['.', ':', ';', '(', ')']).map(str::trim);
    parts.filter(|part| part.len() >= 25 && part.contains(' ') && !part.contains(", "))
}

#[test]
fn no_sentence_of_a_message_stayed_in_english() {
    let of_parser = ["expected value at line", "EOF while parsing a value at line"];
    for (error, english) in all().into_iter().filter(|(error, _)| !is_of_the_command(error)) {
        let of: Vec<&str> = sentences(&english).collect();
        for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
            for sentence in sentences(&error.message(language)) {
                let is_parsers = of_parser.iter().any(|said| sentence.starts_with(said));
                assert!(is_parsers || !of.contains(&sentence), "{}: {sentence:?}", language.tag());
            }
        }
    }
}

/// Whether only the command's errors, and no request's, can be this one.
fn is_of_the_command(error: &Error) -> bool {
    matches!(error, Error::Invalid { problem: Problem::Key(_) | Problem::Size(_), .. })
}

#[test]
fn what_only_the_command_meets_is_in_its_language() {
    let of_the_command: Vec<_> = all().into_iter().filter(|(error, _)| is_of_the_command(error)).collect();
    assert_eq!(of_the_command.len(), 5);
    for (error, english) in of_the_command {
        assert_eq!(Language::ALL.map(|language| error.message(language)), [(); 4].map(|()| english.clone()));
    }
}

#[test]
fn what_counts_as_data_is_found() {
    let english =
        "Unknown field \"x\". The URL's port (22) is over 2048, see existing_id or E.164 since true.";
    let found: Vec<_> = data(english).collect();
    assert_eq!(found, ["\"x\"", "URL", "22", "2048", "existing_id", "E.164", "since", "true"]);
}
