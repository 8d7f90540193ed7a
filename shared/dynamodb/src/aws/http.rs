//! The HTTP client under the SDK: HTTP/1.1, which is what DynamoDB speaks, over rustls on ring with root certificates
//! that are built in. Less is linked, and a cold start has no certificates to look for; aws-lc would spend 24 ms of CPU
//! on gathering entropy.

use std::{fs, sync::Arc, time::Duration};

use aws_smithy_runtime_api::client::{
    connection::{CaptureSmithyConnection, ConnectionMetadata},
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        self, Client,
        connect::{CaptureConnection, capture_connection},
    },
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio::net::TcpStream;
use tower::{ServiceExt as _, util::MapResponse};

use super::buffered::Buffered;

/// The environment variable with a file of certificates (PEM) to trust. AWS's own tools trust them alone; here they stand beside those
/// that are built in.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";
/// The time-out of connecting, for all of a name's addresses together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

type Tcp = MapResponse<legacy::connect::HttpConnector, fn(TokioIo<TcpStream>) -> TokioIo<Buffered>>;

/// A pool of connections.
#[derive(Clone, Debug)]
struct Http1(Client<HttpsConnector<Tcp>, SdkBody>);

/// The HTTP client of every function.
#[must_use]
pub fn http_client() -> SharedHttpClient {
    SharedHttpClient::new(http1())
}

/// A pool of connections, as the HTTP client gives to the SDK, for what goes past the SDK.
#[must_use]
pub fn http_connector() -> SharedHttpConnector {
    SharedHttpConnector::new(http1())
}

fn http1() -> Http1 {
    let mut tcp = legacy::connect::HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls())
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp.map_response(Buffered::new as fn(_) -> _));
    Http1(Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector))
}

fn tls() -> ClientConfig {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Ok(path) = std::env::var(CA_BUNDLE) {
        let pem = fs::read(&path).unwrap_or_default();
        let (added, _) = roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).flatten());
        if added == 0 {
            tracing::error!(path, "ca_bundle_unreadable");
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions();
    #[expect(clippy::expect_used, reason = "ring has suites for the versions that rustls is compiled with")]
    builder.expect("TLS versions").with_root_certificates(roots).with_no_client_auth()
}

impl HttpClient for Http1 {
    /// The time-out of an attempt is the caller's: it drops a call that takes too long, and with it the connection.
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Http1 {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let connection = capture_connection(&mut request);
        if let Some(captured) = request.extensions().get::<CaptureSmithyConnection>() {
            captured.set_connection_retriever(move || closable(&connection));
        }
        let answer = self.0.request(request);
        HttpConnectorFuture::new(async move {
            // Whatever keeps a response from coming may be gone at the next attempt.
            let answer = answer.await.map_err(|error| ConnectorError::io(error.into()))?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// The connection of a call, for the SDK to have it closed: after a 5xx the next attempt takes another one.
fn closable(connection: &CaptureConnection) -> Option<ConnectionMetadata> {
    connection.connection_metadata().as_ref()?;
    let connection = connection.clone();
    let close = move || {
        if let Some(connection) = connection.connection_metadata().as_ref() {
            connection.poison();
        }
    };
    Some(ConnectionMetadata::builder().proxied(false).poison_fn(close).build())
}
