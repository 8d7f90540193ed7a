//! Direct calls before a DynamoDB that checks signatures: they are good, and one that is refused is the last.
#![expect(clippy::disallowed_types, reason = "a server of another kind than the API's")]

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::Credentials;
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient as _, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
        http_client_fn,
    },
    orchestrator::HttpRequest,
};
use axum::{
    body::{Bytes, to_bytes},
    extract::Request,
    http::StatusCode,
};
use dynamodb::{Client, aws::http_client};
use harness::{Lines, SESSION, World, refusal};
use store::Store;

/// Who sent each request, and whether it was refused.
type Calls = Arc<Mutex<Vec<(String, Option<&'static str>)>>>;

/// The engine, behind a door that lets in what is signed.
async fn guarded(engine: &str) -> (String, Calls) {
    let (calls, engine, http) = (Calls::default(), engine.to_owned(), reqwest::Client::new());
    let noted = calls.clone();
    let answer = async move |request: Request| {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let refused = SESSION.check(&parts, &body).err();
        let agent = parts.headers["user-agent"].to_str().unwrap().split('/').next().unwrap_or_default();
        noted.lock().unwrap().push((agent.to_owned(), refused));
        if let Some(code) = refused {
            return (StatusCode::BAD_REQUEST, Bytes::from(refusal(code)));
        }
        let reply = http.post(&engine).headers(parts.headers).body(body).send().await.unwrap();
        (reply.status(), reply.bytes().await.unwrap())
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, calls)
}

/// Connections that break a header of direct calls alone.
#[derive(Clone, Debug)]
struct Faulty {
    inner: SharedHttpConnector,
    header: &'static str,
    change: fn(&str) -> String,
}

impl Faulty {
    fn client(header: &'static str, change: fn(&str) -> String) -> SharedHttpClient {
        let http = http_client();
        http_client_fn(move |settings, components| {
            let inner = http.http_connector(settings, components);
            SharedHttpConnector::new(Self { inner, header, change })
        })
    }
}

impl HttpConnector for Faulty {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let Self { inner, header, change } = self;
        if request.headers().get("user-agent").is_some_and(|agent| agent.starts_with("inboundflow/")) {
            let changed = change(request.headers().get(header).unwrap_or_default());
            request.headers_mut().insert(*header, changed);
        }
        inner.call(request)
    }
}

/// Reads an organization four times, and once twice at the same time. Returns the calls and the log.
async fn read(http: SharedHttpClient) -> (Vec<(String, Option<&'static str>)>, String) {
    let lines = Lines::default();
    let writer = lines.clone();
    let _log =
        tracing::subscriber::set_default(runtime::json_lines(move || writer.clone(), tracing::Level::INFO));
    let world = World::new().await;
    let (url, calls) = guarded(world.dynamodb()).await;
    let credentials = Credentials::new(
        SESSION.access_key,
        SESSION.secret_key,
        Some(SESSION.session_token.to_owned()),
        None,
        "test",
    );
    let store = Store::new(Client::at(&url, http, credentials), &world.table(""));
    store.organization(world.organization).await.unwrap();
    let (one, other) =
        tokio::join!(store.organization(world.organization), store.organization(world.organization));
    one.and(other).unwrap();
    store.organization(world.organization).await.unwrap();
    let calls = calls.lock().unwrap().clone();
    (calls, lines.take())
}

#[tokio::test]
async fn direct_calls_are_signed_as_dynamodb_wants_it_with_a_session_token() {
    let (calls, log) = read(http_client()).await;
    let agents: Vec<&str> = calls.iter().map(|(agent, _)| agent.as_str()).collect();
    assert_eq!(agents, ["aws-sdk-rust", "inboundflow", "inboundflow", "inboundflow"]);
    assert!(calls.iter().all(|(_, refused)| refused.is_none()), "{calls:?}");
    assert_eq!(log, "");
}

#[tokio::test]
async fn a_refused_signature_ends_direct_calls_and_the_sdk_makes_that_call() {
    for (header, change, code) in [
        (
            "authorization",
            (|text| text.replace("Signature=", "Signature=0")) as fn(&str) -> _,
            "InvalidSignatureException",
        ),
        ("authorization", |text| text.replace("Credential=", "Credential=A"), "UnrecognizedClientException"),
        ("x-amz-security-token", |text| format!("{text}="), "UnrecognizedClientException"),
        // A clock that is ten years behind.
        ("x-amz-date", |text| format!("201{}", &text[3..]), "InvalidSignatureException"),
        ("authorization", |_| "Basic bG9jYWw6".to_owned(), "IncompleteSignatureException"),
    ] {
        let (calls, log) = read(Faulty::client(header, change)).await;
        let direct: Vec<_> = calls.iter().filter(|(agent, _)| agent == "inboundflow").collect();
        // Two were under way at the same time.
        assert_eq!(direct, vec![&("inboundflow".to_owned(), Some(code)); 2], "{header}");
        let by_sdk: Vec<_> = calls.iter().filter(|(agent, _)| agent == "aws-sdk-rust").collect();
        assert_eq!(by_sdk, vec![&("aws-sdk-rust".to_owned(), None); 4], "{header}");
        assert_eq!(log.matches("\"ERROR\"").count(), 1, "{log}");
        assert!(log.contains("direct_calls_disabled") && log.contains(code), "{log}");
    }
}
