//! POSTs to receivers that misbehave, and to names that lead where they must not, over real sockets.

mod addresses;
mod answers;
mod network;
mod proxies;
mod size;
mod tls;

use std::{sync::Arc, time::Duration};

use deliver::{Internet, Outbound, Post, PostResult};
use domain::{Timestamp, webhooks::UrlPolicy};
use harness::Connections as Receiver;
use rustls::RootCertStore;

/// The time limit of a POST that a test lets run out.
const SHORT: Duration = Duration::from_secs(1);
/// The time limit of a POST that a test does not let run out.
const LONG: Duration = Duration::from_secs(30);

const BODY: &str = r#"{"event":"call.completed"}"#;

fn on_a_laptop() -> UrlPolicy {
    UrlPolicy { ports: vec![443], loopback: true }
}

fn strict() -> UrlPolicy {
    UrlPolicy { ports: vec![443], loopback: false }
}

/// The client for local receivers without TLS.
fn local(time: Duration) -> Outbound {
    Outbound::over(Arc::new(Internet), RootCertStore::empty(), on_a_laptop(), time)
}

async fn post(outbound: &Outbound, to: &str) -> PostResult {
    let headers = vec![("Content-Type", "application/json".to_owned()), ("webhook-id", "1".to_owned())];
    let post = Post { url: to, headers, body: BODY.to_owned() };
    outbound.post(post, Timestamp::parse("2026-02-24T21:00:00Z").expect("a time")).await
}

/// The result of a POST to a receiver on this machine that answers with `response`.
async fn answered(response: impl Into<String>) -> PostResult {
    let receiver = Receiver::answering(response).await;
    post(&local(LONG), &receiver.url()).await
}

fn kind(answer: &PostResult) -> Option<&'static str> {
    answer.failure.as_ref().map(|failure| failure.kind)
}

fn message(answer: &PostResult) -> &str {
    answer.failure.as_ref().map_or("", |failure| &failure.message)
}
