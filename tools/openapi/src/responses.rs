//! The answers: of success, of each error, and the headers that they carry.

use domain::{Conflict, Error, Language, RecordId, Scope, Unauthenticated};
use serde_json::{Map, Value, json};

use crate::{operations::Operation, schemas};

/// An error that every client can meet: its status, the component's name, and examples of it.
struct Failure {
    status: u16,
    name: &'static str,
    code: &'static str,
    headers: &'static [&'static str],
    examples: Vec<(&'static str, Example)>,
}

struct Example {
    message: String,
    more: Value,
}

const ON_EVERY_SUCCESS: [&str; 6] = [
    "X-Request-Id",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "RateLimit-Policy",
    "RateLimit",
];

/// The headers of answers, by the name of the component.
pub(crate) fn headers() -> Map<String, Value> {
    let integer = |minimum: u32| json!({"type": "integer", "minimum": minimum});
    let languages: Vec<&str> =
        Language::ALL.iter().filter(|it| **it != Language::English).map(|it| it.tag()).collect();
    let text = |pattern: &str| json!({"type": "string", "pattern": pattern});
    let headers = [
        ("X-Request-Id", true, text("^req_[0-9a-f]{12}$")),
        ("X-RateLimit-Limit", true, integer(1)),
        ("X-RateLimit-Remaining", true, integer(0)),
        ("X-RateLimit-Reset", true, integer(0)),
        ("RateLimit-Policy", true, text("^\"default\";q=[0-9]+;w=60$")),
        ("RateLimit", true, text("^\"default\";r=[0-9]+;t=[0-9]+$")),
        ("Content-Language", false, json!({"type": "string", "enum": languages})),
        ("Vary", false, json!({"const": "Accept-Language"})),
        ("Idempotent-Replayed", false, json!({"const": "true"})),
        ("Retry-After", true, json!({"type": "integer", "minimum": 1, "maximum": 60})),
        ("WWW-Authenticate", true, json!({"const": "Bearer"})),
        ("Allow", true, json!({"type": "string"})),
    ];
    let header = |(name, required, schema): (&str, bool, Value)| {
        (name.to_owned(), json!({"required": required, "schema": schema}))
    };
    headers.map(header).into_iter().collect()
}

/// The answers to errors, by the name of the component.
pub(crate) fn components() -> Map<String, Value> {
    failures().into_iter().map(|failure| (failure.name.to_owned(), failure.component())).collect()
}

/// The answers of an operation, by their status.
pub(crate) fn of(operation: &Operation, example: &Value) -> Map<String, Value> {
    let status = operation.answer.status();
    let mut headers: Vec<&str> = ON_EVERY_SUCCESS.into();
    if operation.id == "createContact" {
        headers.push("Idempotent-Replayed");
    }
    let content = json!({"schema": schemas::reference(&operation.answer.schema()), "example": example});
    let success = json!({"headers": references(&headers), "content": {"application/json": content}});
    let mut answers = Map::from_iter([(status.to_string(), success)]);
    for failure in failures() {
        let possible = match failure.status {
            403 => operation.scope().is_some(),
            404 => operation.path.contains('{'),
            409 => operation.conflicts,
            413 | 415 => operation.body.is_some(),
            405 => false,
            _ => true,
        };
        if possible {
            let reference = json!({"$ref": format!("#/components/responses/{}", failure.name)});
            answers.insert(failure.status.to_string(), reference);
        }
    }
    answers
}

impl Failure {
    fn component(&self) -> Value {
        let examples: Map<String, Value> = self
            .examples
            .iter()
            .map(|(name, example)| ((*name).to_owned(), json!({"value": self.body(example)})))
            .collect();
        let mut headers =
            vec!["X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "Content-Language", "Vary"];
        headers.extend(self.headers);
        let content =
            json!({"application/json": {"schema": schemas::reference("Error"), "examples": examples}});
        json!({"headers": references(&headers), "content": content})
    }

    fn body(&self, example: &Example) -> Value {
        let mut error = json!({"code": self.code, "message": example.message, "status": self.status});
        for (name, value) in example.more.as_object().into_iter().flatten() {
            error[name] = value.clone();
        }
        json!({"error": error, "meta": {"request_id": "req_1d2398336f4f", "timestamp": "2026-02-24T21:05:00.120Z"}})
    }
}

fn references(headers: &[&str]) -> Value {
    let reference =
        |name: &&str| ((*name).to_owned(), json!({"$ref": format!("#/components/headers/{name}")}));
    headers.iter().map(reference).collect::<Map<_, _>>().into()
}

fn example(message: impl ToString, more: Value) -> Example {
    Example { message: message.to_string(), more }
}

fn failures() -> Vec<Failure> {
    let nothing = || json!({});
    let status = "status must be one of completed, failed, blocked, in-progress, forwarding.";
    let field = "phone must be a phone number in E.164 form such as +14155551234.";
    let existing_id = RecordId::from_u128(0x64a7433e_7a33_4459_9546_7328cdeb353a);
    let taken = Error::Conflict(Conflict::PhoneTaken { existing_id });
    let unauthenticated = |name, reason| (name, example(Error::Unauthenticated(reason), nothing()));
    let failure = |status, name, code, headers, examples| Failure { status, name, code, headers, examples };
    vec![
        failure(
            400,
            "BadRequest",
            "bad_request",
            &[],
            vec![
                ("parameter", example(status, json!({"param": "status"}))),
                ("field", example(field, json!({"param": "phone"}))),
                ("body", example("The body must be a JSON object: it is empty.", nothing())),
            ],
        ),
        failure(
            401,
            "Unauthorized",
            "unauthorized",
            &["WWW-Authenticate"],
            vec![
                unauthenticated("missing", Unauthenticated::Missing),
                unauthenticated("malformed", Unauthenticated::Malformed),
                unauthenticated("ambiguous", Unauthenticated::Ambiguous),
                unauthenticated("unknown", Unauthenticated::Unknown),
                unauthenticated("revoked", Unauthenticated::Revoked),
                unauthenticated("expired", Unauthenticated::Expired),
            ],
        ),
        failure(
            403,
            "Forbidden",
            "forbidden",
            &[],
            vec![("scope", example(Error::Forbidden(Scope::CallsRead), nothing()))],
        ),
        failure(404, "NotFound", "not_found", &[], vec![("record", example(Error::NotFound, nothing()))]),
        failure(
            405,
            "MethodNotAllowed",
            "method_not_allowed",
            &["Allow"],
            vec![(
                "method",
                example("This path does not take that method. Allowed are GET, HEAD, POST.", nothing()),
            )],
        ),
        failure(
            409,
            "Conflict",
            "conflict",
            &[],
            vec![
                ("phone", example(taken, json!({"param": "phone", "existing_id": existing_id}))),
                (
                    "idempotency_key",
                    example(
                        Error::Conflict(Conflict::IdempotencyKeyReused),
                        json!({"param": "Idempotency-Key"}),
                    ),
                ),
                ("too_many_webhooks", example(Error::Conflict(Conflict::TooManyWebhooks), nothing())),
                ("webhook_disabled", example(Error::Conflict(Conflict::WebhookDisabled), nothing())),
            ],
        ),
        failure(
            413,
            "PayloadTooLarge",
            "payload_too_large",
            &[],
            vec![("body", example("The body is over 65536 bytes.", nothing()))],
        ),
        failure(
            415,
            "UnsupportedMediaType",
            "unsupported_media_type",
            &[],
            vec![(
                "type",
                example(
                    "The body must be JSON in UTF-8: send the header Content-Type: application/json.",
                    json!({"param": "Content-Type"}),
                ),
            )],
        ),
        failure(
            429,
            "RateLimited",
            "rate_limited",
            &["Retry-After"],
            vec![("minute", example(Error::RateLimited, nothing()))],
        ),
        failure(
            500,
            "InternalError",
            "internal_error",
            &[],
            vec![("internal", example(Error::internal("an example"), nothing()))],
        ),
    ]
}
