//! Events that lie in S3: how the bucket is asked, and what becomes of an event that it does not give.
#![expect(clippy::disallowed_types, reason = "a server of another kind than the API's")]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Response},
    response::IntoResponse as _,
};
use domain::RecordId;
use harness::{SESSION, World, call_event, stack};
use ingest::{DeadLetters, Ingest, Objects};
use local::{DeadLetter, LocalQueue, configuration};
use serde_json::json;

/// The key of an object, with characters that a URL escapes.
const KEY: &str = "a b//../ü~(1)*'!+%41&c=d.json";

/// The paths that a bucket was asked for, each with what is wrong with the request's signature.
type Requests = Arc<Mutex<Vec<(String, Option<&'static str>)>>>;

/// A server of objects that gives these responses, one to each request, and its requests.
async fn bucket(responses: Vec<Response<Body>>) -> (String, Requests) {
    let (requests, responses) = (Requests::default(), Mutex::new(VecDeque::from(responses)));
    let (noted, responses) = (requests.clone(), Arc::new(responses));
    let answer = async move |request: Request| {
        let (parts, _) = request.into_parts();
        let hash = parts.headers.get("x-amz-content-sha256").is_none().then_some("no hash of the body");
        let wrong = SESSION.check(&parts, &[]).err().or(hash);
        noted.lock().unwrap().push((parts.uri.path().to_owned(), wrong));
        responses.lock().unwrap().pop_front().expect("no more requests")
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    (url, requests)
}

fn error(status: u16, code: &str) -> Response<Body> {
    response(status, format!("<?xml version=\"1.0\"?>\n<Error><Code>{code}</Code><Key>quoted</Key></Error>"))
}

fn response(status: u16, body: impl Into<Body>) -> Response<Body> {
    Response::builder().status(status).body(body.into()).unwrap()
}

/// Has the function take a pointer into a bucket that gives these responses. Returns the requests, and the dead letter.
async fn pointed(
    world: &World,
    responses: Vec<Response<Body>>,
) -> (Vec<(String, Option<&'static str>)>, Option<DeadLetter>) {
    let queue = LocalQueue::listen(&stack()).await.unwrap();
    let (url, requests) = bucket(responses).await;
    let credentials = Credentials::new(
        SESSION.access_key,
        SESSION.secret_key,
        Some(SESSION.session_token.to_owned()),
        None,
        "test",
    );
    let credentials = SharedCredentialsProvider::new(credentials);
    let config = configuration(&url).into_builder().credentials_provider(credentials).build();
    let dead_letters = DeadLetters::new(queue.sqs(), &queue.dead_letter_queue_url());
    queue.consume(Ingest::new(world.store.clone(), Objects::new(config), dead_letters, 1));
    queue.send([json!({"version": 1, "s3": {"bucket": "events", "key": KEY}}).to_string()]).unwrap();
    queue.drained().await;
    let requests = requests.lock().unwrap().clone();
    (requests, queue.dead_letters().pop())
}

#[tokio::test]
async fn an_object_is_asked_for_by_a_signed_request_and_again_where_s3_is_busy() {
    let world = World::new().await;
    let call = RecordId::random();
    let event = call_event(world.organization, call, "2026-02-24T21:00:00Z").to_string();
    let responses = vec![error(503, "SlowDown"), error(500, "InternalError"), response(200, event)];
    let (requests, dead_letter) = pointed(&world, responses).await;
    let path = "/events/a%20b//../%C3%BC~%281%29%2A%27%21%2B%2541%26c%3Dd.json";
    assert_eq!(requests, [(path.to_owned(), None), (path.to_owned(), None), (path.to_owned(), None)]);
    assert_eq!(dead_letter, None);
    assert_eq!(world.client.get(&format!("/v1/calls/{call}")).await.ok()["data"]["id"], json!(call));
}

#[tokio::test]
async fn what_s3_does_not_give_is_a_dead_letter_with_its_code_and_without_what_s3_quotes() {
    let world = World::new().await;
    let too_large: HeaderMap =
        [("content-length".parse().unwrap(), HeaderValue::from(17 * 1024 * 1024))].into_iter().collect();
    let endless = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    let unsized_body = Body::from_stream(futures_util::stream::iter([Ok::<_, std::io::Error>("{}")]));
    let cases: Vec<(Vec<Response<Body>>, &str, &str)> = vec![
        (vec![error(404, "NoSuchKey")], "unreadable_object", "NoSuchKey"),
        (vec![error(404, "NoSuchBucket")], "unreadable_object", "NoSuchBucket"),
        (vec![error(403, "AccessDenied")], "unreadable_object", "AccessDenied"),
        (vec![error(403, "InvalidObjectState")], "unreadable_object", "InvalidObjectState"),
        (vec![error(403, "ExpiredToken")], "unavailable", "403 ExpiredToken"),
        (vec![error(301, "PermanentRedirect")], "unavailable", "301 PermanentRedirect"),
        (vec![response(403, "no XML")], "unavailable", "403 "),
        (vec![error(400, "RequestTimeout"), error(404, "NoSuchKey")], "unreadable_object", "NoSuchKey"),
        ((0..3).map(|_| error(503, "SlowDown")).collect(), "unavailable", "503 SlowDown"),
        ((0..3).map(|_| response(502, "")).collect(), "unavailable", "502 "),
        (
            vec![(too_large, endless).into_response()],
            "unreadable_object",
            "an event may have 16777216 bytes at the most",
        ),
        (
            vec![response(200, unsized_body)],
            "unreadable_object",
            "an event may have 16777216 bytes at the most",
        ),
    ];
    for (responses, kind, why) in cases {
        let expected = responses.len();
        let (requests, dead_letter) = pointed(&world, responses).await;
        let dead_letter = dead_letter.unwrap();
        let reason = dead_letter.reason.unwrap();
        assert_eq!((dead_letter.kind.as_deref(), requests.len()), (Some(kind), expected), "{reason}");
        assert!(reason.ends_with(why) && !reason.contains("quoted"), "{reason}");
    }
}

#[tokio::test]
async fn an_object_that_stops_coming_is_unavailable() {
    let world = World::new().await;
    let head: HeaderMap = [("content-length".parse().unwrap(), HeaderValue::from(100))].into_iter().collect();
    let stalled = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    let (_, dead_letter) = pointed(&world, vec![(head, stalled).into_response()]).await;
    let dead_letter = dead_letter.unwrap();
    assert_eq!(dead_letter.kind.as_deref(), Some("unavailable"));
    assert_eq!(dead_letter.reason.as_deref(), Some("S3 GetObject: the object stopped coming"));
}
