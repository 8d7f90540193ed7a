//! Error responses with examples, in the domain's words where they are the domain's.

use std::{fmt, sync::Arc};

use domain::{
    BodyProblem, CallStatus, Conflict, Error, Expected, PhoneProblem, RecordId, Scope, TooSoon,
    Unauthenticated, catalogue::MAX_BODY_BYTES,
};
use serde_json::{Value, json};

/// The gateway's own message about an unknown key, as template.yaml has it; a test holds the two against each
/// other.
const UNKNOWN_TO_THE_GATEWAY: &str = "This API key is unknown or has been revoked.";
const FIREWALL: &str = "Too many requests came from this address. Wait for the seconds in Retry-After.";
const NO_ANSWER: &str =
    "The service could not answer this request. Wait for the seconds in Retry-After and try again.";

/// The answer to one replay too many.
pub(crate) const REPLAYS_LIMITED: &str = "ReplaysLimited";

/// An error that clients can meet.
pub(crate) struct ErrorResponse {
    pub(crate) status: u16,
    /// The component's name.
    pub(crate) name: &'static str,
    pub(crate) code: &'static str,
    /// The headers that the error has beside those of every error, and whether each is always there.
    pub(crate) headers: &'static [(&'static str, bool)],
    pub(crate) examples: Vec<(&'static str, Example)>,
}

/// An example of an error.
pub(crate) struct Example {
    pub(crate) message: String,
    /// The members of the error that not every error has.
    pub(crate) more: Value,
}

/// All errors, by their status.
pub(crate) fn errors() -> Vec<ErrorResponse> {
    let mut errors = of_the_request();
    errors.extend(of_the_key());
    errors.extend(of_the_state());
    errors.sort_by_key(|error| error.status);
    errors
}

fn of_the_request() -> Vec<ErrorResponse> {
    let status = Error::invalid("status", Expected::OneOf(CallStatus::VALUES));
    let phone = Error::invalid("phone", PhoneProblem::NotE164);
    let json = "The body must be JSON in UTF-8: send the header Content-Type: application/json.";
    let coding =
        "The body is compressed in a way that is not read here: send it without the header Content-Encoding.";
    let allowed = "This path does not take that method. Allowed are GET, HEAD, POST.";
    let bad = vec![
        ("parameter", example(status, json!({"param": "status"}))),
        ("field", example(phone, json!({"param": "phone"}))),
        ("body", example(Error::invalid_whole(BodyProblem::Empty), json!({}))),
    ];
    vec![
        error(400, "BadRequest", "bad_request", bad),
        error(404, "NotFound", "not_found", one("record", Error::NotFound)),
        ErrorResponse {
            headers: &[("Allow", true)],
            ..error(405, "MethodNotAllowed", "method_not_allowed", one("method", allowed))
        },
        error(
            413,
            "PayloadTooLarge",
            "payload_too_large",
            one("body", format!("The body is over {MAX_BODY_BYTES} bytes.")),
        ),
        error(
            415,
            "UnsupportedMediaType",
            "unsupported_media_type",
            vec![
                ("type", example(json, json!({"param": "Content-Type"}))),
                ("coding", example(coding, json!({"param": "Content-Encoding"}))),
            ],
        ),
        error(500, "InternalError", "internal_error", one("internal", Error::internal("an example"))),
        ErrorResponse {
            headers: &[("Retry-After", true)],
            ..error(503, "Unavailable", "unavailable", one("no_answer", NO_ANSWER))
        },
    ]
}

fn of_the_key() -> Vec<ErrorResponse> {
    let why = |name, reason| (name, example(Error::Unauthenticated(reason), json!({})));
    let unauthorized = vec![
        why("missing", Unauthenticated::Missing),
        why("malformed", Unauthenticated::Malformed),
        why("ambiguous", Unauthenticated::Ambiguous),
        why("unknown", Unauthenticated::Unknown),
        why("revoked", Unauthenticated::Revoked),
        why("expired", Unauthenticated::Expired),
        ("gateway", example(UNKNOWN_TO_THE_GATEWAY, json!({}))),
    ];
    let forbidden = Scope::ALL.map(|scope| (scope.as_str(), example(Error::Forbidden(scope), json!({}))));
    let busy = || example(Error::Busy(Arc::new(fmt::Error)), json!({}));
    let minute = || ("minute", example(Error::RateLimited, json!({})));
    let too_soon = |reason| example(Error::TooSoon { reason, seconds: 1 }, json!({}));
    let too_many = vec![minute(), ("busy", busy()), ("address", example(FIREWALL, json!({})))];
    let replays = vec![
        minute(),
        ("hour", too_soon(TooSoon::ReplaysSpent)),
        ("again", too_soon(TooSoon::ReplayedJustNow)),
        ("busy", busy()),
    ];
    vec![
        ErrorResponse {
            headers: &[("WWW-Authenticate", false)],
            ..error(401, "Unauthorized", "unauthorized", unauthorized)
        },
        error(403, "Forbidden", "forbidden", forbidden.into()),
        ErrorResponse {
            headers: &[("Retry-After", true)],
            ..error(429, "RateLimited", "rate_limited", too_many)
        },
        ErrorResponse {
            headers: &[("Retry-After", true)],
            ..error(429, REPLAYS_LIMITED, "rate_limited", replays)
        },
    ]
}

/// The errors of changes that meet others of the same record.
fn of_the_state() -> [ErrorResponse; 4] {
    let others = || ("others", example(Error::Contended(Arc::new(fmt::Error)), json!({})));
    let existing_id = RecordId::from_u128(0x64a7433e_7a33_4459_9546_7328cdeb353a);
    let why = |conflict, more| example(Error::Conflict(conflict), more);
    let taken = json!({"param": "phone", "existing_id": existing_id});
    let contact = vec![
        ("phone", why(Conflict::PhoneTaken { existing_id }, taken)),
        ("idempotency_key", why(Conflict::IdempotencyKeyReused, json!({"param": "Idempotency-Key"}))),
        others(),
    ];
    let too_many = vec![("too_many", why(Conflict::TooManyWebhooks, json!({}))), others()];
    let disabled = vec![("disabled", why(Conflict::WebhookDisabled, json!({}))), others()];
    let conflict = |name, examples, always| ErrorResponse {
        headers: if always { &[("Retry-After", true)] } else { &[("Retry-After", false)] },
        ..error(409, name, "conflict", examples)
    };
    [
        conflict("ContactConflict", contact, false),
        conflict("TooManyWebhooks", too_many, false),
        conflict("WebhookDisabled", disabled, false),
        conflict("Contended", vec![others()], true),
    ]
}

fn error(
    status: u16,
    name: &'static str,
    code: &'static str,
    examples: Vec<(&'static str, Example)>,
) -> ErrorResponse {
    ErrorResponse { status, name, code, headers: &[], examples }
}

fn one(name: &'static str, message: impl ToString) -> Vec<(&'static str, Example)> {
    vec![(name, example(message, json!({})))]
}

fn example(message: impl ToString, more: Value) -> Example {
    Example { message: message.to_string(), more }
}
