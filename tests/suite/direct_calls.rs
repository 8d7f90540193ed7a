//! Direct calls to a DynamoDB that checks signatures: they are good, and none follows one that is refused.
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
use domain::Error;
use dynamodb::{Client, aws::http_client};
use harness::{Lines, SESSION, World, refusal};
use store::Store;

/// The senders of the two kinds of calls, as their user agents begin.
const DIRECT: &str = "inboundflow";
const SDK: &str = "aws-sdk-rust";

/// A status and the code of an error.
type Reply = (u16, &'static str);

/// Who sent each request, and whether it was refused.
type Calls = Arc<Mutex<Vec<(String, Option<&'static str>)>>>;

/// The engine, behind a door that lets in what is signed. The first direct call is refused with `reply`, if there is one.
async fn guarded(engine: &str, reply: Option<Reply>) -> (String, Calls) {
    let (calls, engine, http) = (Calls::default(), engine.to_owned(), reqwest::Client::new());
    let (noted, reply) = (calls.clone(), Arc::new(Mutex::new(reply)));
    let answer = async move |request: Request| {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let agent = parts.headers["user-agent"].to_str().unwrap().split('/').next().unwrap_or_default();
        let refused = match SESSION.check(&parts, &body) {
            Err(code) => Some((400, code)),
            Ok(()) if agent == DIRECT => reply.lock().unwrap().take(),
            Ok(()) => None,
        };
        noted.lock().unwrap().push((agent.to_owned(), refused.map(|(_, code)| code)));
        if let Some((status, code)) = refused {
            return (StatusCode::from_u16(status).unwrap(), Bytes::from(refusal(code)));
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

/// The result of reading an organization four times, of which two were at the same time.
struct Reads {
    calls: Vec<(String, Option<&'static str>)>,
    failures: Vec<Error>,
    log: String,
}

async fn read(http: SharedHttpClient, reply: Option<Reply>) -> Reads {
    let lines = Lines::default();
    let writer = lines.clone();
    let _log =
        tracing::subscriber::set_default(runtime::json_lines(move || writer.clone(), tracing::Level::INFO));
    let world = World::new().await;
    let (url, calls) = guarded(world.dynamodb(), reply).await;
    let credentials = Credentials::new(
        SESSION.access_key,
        SESSION.secret_key,
        Some(SESSION.session_token.to_owned()),
        None,
        "test",
    );
    let store = Store::new(Client::at(&url, http, credentials), &world.table(""));
    let read = || store.organization(world.organization);
    let first = read().await;
    let (one, other) = tokio::join!(read(), read());
    let failures = [first, one, other, read().await].into_iter().filter_map(Result::err).collect();
    let calls = calls.lock().unwrap().clone();
    Reads { calls, failures, log: lines.take() }
}

impl Reads {
    /// Who sent each request, sorted: two were under way at the same time.
    fn agents(&self) -> Vec<&str> {
        let mut agents: Vec<&str> = self.calls.iter().map(|(agent, _)| agent.as_str()).collect();
        agents.sort_unstable();
        agents
    }
}

#[tokio::test]
async fn direct_calls_are_signed_as_dynamodb_wants_it_with_a_session_token() {
    let reads = read(http_client(), None).await;
    assert_eq!(reads.agents(), [SDK, DIRECT, DIRECT, DIRECT]);
    assert!(reads.calls.iter().all(|(_, refused)| refused.is_none()), "{:?}", reads.calls);
    assert_eq!((reads.failures.len(), reads.log.as_str()), (0, ""));
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
        let Reads { calls, failures, log } = read(Faulty::client(header, change), None).await;
        let direct: Vec<_> = calls.iter().filter(|(agent, _)| agent == DIRECT).collect();
        // Two were under way at the same time.
        assert_eq!(direct, vec![&(DIRECT.to_owned(), Some(code)); 2], "{header}");
        let by_sdk: Vec<_> = calls.iter().filter(|(agent, _)| agent == SDK).collect();
        assert_eq!(by_sdk, vec![&(SDK.to_owned(), None); 4], "{header}");
        assert_eq!((failures.len(), log.matches("\"ERROR\"").count()), (0, 1), "{log}");
        assert!(log.contains("direct_calls_disabled") && log.contains(code), "{log}");
    }
}

#[tokio::test]
async fn a_reply_about_authentication_ends_direct_calls_whatever_its_status() {
    for reply in [
        (400, "ExpiredTokenException"),
        (403, "ExpiredTokenException"),
        (400, "MissingAuthenticationTokenException"),
        (403, "InvalidClientTokenId"),
        (403, "UnrecognizedClientException"),
        (400, "RequestExpired"),
        (401, "OfNoListException"),
    ] {
        let reads = read(http_client(), Some(reply)).await;
        assert_eq!(reads.agents(), [SDK, SDK, SDK, DIRECT, DIRECT], "{reply:?}");
        assert_eq!(reads.failures.len(), 0, "{reply:?}");
        assert!(reads.log.contains("direct_calls_disabled") && reads.log.contains(reply.1), "{}", reads.log);
    }
}

#[tokio::test]
async fn a_missing_permission_fails_its_own_call_and_leaves_direct_calls_on() {
    for reply in [
        (400, "AccessDeniedException"),
        (403, "AccessDeniedException"),
        (401, "NotAuthorized"),
        (403, "OptInRequired"),
        (400, "ValidationException"),
    ] {
        let reads = read(http_client(), Some(reply)).await;
        assert_eq!(reads.agents(), [SDK, DIRECT, DIRECT, DIRECT], "{reply:?}");
        let [Error::Internal(_)] = reads.failures[..] else { panic!("{reply:?}: {:?}", reads.failures) };
        assert_eq!(reads.log, "", "{reply:?}");
    }
}
