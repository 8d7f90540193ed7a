//! A stand-in for DynamoDB that replies at once, or after a fixed delay, over TLS: what the embedded engine replied to
//! the same call before, so that a figure is the caller's alone. It checks each signature, and counts calls, connections,
//! and how many calls had to wait for others.
#![expect(clippy::disallowed_types, reason = "a server of another kind than the API's")]

use std::{
    collections::HashMap,
    convert::Infallible,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use harness::{SESSION, refusal};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::HeaderMap,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use serde_json::{Map, Value};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A running stand-in.
pub(crate) struct StandIn {
    pub(crate) endpoint_url: String,
    /// The certificate to trust, as PEM.
    pub(crate) authority: PathBuf,
    shared: Arc<Shared>,
    _directory: tempfile::TempDir,
}

/// The calls since the last look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) connections: usize,
    /// The operations, in order.
    pub(crate) calls: Vec<String>,
    /// How many of the calls were sent only after everything before them was replied to.
    pub(crate) depth: usize,
    outstanding: usize,
}

struct Shared {
    engine: String,
    client: reqwest::Client,
    replies: Mutex<HashMap<(String, Bytes), Bytes>>,
    delay: Mutex<Duration>,
    tally: Mutex<Tally>,
}

impl StandIn {
    /// Starts a stand-in before the engine at this address.
    pub(crate) async fn start(engine: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let authority = directory.path().join("authority.pem");
        let acceptor = acceptor(&authority);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            engine: engine.to_owned(),
            client: reqwest::Client::new(),
            replies: Mutex::default(),
            delay: Mutex::default(),
            tally: Mutex::default(),
        });
        let of_server = shared.clone();
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                tokio::spawn(serve(acceptor.clone(), stream, of_server.clone()));
            }
        });
        let endpoint_url = format!("https://localhost:{port}");
        Self { endpoint_url, authority, shared, _directory: directory }
    }

    /// Holds each reply back for so long.
    pub(crate) fn delay(&self, delay: Duration) {
        *locked(&self.shared.delay) = delay;
    }

    /// Takes the calls since the last look.
    pub(crate) fn take_tally(&self) -> Tally {
        std::mem::take(&mut *locked(&self.shared.tally))
    }
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let arrived = Instant::now();
        let (parts, body) = request.into_parts();
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation = target.and_then(|target| target.rsplit('.').next()).unwrap_or_default().to_owned();
        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let response = Response::builder().header("content-type", "application/x-amz-json-1.0");
        if let Err(code) = SESSION.check(&parts, &body) {
            return Ok(response.status(400).body(Full::new(refusal(code).into())).expect("a response"));
        }
        let headers = parts.headers;
        {
            let mut tally = locked(&self.tally);
            tally.depth += usize::from(tally.outstanding == 0);
            tally.outstanding += 1;
            tally.calls.push(operation.clone());
        }
        let answer = match operation.as_str() {
            "UpdateItem" => self.updated(body, headers).await,
            _ => self.cached(operation, body, headers).await,
        };
        let until = arrived + *locked(&self.delay);
        held_back(until).await;
        let mut tally = locked(&self.tally);
        tally.outstanding = tally.outstanding.saturating_sub(1);
        Ok(response.body(Full::new(answer)).expect("a response"))
    }

    /// The engine's reply to the same call, asked for once.
    async fn cached(&self, operation: String, body: Bytes, headers: HeaderMap) -> Bytes {
        let call = (operation, body);
        let cached = locked(&self.replies).get(&call).cloned();
        if let Some(answer) = cached {
            return answer;
        }
        let answer = self.ask(&call.0, call.1.clone(), headers).await;
        locked(&self.replies).insert(call, answer.clone());
        answer
    }

    /// The reply to the count of a key's requests, which names the minute: the item is the engine's, the slot
    /// of this minute the call's own.
    async fn updated(&self, body: Bytes, headers: HeaderMap) -> Bytes {
        let call: Value = serde_json::from_slice(&body).expect("JSON");
        let expression = call["UpdateExpression"].as_str().unwrap_or_default();
        let slot = expression.strip_prefix("SET ").and_then(|set| set.split(' ').next());
        let base = call["ExpressionAttributeValues"][":base"]["N"].as_str();
        let (Some(slot), Some(base)) = (slot, base) else {
            return self.ask("UpdateItem", body, headers).await;
        };
        let key = ("UpdateItem".to_owned(), Bytes::from(call["Key"].to_string()));
        let cached = locked(&self.replies).get(&key).cloned();
        let item = match cached {
            Some(item) => item,
            None => {
                let answer: Value =
                    serde_json::from_slice(&self.ask("UpdateItem", body, headers).await).expect("JSON");
                let mut item: Map<String, Value> =
                    serde_json::from_value(answer["Attributes"].clone()).expect("the engine counts it");
                item.retain(|name, _| !is_slot(name));
                let item = Bytes::from(Value::Object(item).to_string());
                locked(&self.replies).insert(key, item.clone());
                item
            }
        };
        let base: i64 = base.parse().expect("a number");
        let item = std::str::from_utf8(&item).expect("JSON");
        let rest = item.strip_prefix('{').expect("an object");
        format!(r#"{{"Attributes":{{"{slot}":{{"N":"{}"}},{rest}}}"#, base + 1).into()
    }

    async fn ask(&self, operation: &str, body: Bytes, headers: HeaderMap) -> Bytes {
        let request = self.client.post(&self.engine).headers(headers).body(body);
        let answer = request.send().await.expect("the engine answers");
        let status = answer.status();
        let body = answer.bytes().await.expect("the engine answers");
        assert!(status.is_success(), "{operation}: {}", String::from_utf8_lossy(&body));
        body
    }
}

/// Waits to the microsecond: a timer alone would be late by up to a millisecond.
async fn held_back(until: Instant) {
    const TIMER: Duration = Duration::from_millis(2);
    let timer = until.saturating_duration_since(Instant::now()).saturating_sub(TIMER);
    // Even a timer of nothing takes a millisecond.
    if !timer.is_zero() {
        tokio::time::sleep(timer).await;
    }
    while Instant::now() < until {
        tokio::task::yield_now().await;
    }
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let Ok(stream) = acceptor.accept(stream).await else { return };
    locked(&shared.tally).connections += 1;
    let answer = service_fn(move |request| {
        let shared = shared.clone();
        async move { shared.answer(request).await }
    });
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}

/// A certificate for localhost, whose authority's PEM is left at `path`.
fn acceptor(path: &std::path::Path) -> TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(path, made.cert.pem()).expect("a file");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring knows TLS")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("the key is the certificate's");
    TlsAcceptor::from(Arc::new(config))
}

/// Whether an attribute of a key's item counts a minute.
fn is_slot(name: &str) -> bool {
    name.strip_prefix('m').is_some_and(|number| number.parse::<u8>().is_ok())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no panic while locked")
}
