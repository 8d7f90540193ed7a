//! A Lambda Runtime API for one process: it hands out an event at a time, and takes the response.

use std::{
    future::Future,
    sync::{Arc, Mutex as StdMutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, Uri},
    response::IntoResponse,
    routing::{get, post},
};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
    task::JoinHandle,
    time::timeout,
};

/// How long a process may take with anything before the run fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// The API for one process.
pub(crate) struct RuntimeApi {
    pub(crate) address: String,
    server: JoinHandle<()>,
    events: mpsc::Sender<String>,
    polls: mpsc::Receiver<Instant>,
    responses: mpsc::Receiver<InvocationResponse>,
}

/// The process's response to an event.
pub(crate) struct InvocationResponse {
    pub(crate) body: String,
    /// The time at which the response was sent.
    pub(crate) at: Instant,
    /// The time from the event's handing out to the response.
    pub(crate) took: Duration,
}

struct Shared {
    events: Mutex<mpsc::Receiver<String>>,
    handed_out: StdMutex<Instant>,
    polls: mpsc::Sender<Instant>,
    responses: mpsc::Sender<InvocationResponse>,
}

impl RuntimeApi {
    pub(crate) async fn listen() -> Self {
        let (events, received) = mpsc::channel(1);
        let (polled, polls) = mpsc::channel(1);
        let (answered, responses) = mpsc::channel(1);
        let shared = Arc::new(Shared {
            events: Mutex::new(received),
            handed_out: StdMutex::new(Instant::now()),
            polls: polled,
            responses: answered,
        });
        let of_next = shared.clone();
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(move || of_next.clone().next()))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(move |body: String| shared.clone().response(body)),
            )
            // As Lambda does it, and not axum: 6 MB.
            .layer(DefaultBodyLimit::max(6 * 1024 * 1024))
            .fallback(refuse);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        Self { address, server, events, polls, responses }
    }

    /// When the process first asked for an event.
    pub(crate) async fn first_polled(&mut self) -> Instant {
        in_time(self.polls.recv()).await
    }

    /// Hands out an event, and waits for the response.
    pub(crate) async fn invoke(&mut self, event: String) -> InvocationResponse {
        self.events.send(event).await.expect("the server runs");
        in_time(self.responses.recv()).await
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    async fn next(self: Arc<Self>) -> impl IntoResponse {
        // Only the first is waited for.
        let _ = self.polls.try_send(Instant::now());
        let event = self.events.lock().await.recv().await.unwrap_or_default();
        *self.handed_out.lock().expect("no panic while locked") = Instant::now();
        let headers = [
            ("content-type", "application/json"),
            ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
            ("lambda-runtime-deadline-ms", "99999999999999"),
            ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:bench"),
        ];
        (headers, event)
    }

    async fn response(self: Arc<Self>, body: String) -> impl IntoResponse {
        let at = Instant::now();
        let took = at - *self.handed_out.lock().expect("no panic while locked");
        let _ = self.responses.send(InvocationResponse { body, at, took }).await;
        (StatusCode::ACCEPTED, [("content-type", "application/json")], r#"{"status":"OK"}"#)
    }
}

async fn in_time<T>(wanted: impl Future<Output = Option<T>>) -> T {
    timeout(PATIENCE, wanted).await.expect("the process does it in time").expect("the server runs")
}

/// Ends the run at an error report: no figure of a failure means anything.
async fn refuse(uri: Uri, body: String) {
    eprintln!("a process reported to {uri}: {body}");
    std::process::exit(1);
}
