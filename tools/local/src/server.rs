//! The HTTP server for this machine: whom it answers, and how long a client may take.

mod address;
mod container_network;
mod guard;

pub use address::ListenAddress;
pub use guard::{Hosts, guarded};

use std::{convert::Infallible, future::Future, pin::pin, time::Duration};

use axum::{Router, body::Body};
use futures_util::{StreamExt as _, stream::unfold};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};
use tower::ServiceExt as _;

/// How long the server waits where no connection can be taken, as when the process has no file descriptor
/// left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// How long a client may take before it is disconnected.
#[derive(Clone, Copy)]
struct Patience {
    /// The time for the head of a request, counted from the connection or from the response before it.
    head: Duration,
    /// The time for the body of a request, counted from its head.
    body: Duration,
}

const PATIENCE: Patience = Patience { head: Duration::from_secs(30), body: Duration::from_secs(30) };

/// Serves until `stopped`, and then lets end what is under way. Dropping it ends everything at once.
pub async fn serve(listener: TcpListener, router: Router, stopped: impl Future<Output = ()>) {
    serve_with(listener, router, PATIENCE, stopped).await;
}

async fn serve_with(
    listener: TcpListener,
    router: Router,
    patience: Patience,
    stopped: impl Future<Output = ()>,
) {
    let (stop, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stopped = pin!(stopped);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = &mut stopped => break,
        };
        match accepted {
            Ok((stream, _)) => {
                connections.spawn(answer(stream, router.clone(), patience, stopping.clone()));
            }
            Err(_) => sleep(ACCEPT_AGAIN).await,
        }
    }
    drop((listener, stop));
    while connections.join_next().await.is_some() {}
}

/// Answers the requests of one connection.
async fn answer(stream: TcpStream, router: Router, patience: Patience, mut stopping: watch::Receiver<()>) {
    let service = service_fn(move |request: Request<Incoming>| {
        let deadline = Instant::now() + patience.body;
        let answered = router.clone().oneshot(request.map(|body| in_time(body, deadline)));
        async move { Ok::<_, Infallible>(answered.await.unwrap_or_else(|never| match never {})) }
    });
    let mut server = http1::Builder::new();
    let server = server.timer(TokioTimer::new()).header_read_timeout(patience.head);
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
    // Whatever a connection ends by, its client knows as much.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = stopping.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// A body that fails where it has not ended in time.
fn in_time(body: Incoming, deadline: Instant) -> Body {
    let pieces = Some(Body::new(body).into_data_stream());
    Body::from_stream(unfold(pieces, move |pieces| async move {
        let mut pieces = pieces?;
        match timeout_at(deadline, pieces.next()).await {
            Ok(piece) => piece.map(|piece| (piece, Some(pieces))),
            Err(late) => Some((Err(axum::Error::new(late)), None)),
        }
    }))
}

#[cfg(test)]
mod tests {
    use axum::{extract::rejection::StringRejection, http::StatusCode};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const SHORT: Patience = Patience { head: Duration::from_millis(100), body: Duration::from_millis(100) };

    /// A server that answers with what it was sent, after a while.
    async fn echo(after: Duration) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(move |body: Result<String, StringRejection>| async move {
            sleep(after).await;
            body.map_err(|_| StatusCode::REQUEST_TIMEOUT)
        });
        tokio::spawn(serve_with(listener, router, SHORT, std::future::pending()));
        address
    }

    /// Sends these bytes and no more; returns what comes until the server ends the connection.
    async fn sent(address: std::net::SocketAddr, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(bytes).await.expect("room");
        let mut answer = Vec::new();
        // A reset ends it as well.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).expect("UTF-8")
    }

    #[tokio::test]
    async fn connections_that_are_half_open_are_dropped() {
        let address = echo(Duration::ZERO).await;
        for half in [&b""[..], b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"\r\n"] {
            let many = std::iter::repeat_with(|| sent(address, half)).take(100);
            assert!(futures_util::future::join_all(many).await.iter().all(String::is_empty));
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let address = echo(Duration::ZERO).await;
        for half in [
            &b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{"[..],
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        ] {
            let answer = sent(address, half).await;
            assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        }
    }

    #[tokio::test]
    async fn whoever_has_sent_a_request_waits_for_its_answer_as_long_as_it_takes() {
        let address = echo(5 * SHORT.head).await;
        let answer =
            sent(address, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}").await;
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("{}"), "{answer}");
    }

    /// Files that open a port without serving it: the engine's, which only its front connects to, and the one that binds.
    const BIND_ONLY: [&str; 2] = ["local/src/engine/front.rs", "local/src/server/address.rs"];

    /// Each port of the command has time limits and a guard.
    #[test]
    fn whatever_listens_in_the_command_is_served_here() {
        let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut folders = ["local/src", "inboundflow/src"].map(|folder| sources.join(folder)).to_vec();
        let mut listening = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("sources") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).expect("text");
                assert!(!text.contains(concat!("axum::", "serve")), "{path:?} serves by itself");
                if text.contains("TcpListener::") {
                    let name = path.strip_prefix(&sources).expect("below it").display().to_string();
                    let is_guarded = text.contains("guarded(") || BIND_ONLY.contains(&name.as_str());
                    assert!(is_guarded, "{name} listens without a guard");
                    listening.push(name);
                }
            }
        }
        listening.sort();
        let expected = [
            "inboundflow/src/dev/mod.rs",
            "inboundflow/src/webhooks/listen.rs",
            "local/src/engine.rs",
            "local/src/engine/front.rs",
            "local/src/server.rs",
            "local/src/server/address.rs",
            "local/src/services.rs",
        ];
        assert_eq!(listening, expected);
    }
}
