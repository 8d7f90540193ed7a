//! The HTTP front of the embedded DynamoDB, whose own server looks at neither `Host` nor `Origin` and has no time limits.
//!
//! That server needs a TCP port. Its listener takes the one connection of [`Inner`] and is never asked for another, so
//! that nobody else is answered there, whoever finds the port. One is enough: the engine carries out one request at a
//! time.
#![expect(clippy::disallowed_types, reason = "it hands on requests whole")]

use std::{
    io,
    net::Ipv4Addr,
    pin::Pin,
    sync::{Arc, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderValue, Response, StatusCode, header},
};
use dynoxide::{Database, server::serve_on};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Mutex,
};

/// The largest body of a request: DynamoDB's own limit and a byte more, since it is the engine that refuses
/// more.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024 + 1;

/// Hands requests on to the engine's server.
pub(super) struct Front {
    database: Database,
    trouble: Trouble,
    inner: Mutex<Option<Inner>>,
}

/// The reason for which the engine last failed, such as that the disk is full. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Trouble(Arc<std::sync::Mutex<Option<String>>>);

/// The one connection to the engine's server. Dropping it ends that server.
struct Inner {
    requests: SendRequest<Body>,
    _server: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Front {
    pub(super) async fn new(database: Database, trouble: Trouble) -> io::Result<Self> {
        let inner = Inner::open(&database).await?;
        Ok(Self { database, trouble, inner: Mutex::new(Some(inner)) })
    }

    pub(super) fn router(self) -> Router {
        let front = Arc::new(self);
        Router::new().fallback(move |request: Request| hand_on(front.clone(), request))
    }

    async fn carry_out(&self, request: Request) -> Response<Body> {
        let mut inner = self.inner.lock().await;
        match self.ask(&mut inner, request).await {
            Ok(answer) => {
                if answer.status() == StatusCode::INTERNAL_SERVER_ERROR {
                    self.trouble.tell(answer.body());
                }
                answer.map(Body::from)
            }
            Err(error) => {
                *inner = None;
                tracing::error!(error = error.to_string(), "the embedded DynamoDB did not answer");
                empty(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    async fn ask(&self, inner: &mut Option<Inner>, request: Request) -> io::Result<Response<Bytes>> {
        let inner = match inner {
            Some(inner) => inner,
            None => inner.insert(Inner::open(&self.database).await?),
        };
        inner.ask(request).await
    }
}

/// Hands a request on to the engine's server, whole and to its end: neither a slow client nor one that has
/// gone costs the connection.
async fn hand_on(front: Arc<Front>, request: Request) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY_BYTES).await else { return empty(StatusCode::PAYLOAD_TOO_LARGE) };
    // The body has its length now, and what is said of the client's connection is not said of the engine's.
    for name in [header::TRANSFER_ENCODING, header::CONNECTION, header::UPGRADE, header::TE, header::EXPECT] {
        parts.headers.remove(name);
    }
    parts.headers.entry(header::HOST).or_insert(HeaderValue::from_static("localhost"));
    let whole = Request::from_parts(parts, Body::from(body));
    let answered = tokio::spawn(async move { front.carry_out(whole).await }).await;
    answered.unwrap_or_else(|_| empty(StatusCode::INTERNAL_SERVER_ERROR))
}

impl Trouble {
    fn tell(&self, answer: &[u8]) {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let reason = answer["message"].as_str().unwrap_or("it does not say why");
        let reason = reason.trim_start_matches("backend: ").to_owned();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }

    pub(super) fn told(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Inner {
    async fn open(database: &Database) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let stream = TcpStream::connect(listener.local_addr()?).await?;
        let (requests, connection) = handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        // It ends with `requests`.
        tokio::spawn(connection);
        let server = Box::pin(serve_on(listener, database.clone()));
        let mut inner = Self { requests, _server: server };
        // Its listener is polled until it has answered this connection, and not after.
        let Self { requests, _server: server } = &mut inner;
        tokio::select! {
            answered = ask(requests, Request::new(Body::empty())) => answered?,
            () = server => return Err(io::ErrorKind::ConnectionRefused.into()),
        };
        Ok(inner)
    }

    async fn ask(&mut self, request: Request) -> io::Result<Response<Bytes>> {
        ask(&mut self.requests, request).await
    }
}

async fn ask(requests: &mut SendRequest<Body>, mut request: Request) -> io::Result<Response<Bytes>> {
    *request.version_mut() = axum::http::Version::HTTP_11;
    requests.ready().await.map_err(io::Error::other)?;
    let answer = requests.send_request(request).await.map_err(io::Error::other)?;
    let (parts, body) = answer.into_parts();
    let body = to_bytes(Body::new(body), usize::MAX).await.map_err(io::Error::other)?;
    Ok(Response::from_parts(parts, body))
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_that_goes_costs_the_next_one_nothing() {
        let database = Database::memory().expect("a database");
        let front = Arc::new(Front::new(database, Trouble::default()).await.expect("a connection"));
        let ask = || hand_on(front.clone(), Request::new(Body::empty()));
        for polls in 1..20 {
            let mut gone = Box::pin(ask());
            for _ in 0..polls {
                tokio::select! { biased; _ = &mut gone => break, () = tokio::task::yield_now() => {} }
            }
            drop(gone);
            assert_eq!(ask().await.status(), StatusCode::OK, "{polls}");
        }
    }
}
