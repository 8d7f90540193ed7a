//! How the command serves HTTP on this machine: to whom, and how long a client may take.
//!
//! A browser lets any page send requests to this machine, and a page whose name is made to resolve to this machine read
//! the answers too. Nothing here asks for credentials, so a request is looked at first: the `Host` that it was sent to
//! and the `Origin` of the page that sent it have to be names of this machine.
#![expect(clippy::disallowed_types, reason = "it stands before the servers, where requests are whole")]

use std::{convert::Infallible, future::Future, net::IpAddr, pin::pin, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri, header},
    middleware::{Next, from_fn},
};
use futures_util::{StreamExt as _, stream::unfold};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};
use tower::ServiceExt as _;

/// What a container calls the machine that it runs on.
pub(crate) const FROM_CONTAINERS: &str = "host.docker.internal";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
/// How long to wait where no connection can be taken, as when the process has no file descriptor left.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
const SHOWN_CHARACTERS: usize = 100;

/// Whose requests are taken, by the `Host` that they were sent to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hosts {
    /// Names and addresses of this machine.
    Here,
    /// Those, and what a container calls this machine.
    HereAndContainers,
    /// Any: a tunnel hands on the name that it was reached by.
    Any,
}

/// How long a client may take. Whoever takes longer is disconnected.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the head of a request, counted from the connection or from the answer before it.
    pub head: Duration,
    /// For the body of a request, counted from its head.
    pub body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head: Duration::from_secs(30), body: Duration::from_secs(30) }
    }
}

/// Refuses what a page of elsewhere sends, before anything is done.
pub(crate) fn guarded(router: Router, hosts: Hosts) -> Router {
    router.layer(from_fn(move |request: Request, next: Next| async move {
        match refusal(hosts, request.uri(), request.headers()) {
            Some(sentence) => refused(&sentence),
            None => next.run(request).await,
        }
    }))
}

/// In the form in which AWS's SDKs look for a reason.
fn refused(sentence: &str) -> Response<Body> {
    let body = json!({"__type": "AccessDeniedException", "message": sentence});
    let mut response = Response::new(Body::from(format!("{body}\n")));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Why a request is not taken.
fn refusal(hosts: Hosts, uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let asked = headers.get_all(header::HOST).iter().map(text);
    let asked = asked.chain(uri.authority().map(ToString::to_string));
    if let Some(host) = asked.into_iter().find(|host| !hosts.take(host)) {
        return Some(format!(
            "This port answers requests to this machine's own names, such as localhost and 127.0.0.1, and the Host of \
             this one is {}.",
            shown(&host)
        ));
    }
    if let Some(origin) = headers.get_all(header::ORIGIN).iter().map(text).find(|origin| !is_here(origin)) {
        return Some(format!(
            "This port answers no pages but those of this machine, and the Origin of this request is {}.",
            shown(&origin)
        ));
    }
    // A picture or a script of another page brings no Origin; following a link to here is not what they do.
    let said = |name: &HeaderName, word: &str| headers.get(name).is_some_and(|value| value == word);
    let embedded = said(&FETCH_SITE, "cross-site")
        && headers.contains_key(&FETCH_MODE)
        && !said(&FETCH_MODE, "navigate")
        && !headers.contains_key(header::ORIGIN);
    embedded.then(|| {
        "This port answers no pages but those of this machine, and another one embeds this.".to_owned()
    })
}

impl Hosts {
    fn take(self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Here => is_here(&format!("http://{host}")),
            Self::HereAndContainers => {
                let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
                name.eq_ignore_ascii_case(FROM_CONTAINERS) || Self::Here.take(host)
            }
        }
    }
}

/// Whether an origin, or the address that a request was sent to, is this machine's. No resolver answers for names under
/// `localhost` but this machine's own.
fn is_here(origin: &str) -> bool {
    let origin = origin.parse::<Uri>().ok().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
    let host = origin.and_then(|uri| uri.host().map(str::to_ascii_lowercase)).unwrap_or_default();
    let name = host.strip_suffix('.').unwrap_or(&host);
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name == "localhost"
        || name.ends_with(".localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

fn shown(value: &str) -> String {
    format!("{:?}", value.chars().take(SHOWN_CHARACTERS).collect::<String>())
}

/// Serves until `stopped`, and then lets end what is under way. Dropping it ends everything at once.
pub(crate) async fn serve(
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

/// Answers what comes over one connection.
async fn answer(stream: TcpStream, router: Router, patience: Patience, mut stopping: watch::Receiver<()>) {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
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
    use axum::extract::rejection::StringRejection;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    fn is_refused(hosts: Hosts, headers: &[(&'static str, &str)]) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            (HeaderName::from_static(name), value.parse::<HeaderValue>().expect("a value"))
        });
        refusal(hosts, &Uri::from_static("/"), &headers.collect()).is_some()
    }

    #[test]
    fn a_name_of_this_machine_is_taken_and_no_other() {
        for host in [
            "localhost",
            "LOCALHOST:3000",
            "api.localhost",
            "api.localhost:3000",
            "localhost.",
            "127.0.0.1:3000",
            "127.1.2.3",
            "[::1]",
            "[::1]:8000",
        ] {
            assert!(!is_refused(Hosts::Here, &[("host", host)]), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "evil.example:3000",
            "127.0.0.1.evil.example",
            "0.0.0.0:3000",
            "10.0.0.1",
            "[::]",
            "[fe80::1]",
            "",
            "localhost@evil.example",
            "evil.example/localhost",
            "nolocalhost",
            "host.docker.internal:8000",
            "localhost:3000, evil.example",
        ] {
            assert!(is_refused(Hosts::Here, &[("host", host)]), "{host}");
        }
        assert!(!is_refused(Hosts::HereAndContainers, &[("host", "host.docker.internal:8000")]));
        assert!(is_refused(Hosts::HereAndContainers, &[("host", "evil.example")]));
        assert!(!is_refused(Hosts::Any, &[("host", "of-a-tunnel.example")]));
        assert!(!is_refused(Hosts::Here, &[]), "no browser leaves it out");
        let both = [("host", "localhost"), ("host", "evil.example")];
        assert!(is_refused(Hosts::Here, &both), "all of them count");
        let whole = Uri::from_static("http://evil.example/v1/me");
        assert!(refusal(Hosts::Here, &whole, &HeaderMap::new()).is_some());
    }

    #[test]
    fn a_page_of_this_machine_is_taken_and_no_other() {
        for hosts in [Hosts::Here, Hosts::HereAndContainers, Hosts::Any] {
            for origin in
                ["http://localhost:5173", "http://127.0.0.1", "https://app.localhost", "http://[::1]:3000"]
            {
                assert!(!is_refused(hosts, &[("host", "localhost"), ("origin", origin)]), "{origin}");
            }
            for origin in [
                "null",
                "",
                "https://evil.example",
                "http://localhost.evil.example",
                "http://host.docker.internal:8000",
                "file://",
                "chrome-extension://localhost",
            ] {
                assert!(is_refused(hosts, &[("host", "localhost"), ("origin", origin)]), "{origin}");
            }
        }
    }

    #[test]
    fn a_link_may_lead_here_and_a_page_of_elsewhere_embeds_nothing() {
        let host = ("host", "localhost:3000");
        let from = |mode| {
            is_refused(Hosts::Here, &[host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", mode)])
        };
        assert!(!from("navigate"));
        assert!(from("no-cors") && from("cors"));
        assert!(!is_refused(
            Hosts::Here,
            &[host, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")]
        ));
    }

    const SHORT: Patience = Patience { head: Duration::from_millis(100), body: Duration::from_millis(100) };

    /// A server that answers with what it was sent, after a while.
    async fn echo(after: Duration) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().fallback(move |body: Result<String, StringRejection>| async move {
            sleep(after).await;
            body.map_err(|_| StatusCode::REQUEST_TIMEOUT)
        });
        tokio::spawn(serve(listener, router, SHORT, std::future::pending()));
        address
    }

    /// Sends this and no more; what comes until the server ends the connection.
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

    /// So that no port of the command is without time limits, or without a guard where somebody forgets it.
    #[test]
    fn whatever_listens_in_the_command_is_served_here() {
        let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let (mut folders, mut listening) = (vec![sources.clone()], Vec::new());
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
                    let is_guarded = text.contains("guarded(") || name == "dev/engine/front.rs";
                    assert!(is_guarded, "{name} listens without a guard");
                    listening.push(name);
                }
            }
        }
        listening.sort();
        let expected = [
            "dev/engine.rs",
            "dev/engine/front.rs",
            "dev/mod.rs",
            "dev/services.rs",
            "served.rs",
            "webhooks/listen.rs",
        ];
        assert_eq!(listening, expected);
    }
}
