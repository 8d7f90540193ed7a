//! Direct calls: those of warm requests, past the SDK's orchestrator and on the SDK's connections.
//!
//! Only a reply with 200 is taken from here. Everything else becomes the first attempt of a call of the SDK's, which says
//! what it means and makes further attempts where they may help. A refused signature or refused credentials are the exception: they
//! switch direct calls off for as long as the process lives, and the SDK makes the call by itself.

use std::{
    borrow::Cow,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

use aws_sdk_dynamodb::config::{Credentials, SharedHttpClient};
use aws_smithy_runtime_api::client::{
    connection::CaptureSmithyConnection,
    http::{HttpClient as _, HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use bytes::Bytes;
use serde::Deserialize;

use crate::aws::{ATTEMPT_TIMEOUT, Signer};

/// The codes with which AWS refuses a signature, a token or credentials by a 400, which alone does not say it.
const REFUSED: [&str; 9] = [
    "ExpiredToken",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignature",
    "MissingAuthenticationToken",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "UnrecognizedClient",
];
/// The codes of a missing permission or subscription, some by a 401 or 403: the SDK's call would be refused too.
const NOT_PERMITTED: [&str; 3] = ["AccessDenied", "NotAuthorized", "OptInRequired"];

/// The direct calls of a client.
pub(crate) struct Direct {
    signer: Signer,
    target: Arc<OnceLock<Target>>,
    is_disabled: AtomicBool,
}

/// The target of the SDK's first call: the endpoint that its rules lead to, and its connections.
#[derive(Debug)]
struct Target {
    endpoint_url: String,
    connector: SharedHttpConnector,
}

/// The SDK's connections, which show the target of the first call over them.
#[derive(Debug)]
struct ObservedConnector {
    inner: SharedHttpConnector,
    target: Arc<OnceLock<Target>>,
}

impl Direct {
    /// Direct calls beside an SDK that uses the HTTP client which is returned. None for credentials that expire:
    /// renewing them is the SDK's.
    pub(crate) fn beside(
        http: SharedHttpClient,
        region: &str,
        credentials: Option<Credentials>,
    ) -> (Option<Self>, SharedHttpClient) {
        let target = Arc::<OnceLock<Target>>::default();
        let lasting = credentials.filter(|credentials| credentials.expiry().is_none());
        let direct = lasting.map(|credentials| Self {
            signer: Signer::new(credentials, region, "dynamodb"),
            target: target.clone(),
            is_disabled: AtomicBool::default(),
        });
        let observed = http_client_fn(move |settings, components| {
            let inner = http.http_connector(settings, components);
            SharedHttpConnector::new(ObservedConnector { inner, target: target.clone() })
        });
        (direct, observed)
    }

    /// Makes a call, and returns the reply's body. Without a reply of 200 the SDK goes on: with the HTTP client that is returned, or with its own
    /// where the call was not made or its signature was refused.
    pub(crate) async fn send(&self, operation: &str, body: &str) -> Result<Bytes, Option<SharedHttpClient>> {
        let target = self.target.get().filter(|_| !self.is_disabled.load(Ordering::Relaxed)).ok_or(None)?;
        let operation = format!("DynamoDB_20120810.{operation}");
        let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", &operation)];
        let mut request = self
            .signer
            .request("POST", &target.endpoint_url, &headers, body, SystemTime::now())
            .map_err(|_| self.disable("NotSigned"))?;
        let connection = CaptureSmithyConnection::new();
        request.add_extension(connection.clone());
        let reply = async {
            let mut reply = target.connector.call(request).await?;
            let body = ByteStream::new(reply.take_body()).collect().await;
            let body = body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
            Ok::<_, ConnectorError>((reply, body))
        };
        let outcome = match tokio::time::timeout(ATTEMPT_TIMEOUT, reply).await {
            Ok(Ok((reply, body))) if reply.status().as_u16() == 200 => return Ok(body),
            Ok(Ok((mut reply, body))) => {
                if let Some(code) = refused(reply.status().as_u16(), &body) {
                    return Err(self.disable(&code));
                }
                *reply.body_mut() = SdkBody::from(body);
                Ok(reply)
            }
            Ok(Err(error)) => Err(error),
            Err(late) => Err(ConnectorError::timeout(late.into())),
        };
        let first = Mutex::new(Some(FirstAttempt { outcome, connection }));
        let resuming = SharedHttpConnector::new(ResumingConnector { inner: target.connector.clone(), first });
        Err(Some(http_client_fn(move |_, _| resuming.clone())))
    }

    /// Switches direct calls off: this call and all later ones are the SDK's.
    fn disable(&self, code: &str) -> Option<SharedHttpClient> {
        if !self.is_disabled.swap(true, Ordering::Relaxed) {
            tracing::error!(code, "direct_calls_disabled");
        }
        None
    }
}

/// The code of a reply that refuses a signature, a token or credentials.
fn refused(status: u16, body: &[u8]) -> Option<Cow<'_, str>> {
    #[derive(Default, Deserialize)]
    struct Refusal<'a> {
        #[serde(borrow, default, rename = "__type")]
        code: Cow<'a, str>,
    }
    let Refusal { code } = serde_json::from_slice(body).unwrap_or_default();
    let name = code.rsplit('#').next().unwrap_or_default();
    let name = name.strip_suffix("Exception").unwrap_or(name);
    let is_refused = match status {
        400 => REFUSED.contains(&name),
        401 | 403 => !NOT_PERMITTED.contains(&name),
        _ => false,
    };
    is_refused.then_some(code)
}

impl HttpConnector for ObservedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.target
            .get_or_init(|| Target { endpoint_url: request.uri().to_owned(), connector: self.inner.clone() });
        self.inner.call(request)
    }
}

/// A direct call that did not end with a reply of 200.
#[derive(Debug)]
struct FirstAttempt {
    outcome: Result<HttpResponse, ConnectorError>,
    /// The connection of the direct call, for the SDK to close.
    connection: CaptureSmithyConnection,
}

/// The SDK's connections, for a call whose first attempt has been made already.
#[derive(Debug)]
struct ResumingConnector {
    inner: SharedHttpConnector,
    first: Mutex<Option<FirstAttempt>>,
}

impl HttpConnector for ResumingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self.first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(FirstAttempt { outcome, connection }) => {
                if let Some(captured) = request.extension::<CaptureSmithyConnection>() {
                    captured.set_connection_retriever(move || connection.get());
                }
                HttpConnectorFuture::ready(outcome)
            }
            None => self.inner.call(request),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::{TcpListener, TcpStream},
        sync::mpsc,
        time::Duration,
    };

    use super::*;
    use crate::{Client, GetItem, Values, aws::http_client};

    /// Replies to each request of a connection with the status that comes next, and reports who sent it over which.
    fn serve(
        (nth, mut stream): (usize, TcpStream),
        statuses: &Mutex<std::slice::Iter<'_, &str>>,
        heard: &mpsc::Sender<(String, usize)>,
    ) {
        let mut request = [0; 16 * 1024];
        while let Ok(bytes @ 1..) = stream.read(&mut request) {
            let text = String::from_utf8_lossy(&request[..bytes]).into_owned();
            let agent = text.lines().find_map(|line| line.strip_prefix("user-agent: ")).unwrap_or_default();
            let status = statuses.lock().expect("no panic while locked").next().expect("no more calls");
            let agent = agent.split('/').next().unwrap_or_default().to_owned();
            heard.send((agent, nth)).expect("the test waits");
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}");
            stream.write_all(answer.as_bytes()).expect("an open connection");
        }
    }

    #[tokio::test]
    async fn calls_are_direct_after_the_sdks_first_and_what_fails_is_the_sdks_first_attempt() {
        const STATUSES: [&str; 6] = ["500 Oops", "200 OK", "200 OK", "500 Oops", "200 OK", "400 Bad Request"];
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint_url = format!("http://{}", listener.local_addr().expect("an address"));
        let (tell, heard) = mpsc::channel();
        std::thread::spawn(move || {
            let statuses = Mutex::new(STATUSES.iter());
            std::thread::scope(|scope| {
                for (nth, stream) in listener.incoming().enumerate() {
                    let (statuses, tell) = (&statuses, tell.clone());
                    scope.spawn(move || serve((nth, stream.expect("a connection")), statuses, &tell));
                }
            });
        });
        let client = Client::local(&endpoint_url, http_client());
        let get = GetItem::new("any".to_owned(), Values::new());
        for _ in 0..3 {
            assert_eq!(*client.get_item_json(&get).await.expect("an answer"), *b"{}");
        }
        client.get_item_json(&get).await.expect_err("it is refused");
        let calls: Vec<(String, usize)> = heard.try_iter().collect();
        let calls: Vec<(&str, usize)> = calls.iter().map(|(agent, nth)| (agent.as_str(), *nth)).collect();
        // After a 5xx the next attempt takes another connection.
        let (sdk, direct) = ("aws-sdk-rust", "inboundflow");
        assert_eq!(calls, [(sdk, 0), (sdk, 1), (direct, 1), (direct, 1), (sdk, 2), (direct, 2)]);
    }

    #[test]
    fn credentials_that_expire_are_the_sdks() {
        let beside = |expires| {
            let credentials = Credentials::new("AKID", "secret", Some("session".to_owned()), expires, "test");
            Direct::beside(http_client(), "eu-central-1", Some(credentials)).0
        };
        assert!(beside(Some(SystemTime::now() + Duration::from_secs(3600))).is_none());
        assert!(beside(None).is_some());
    }
}
