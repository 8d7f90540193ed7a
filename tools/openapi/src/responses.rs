//! Responses of success and of each error, and the headers that they carry.

use domain::{Language, WINDOW_SECONDS};
use serde_json::{Map, Value, json};

use crate::{
    errors::{ErrorResponse, Example, REPLAYS_LIMITED, errors},
    operations::Operation,
    shapes::reference,
};

/// The component of the `Retry-After` of a replay, which may be of the next hour.
const OF_REPLAYS: &str = "Retry-After-Of-Replays";
const HOUR_SECONDS: u32 = 60 * 60;

/// The headers that errors carry too. Where the gateway itself answers, before it has looked at the key, some
/// are missing.
const ON_ERRORS: [(&str, bool); 9] = [
    ("X-Request-Id", true),
    ("X-RateLimit-Limit", true),
    ("X-RateLimit-Remaining", true),
    ("X-RateLimit-Reset", false),
    ("RateLimit-Policy", false),
    ("RateLimit", false),
    ("Content-Language", false),
    ("Vary", false),
    ("Cache-Control", true),
];

const ON_EVERY_SUCCESS: [&str; 7] = [
    "X-Request-Id",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "RateLimit-Policy",
    "RateLimit",
    "Cache-Control",
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
        ("RateLimit-Policy", true, text(&format!("^\"default\";q=[0-9]+;w={WINDOW_SECONDS}$"))),
        ("RateLimit", true, text("^\"default\";r=[0-9]+;t=[0-9]+$")),
        ("Content-Language", false, json!({"type": "string", "enum": languages})),
        ("Vary", false, json!({"const": "Accept-Language"})),
        ("Idempotent-Replayed", false, json!({"const": "true"})),
        ("Retry-After", true, json!({"type": "integer", "minimum": 1, "maximum": WINDOW_SECONDS})),
        (OF_REPLAYS, true, json!({"type": "integer", "minimum": 1, "maximum": HOUR_SECONDS})),
        ("Cache-Control", true, json!({"const": "no-store"})),
        // API Gateway renames a function's own.
        ("WWW-Authenticate", false, json!({"const": "Bearer"})),
        ("Allow", true, json!({"type": "string"})),
    ];
    let header = |(name, required, schema): (&str, bool, Value)| {
        (name.to_owned(), json!({"required": required, "schema": schema}))
    };
    headers.map(header).into_iter().collect()
}

/// The answers to errors, by the name of the component.
pub(crate) fn components() -> Map<String, Value> {
    errors().into_iter().map(|error| (error.name.to_owned(), error.component())).collect()
}

/// The answers of an operation, by their status.
pub(crate) fn of(operation: &Operation) -> Map<String, Value> {
    let status = operation.response.status;
    let mut headers: Vec<&str> = ON_EVERY_SUCCESS.into();
    if operation.id == "createContact" {
        headers.push("Idempotent-Replayed");
    }
    let content =
        json!({"schema": reference(&operation.response.schema()), "example": operation.example.response});
    let success = json!({"headers": references(&headers), "content": {"application/json": content}});
    let mut answers = Map::from_iter([(status.to_string(), success)]);
    for error in errors() {
        let possible = match error.status {
            404 => operation.path.contains('{'),
            409 => operation.conflict.as_deref() == Some(error.name),
            413 | 415 => operation.body.is_some(),
            405 => false,
            429 => (error.name == REPLAYS_LIMITED) == operation.id.starts_with("replay"),
            _ => true,
        };
        if possible {
            let reference = json!({"$ref": format!("#/components/responses/{}", error.name)});
            answers.insert(error.status.to_string(), reference);
        }
    }
    answers
}

impl ErrorResponse {
    fn component(&self) -> Value {
        let examples: Map<String, Value> = self
            .examples
            .iter()
            .map(|(name, example)| ((*name).to_owned(), json!({"value": self.body(example)})))
            .collect();
        let of_success = self::headers();
        let on_error = |(name, required): (&str, bool)| {
            let known = &of_success[name];
            // The gateway's own ids have no form of ours.
            let schema =
                if name == "X-Request-Id" { json!({"type": "string"}) } else { known["schema"].clone() };
            let header = if known["required"] == required && known["schema"] == schema {
                json!({"$ref": format!("#/components/headers/{name}")})
            } else {
                json!({"required": required, "schema": schema})
            };
            (name.to_owned(), header)
        };
        let mut headers: Map<String, Value> =
            ON_ERRORS.iter().chain(self.headers).copied().map(on_error).collect();
        if self.name == REPLAYS_LIMITED {
            headers.insert("Retry-After".to_owned(), references(&[OF_REPLAYS])[OF_REPLAYS].clone());
        }
        let content = json!({"application/json": {"schema": reference("Error"), "examples": examples}});
        json!({"headers": headers, "content": content})
    }

    fn body(&self, example: &Example) -> Value {
        let mut error = json!({"code": self.code, "message": example.message, "status": self.status});
        for (name, value) in example.more.as_object().into_iter().flatten() {
            error[name] = value.clone();
        }
        json!({"error": error, "meta": {"request_id": "req_1d2398336f4f", "timestamp": "2026-02-24T21:05:00.120Z"}})
    }
}

fn references(headers: &[&str]) -> Map<String, Value> {
    let reference =
        |name: &&str| ((*name).to_owned(), json!({"$ref": format!("#/components/headers/{name}")}));
    headers.iter().map(reference).collect()
}
