//! Compressed request bodies: the gateway inflates gzip and deflate, and nobody anything else.

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{Language, RecordId};
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use harness::{World, functions, invoke};
use reqwest::Method;
use serde_json::{Value, json};

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn deflate(text: &str) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// The status, and the error's code and param.
async fn sent(
    world: &World,
    (method, path): &(Method, String),
    coding: &str,
    body: Vec<u8>,
) -> (u16, String, String) {
    let request = reqwest::Client::new().request(method.clone(), world.url(path)).bearer_auth(&world.key);
    let request = request.header("content-type", "application/json").header("content-encoding", coding);
    let answer = request.body(body).send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default();
    let text = |name: &str| body["error"][name].as_str().unwrap_or_default().to_owned();
    (status, text("code"), text("param"))
}

fn unsupported() -> (u16, String, String) {
    (415, "unsupported_media_type".to_owned(), "Content-Encoding".to_owned())
}

/// Every operation that takes a body, with ids that are well formed.
fn with_bodies() -> Vec<(Method, String)> {
    let document = openapi::document(Language::English).unwrap();
    let id = RecordId::random().to_string();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation.get("requestBody").is_some() {
                let path = path.replace("{id}", &id).replace("{delivery_id}", &id);
                operations.push((method.to_uppercase().parse().unwrap(), path));
            }
        }
    }
    assert!(operations.len() >= 7, "{operations:?}");
    operations
}

#[tokio::test]
async fn a_compressed_body_is_read_as_if_it_were_not() {
    let world = World::new().await;
    let to = (Method::POST, "/v1/contacts".to_owned());
    let body = |nth: usize| format!(r#"{{"phone":"+1415555999{nth}"}}"#);
    let bodies = [
        ("gzip", gzip(&body(0))),
        ("GZIP", gzip(&body(1))),
        ("deflate", deflate(&body(2))),
        ("identity", body(3).into_bytes()),
        ("", body(4).into_bytes()),
    ];
    for (coding, body) in bodies {
        assert_eq!(sent(&world, &to, coding, body).await.0, 201, "{coding}");
    }
}

#[tokio::test]
async fn another_coding_is_a_415_that_names_the_header_wherever_a_body_is_taken() {
    let world = World::new().await;
    for operation in with_bodies() {
        for (coding, body) in [
            ("br", b"{}".to_vec()),
            ("zstd", gzip("{}")),
            ("gzip, gzip", gzip("{}")),
            ("gzip", b"{}".to_vec()),
            ("deflate", gzip("{}")),
        ] {
            assert_eq!(sent(&world, &operation, coding, body).await, unsupported(), "{operation:?} {coding}");
        }
    }
}

#[tokio::test]
async fn a_body_that_inflates_beyond_what_is_taken_is_a_413() {
    let world = World::new().await;
    let to = (Method::POST, "/v1/contacts".to_owned());
    let spaces = |count: usize| gzip(&" ".repeat(count));
    assert_eq!(sent(&world, &to, "gzip", spaces(65_536)).await.0, 400, "as many as are taken");
    assert_eq!(sent(&world, &to, "gzip", spaces(65_537)).await.1, "payload_too_large");
    let bomb = spaces(200 * 1024 * 1024);
    assert!(bomb.len() < 1024 * 1024, "{}", bomb.len());
    assert_eq!(sent(&world, &to, "gzip", bomb).await.0, 413);
}

#[tokio::test]
async fn both_event_shapes_refuse_what_nobody_inflated_and_take_what_somebody_did() {
    let world = World::new().await;
    let functions = functions(&world.store);
    let answer = async |event: Value| {
        let answer = invoke(&functions, &event).await;
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        (
            answer["statusCode"].as_u64().unwrap(),
            body["error"]["param"].as_str().unwrap_or_default().to_owned(),
        )
    };
    for (method, path) in with_bodies() {
        for (coding, body, is_refused) in [
            ("gzip", gzip("{}"), true),
            ("deflate", deflate("{}"), true),
            ("br", b"{}".to_vec(), true),
            ("gzip, br", b"{}".to_vec(), true),
            // Its gateway has inflated it, and does not say whether it takes the header out.
            ("gzip", b"{}".to_vec(), false),
            ("Deflate", b"{}".to_vec(), false),
            ("identity", b"{}".to_vec(), false),
            // Nothing is in no coding.
            ("br", Vec::new(), false),
        ] {
            let (bearer, body) = (format!("Bearer {}", world.key), STANDARD.encode(&body));
            let rest = json!({
                "path": path, "httpMethod": method.as_str(), "body": body, "isBase64Encoded": true,
                "multiValueHeaders": {"Authorization": [bearer], "Content-Encoding": [coding]},
            });
            let http = json!({
                "version": "2.0", "rawPath": path, "rawQueryString": "", "body": body, "isBase64Encoded": true,
                "headers": {"authorization": bearer, "content-encoding": coding},
                "requestContext": {"http": {"method": method.as_str()}},
            });
            for event in [rest, http] {
                let (status, param) = answer(event).await;
                let refused = (status, param.as_str()) == (415, "Content-Encoding");
                assert_eq!(refused, is_refused, "{method} {path} {coding}: {status} {param}");
            }
        }
    }
}
