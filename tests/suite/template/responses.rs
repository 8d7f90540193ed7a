//! The responses that the gateway makes itself, as `template.yaml` words them.

use std::collections::BTreeSet;

use domain::{DEFAULT_REQUESTS_PER_MINUTE, Language};
use harness::{World, functions, invoke, stack};
use reqwest::Method;
use serde_json::{Value, json};

/// Every type of gateway response that API Gateway knows.
const RESPONSE_TYPES: [&str; 21] = [
    "ACCESS_DENIED",
    "API_CONFIGURATION_ERROR",
    "AUTHORIZER_CONFIGURATION_ERROR",
    "AUTHORIZER_FAILURE",
    "BAD_REQUEST_BODY",
    "BAD_REQUEST_PARAMETERS",
    "DEFAULT_4XX",
    "DEFAULT_5XX",
    "EXPIRED_TOKEN",
    "INTEGRATION_FAILURE",
    "INTEGRATION_TIMEOUT",
    "INVALID_API_KEY",
    "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN",
    "QUOTA_EXCEEDED",
    "REQUEST_TOO_LARGE",
    "RESOURCE_NOT_FOUND",
    "THROTTLED",
    "UNAUTHORIZED",
    "UNSUPPORTED_MEDIA_TYPE",
    "WAF_FILTERED",
];

/// Gateway responses in words that the document does not repeat: of paths that it has no operation for, of
/// buckets, and of what our authorizer and methods never give cause for.
const NOT_SHOWN: [&str; 11] = [
    "ACCESS_DENIED",
    "BAD_REQUEST_BODY",
    "BAD_REQUEST_PARAMETERS",
    "DEFAULT_4XX",
    "EXPIRED_TOKEN",
    "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN",
    "QUOTA_EXCEEDED",
    "RESOURCE_NOT_FOUND",
    "THROTTLED",
    "UNAUTHORIZED",
];

#[test]
fn each_type_of_gateway_response_stands_alone_in_the_envelope() {
    let responses = stack().responses;
    let types: BTreeSet<&str> = responses.keys().map(String::as_str).collect();
    assert_eq!(types, RESPONSE_TYPES.into());
    for (kind, response) in &responses {
        let body: Value =
            serde_json::from_str(&response.body).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(body["error"]["status"], response.status, "{kind}");
        let code = match response.status {
            400 => "bad_request",
            401 => "unauthorized",
            403 => "forbidden",
            404 => "not_found",
            413 => "payload_too_large",
            415 => "unsupported_media_type",
            429 => "rate_limited",
            503 => "unavailable",
            other => panic!("{kind}: {other} is not documented"),
        };
        assert_eq!(body["error"]["code"], code, "{kind}");
        let names: Vec<&String> =
            body.as_object().unwrap().keys().chain(body["error"].as_object().unwrap().keys()).collect();
        let param: &[&str] = if response.status == 415 { &["param"] } else { &[] };
        assert_eq!(names, [&["error", "meta", "code", "message", "status"][..], param].concat(), "{kind}");
        let (id, limit) = (&response.headers["X-Request-Id"], &response.headers["X-RateLimit-Limit"]);
        assert_eq!(body["meta"]["request_id"], format!("${id}"), "{kind}");
        assert_eq!(limit, &format!("'{DEFAULT_REQUESTS_PER_MINUTE}'"), "{kind}");
        assert_eq!(response.headers["X-RateLimit-Remaining"], "'0'", "{kind}");
        let policy = domain::Rate::unrecognised(domain::Timestamp::now()).ietf_policy();
        assert_eq!(response.headers["RateLimit-Policy"], format!("'{policy}'"), "{kind}");
        let wait = match (kind.as_str(), response.status) {
            ("WAF_FILTERED", _) => Some("'60'"),
            (_, 429) => Some("'1'"),
            (_, 503) => Some("'2'"),
            _ => None,
        };
        assert_eq!(response.headers.get("Retry-After").map(String::as_str), wait, "{kind}");
        assert_eq!(response.headers["Strict-Transport-Security"], "'max-age=31536000'", "{kind}");
    }
}

/// What AWS gives where no function answered, whether Lambda throttled it or it failed: a class, since `DEFAULT_5XX` gives
/// its status to all of them. See docs/decisions/0077.
#[test]
fn where_no_function_answered_the_gateway_says_when_to_try_again() {
    let responses = stack().responses;
    let unavailable: BTreeSet<&str> = responses
        .iter()
        .filter(|(_, response)| response.status == 503)
        .map(|(kind, _)| kind.as_str())
        .collect();
    assert_eq!(
        unavailable,
        [
            "API_CONFIGURATION_ERROR",
            "AUTHORIZER_CONFIGURATION_ERROR",
            "AUTHORIZER_FAILURE",
            "DEFAULT_5XX",
            "INTEGRATION_FAILURE",
            "INTEGRATION_TIMEOUT",
        ]
        .into()
    );
    assert!(responses.values().all(|response| response.status < 500 || response.status == 503));
    // Beside `Retry-After` each has the headers of its kind, before or after the authorizer.
    for kind in unavailable {
        let alike = if kind.starts_with("AUTHORIZER") { "RESOURCE_NOT_FOUND" } else { "REQUEST_TOO_LARGE" };
        let mut expected = responses[alike].headers.clone();
        expected.insert("Retry-After".to_owned(), "'2'".to_owned());
        assert_eq!(responses[kind].headers, expected, "{kind}");
    }
}

/// The headers of a gateway's 401 are those of its kind, before or after the authorizer, and one more: API Gateway renames
/// it where a function sends it, and not here.
#[test]
fn each_401_of_the_gateway_asks_for_bearer() {
    let responses = stack().responses;
    for (kind, response) in responses.iter().filter(|(_, response)| response.status == 401) {
        let alike = if kind == "INVALID_API_KEY" { "REQUEST_TOO_LARGE" } else { "RESOURCE_NOT_FOUND" };
        let mut expected = responses[alike].headers.clone();
        expected.insert("WWW-Authenticate".to_owned(), "'Bearer'".to_owned());
        assert_eq!(response.headers, expected, "{kind}");
    }
}

#[test]
fn what_the_gateway_answers_is_documented() {
    let document = openapi::document(Language::English).unwrap();
    let answers = document["components"]["responses"].as_object().unwrap();
    let errors = |answer: &Value| -> Vec<Value> {
        let examples = answer["content"]["application/json"]["examples"].as_object().unwrap();
        examples.values().map(|example| example["value"]["error"].clone()).collect()
    };
    for (kind, response) in &stack().responses {
        let of_status = |answer: &&Value| errors(answer)[0]["status"] == response.status;
        let documented: Vec<&Value> = answers.values().filter(of_status).collect();
        assert!(!documented.is_empty(), "{kind}");
        for (name, header) in documented.iter().flat_map(|answer| answer["headers"].as_object().unwrap()) {
            let shared =
                header["$ref"].as_str().map(|at| document.pointer(at.trim_start_matches('#')).unwrap());
            let is_promised = shared.unwrap_or(header)["required"] == true;
            assert!(!is_promised || response.headers.contains_key(name), "{kind} without {name}");
        }
        let body: Value = serde_json::from_str(&response.body).unwrap();
        let message = &body["error"]["message"];
        let is_shown =
            documented.iter().flat_map(|answer| errors(answer)).any(|error| error["message"] == *message);
        assert!(is_shown || NOT_SHOWN.contains(&kind.as_str()), "{kind}: {message}");
    }
}

#[tokio::test]
async fn the_gateway_words_its_answers_as_the_functions_do() {
    let world = World::new().await;
    let responses = stack().responses;
    let gateways = |kind: &str| -> Value { serde_json::from_str(&responses[kind].body).unwrap() };
    let post = async |media_type: &str, body: String| {
        world.client.send(Method::POST, "/v1/contacts", &[("content-type", media_type)], Some(body)).await
    };
    let no_path = world.client.get("/nowhere").await;
    let too_large = post("application/json", " ".repeat(65_537)).await;
    let functions = functions(&world.store);
    let coded = json!({
        "path": "/v1/contacts", "httpMethod": "POST", "body": "{}",
        "multiValueHeaders": {"Authorization": [format!("Bearer {}", world.key)], "Content-Encoding": ["br"]},
    });
    let coded: Value =
        serde_json::from_str(invoke(&functions, &coded).await["body"].as_str().unwrap()).unwrap();
    let pairs = [
        ("MISSING_AUTHENTICATION_TOKEN", &no_path),
        ("RESOURCE_NOT_FOUND", &no_path),
        ("REQUEST_TOO_LARGE", &too_large),
    ];
    for (kind, answer) in pairs {
        for field in ["code", "message", "status"] {
            assert_eq!(gateways(kind)["error"][field], answer.body["error"][field], "{kind}");
        }
    }
    assert_eq!(
        gateways("UNSUPPORTED_MEDIA_TYPE")["error"],
        coded["error"],
        "what it refuses is another coding"
    );
    // The gateway cannot tell which: a revoked key is switched off there, an unknown one is not there.
    let unknown = gateways("INVALID_API_KEY")["error"]["message"].to_string();
    assert!(unknown.contains("unknown") && unknown.contains("revoked"));
}
