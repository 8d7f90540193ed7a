//! Signed calls to DynamoDB, each on a kept-alive connection that no other call is using.

use std::{
    env,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::Bytes,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use lambda_runtime::Error;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

type Connection = SendRequest<Full<Bytes>>;

pub(crate) struct DynamoDb {
    host: String,
    port: u16,
    url: String,
    region: String,
    credentials: Credentials,
    tls: TlsConnector,
    idle: Mutex<Vec<Connection>>,
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

/// An environment variable that must be set.
pub(crate) fn required(name: &str) -> Result<String, Error> {
    env::var(name).map_err(|_| format!("{name} is not set").into())
}

impl DynamoDb {
    pub(crate) fn from_environment() -> Result<Self, Error> {
        let region = required("AWS_REGION")?;
        let url = env::var("AWS_ENDPOINT_URL_DYNAMODB")
            .unwrap_or_else(|_| format!("https://dynamodb.{region}.amazonaws.com"));
        let uri: Uri = url.parse()?;
        Ok(Self {
            host: uri.host().ok_or("the endpoint names no host")?.to_owned(),
            port: uri.port_u16().unwrap_or(443),
            url,
            region,
            credentials: Credentials::from_keys(
                required("AWS_ACCESS_KEY_ID")?,
                required("AWS_SECRET_ACCESS_KEY")?,
                env::var("AWS_SESSION_TOKEN").ok(),
            ),
            tls: TlsConnector::from(Arc::new(tls()?)),
            idle: Mutex::default(),
        })
    }

    /// Runs one operation, whatever DynamoDB answers.
    pub(crate) async fn call(&self, operation: &str, body: String) -> Result<Reply, Error> {
        let request = self.signed(operation, body)?;
        let mut connection = self.connection().await?;
        let (head, body) = connection.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        self.idle().push(connection);
        Ok(Reply { status: head.status, body })
    }

    fn signed(&self, operation: &str, body: String) -> Result<Request<Full<Bytes>>, Error> {
        let host = format!("{}:{}", self.host, self.port);
        let target = format!("DynamoDB_20120810.{operation}");
        let content_type = "application/x-amz-json-1.0";
        let headers = [("host", &*host), ("content-type", content_type), ("x-amz-target", &*target)];
        let signable = SignableRequest::new(
            "POST",
            &*self.url,
            headers.into_iter(),
            SignableBody::Bytes(body.as_bytes()),
        )?;
        let identity = self.credentials.clone().into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("dynamodb")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        let mut request = Request::post("/")
            .header("host", &host)
            .header("content-type", content_type)
            .header("x-amz-target", &target)
            .body(Full::from(body))?;
        instructions.apply_to_request_http1x(&mut request);
        Ok(request)
    }

    /// An idle connection, or a new one where there is none that the server still has open.
    async fn connection(&self) -> Result<Connection, Error> {
        loop {
            let Some(mut connection) = self.idle().pop() else { return self.connect().await };
            if connection.ready().await.is_ok() {
                return Ok(connection);
            }
        }
    }

    async fn connect(&self) -> Result<Connection, Error> {
        let tcp = TcpStream::connect((&*self.host, self.port)).await?;
        tcp.set_nodelay(true)?;
        let tls = self.tls.connect(ServerName::try_from(self.host.clone())?, tcp).await?;
        let (sender, connection) = http1::handshake(TokioIo::new(tls)).await?;
        tokio::spawn(connection);
        Ok(sender)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tls() -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(required("SSL_CERT_FILE")?)? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
