//! The calls that warm requests make, past the SDK's orchestrator, on the SDK's connections. Only what is answered
//! with 200 is taken from here. Everything else becomes the first try of a call of the SDK's, which says what it
//! means and tries again where that may help.

use std::{
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::SystemTime,
};

use aws_sdk_dynamodb::{
    config::{Config, Credentials, SharedHttpClient},
    error::SdkError,
    operation::{
        batch_get_item::BatchGetItemError, get_item::GetItemError, query::QueryError, scan::ScanError,
        update_item::UpdateItemError,
    },
};
use aws_smithy_runtime_api::client::{
    connection::CaptureSmithyConnection,
    http::{HttpClient as _, HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use http_body::Body as _;
use serde::Serialize;

use crate::{Client, aws::ATTEMPT_TIMEOUT, raw_body::Diverted, signature::Signer};

/// How to reach DynamoDB without the SDK's orchestrator.
pub(crate) struct Direct {
    signer: Signer,
    way: Arc<OnceLock<Way>>,
}

/// What the SDK's first call shows: the endpoint that its rules lead to, and its connections.
#[derive(Debug)]
struct Way {
    endpoint_url: String,
    connector: SharedHttpConnector,
}

/// The SDK's connections, watched.
#[derive(Debug)]
struct Watched {
    inner: SharedHttpConnector,
    way: Arc<OnceLock<Way>>,
}

impl Direct {
    /// Beside an SDK that uses the client which is returned. None for credentials that expire: renewing them
    /// is the SDK's.
    pub(crate) fn beside(
        http: SharedHttpClient,
        region: &str,
        credentials: Option<Credentials>,
    ) -> (Option<Self>, SharedHttpClient) {
        let way = Arc::<OnceLock<Way>>::default();
        let lasting = credentials.filter(|credentials| credentials.expiry().is_none());
        let direct =
            lasting.map(|credentials| Self { signer: Signer::new(credentials, region), way: way.clone() });
        let watched = http_client_fn(move |settings, components| {
            let inner = http.http_connector(settings, components);
            SharedHttpConnector::new(Watched { inner, way: way.clone() })
        });
        (direct, watched)
    }

    /// The answer's body. What is not answered with 200 is for the SDK to take up, with this client; with its own
    /// where the call was not made.
    async fn send(&self, operation: &str, body: &str) -> Result<Vec<u8>, Option<SharedHttpClient>> {
        let way = self.way.get().ok_or(None)?;
        let mut request =
            self.signer.request(&way.endpoint_url, operation, body, SystemTime::now()).map_err(|_| None)?;
        let connection = CaptureSmithyConnection::new();
        request.add_extension(connection.clone());
        let answered = async {
            let mut answer = way.connector.call(request).await?;
            let body = collect(answer.take_body()).await?;
            Ok::<_, ConnectorError>((answer, body))
        };
        let outcome = match tokio::time::timeout(ATTEMPT_TIMEOUT, answered).await {
            Ok(Ok((answer, body))) if answer.status().as_u16() == 200 => return Ok(body),
            Ok(Ok((mut answer, body))) => {
                *answer.body_mut() = SdkBody::from(body);
                Ok(answer)
            }
            Ok(Err(error)) => Err(error),
            Err(late) => Err(ConnectorError::timeout(late.into())),
        };
        let first = Mutex::new(Some(FirstTry { outcome, connection }));
        let resumed = SharedHttpConnector::new(Resumed { inner: way.connector.clone(), first });
        Err(Some(http_client_fn(move |_, _| resumed.clone())))
    }
}

async fn collect(body: SdkBody) -> Result<Vec<u8>, ConnectorError> {
    let mut collected = Vec::with_capacity(usize::try_from(body.size_hint().lower()).unwrap_or_default());
    let mut body = pin!(body);
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        if let Ok(data) = frame.map_err(ConnectorError::io)?.into_data() {
            collected.extend_from_slice(&data);
        }
    }
    Ok(collected)
}

impl HttpConnector for Watched {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.way
            .get_or_init(|| Way { endpoint_url: request.uri().to_owned(), connector: self.inner.clone() });
        self.inner.call(request)
    }
}

/// How a direct call ended that was not answered with 200.
#[derive(Debug)]
struct FirstTry {
    outcome: Result<HttpResponse, ConnectorError>,
    /// What it came over, for the SDK to close.
    connection: CaptureSmithyConnection,
}

/// The SDK's connections, for a call whose first try has been made already.
#[derive(Debug)]
struct Resumed {
    inner: SharedHttpConnector,
    first: Mutex<Option<FirstTry>>,
}

impl HttpConnector for Resumed {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self.first.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(FirstTry { outcome, connection }) => {
                if let Some(captured) = request.extension::<CaptureSmithyConnection>() {
                    captured.set_connection_retriever(move || connection.get());
                }
                HttpConnectorFuture::ready(outcome)
            }
            None => self.inner.call(request),
        }
    }
}

/// Operations whose requests and answers we write and read ourselves. The SDK's own request names no more than
/// its rules for endpoints want to see, and gets the body in place of its own.
macro_rules! in_json {
    ($($name:ident, $operation:literal, $call:ident $(.$table:ident($any:literal))?, $error:ty;)*) => {
        impl Client {
            $(
            /// The reply to a request as JSON.
            ///
            /// # Errors
            /// The SDK's.
            pub async fn $name(&self, request: &impl Serialize) -> Result<Vec<u8>, SdkError<$error>> {
                let body = serde_json::to_string(request).map_err(SdkError::construction_failure)?;
                let mut config = Config::builder();
                if let Some(direct) = &self.direct {
                    match direct.send($operation, &body).await {
                        Ok(answer) => return Ok(answer),
                        Err(Some(resumed)) => config = config.http_client(resumed),
                        Err(None) => {}
                    }
                }
                let answer = Diverted::default();
                let call = self.$call()$(.$table($any))?.customize().mutate_request(move |request| {
                    request.headers_mut().insert("content-length", body.len().to_string());
                    *request.body_mut() = SdkBody::from(body.as_str());
                });
                call.config_override(config).interceptor(answer.clone()).send().await?;
                Ok(answer.take())
            })*
        }
    };
}

in_json! {
    batch_get_item_json, "BatchGetItem", batch_get_item, BatchGetItemError;
    get_item_json, "GetItem", get_item.table_name("any"), GetItemError;
    query_json, "Query", query.table_name("any"), QueryError;
    scan_json, "Scan", scan.table_name("any"), ScanError;
    update_item_json, "UpdateItem", update_item.table_name("any"), UpdateItemError;
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
    use crate::{GetItem, Values, aws::http_client};

    /// Answers each request of a connection with the status that comes next, and tells who sent it.
    fn serve(
        mut stream: TcpStream,
        statuses: &Mutex<std::slice::Iter<'_, &str>>,
        heard: &mpsc::Sender<String>,
    ) {
        let mut request = [0; 16 * 1024];
        while let Ok(bytes @ 1..) = stream.read(&mut request) {
            let text = String::from_utf8_lossy(&request[..bytes]).into_owned();
            let agent = text.lines().find_map(|line| line.strip_prefix("user-agent: ")).unwrap_or_default();
            let status = statuses.lock().expect("no panic while locked").next().expect("no more calls");
            heard.send(agent.split('/').next().unwrap_or_default().to_owned()).expect("the test waits");
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}");
            stream.write_all(answer.as_bytes()).expect("an open connection");
        }
    }

    #[tokio::test]
    async fn calls_are_direct_once_the_sdk_has_shown_the_way_and_what_fails_is_its_first_try() {
        const STATUSES: [&str; 5] = ["200 OK", "200 OK", "500 Oops", "200 OK", "400 Bad Request"];
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint_url = format!("http://{}", listener.local_addr().expect("an address"));
        let (tell, heard) = mpsc::channel();
        std::thread::spawn(move || {
            let statuses = Mutex::new(STATUSES.iter());
            std::thread::scope(|scope| {
                for stream in listener.incoming() {
                    let (statuses, tell) = (&statuses, tell.clone());
                    scope.spawn(move || serve(stream.expect("a connection"), statuses, &tell));
                }
            });
        });
        let client = Client::local(&endpoint_url, http_client());
        let get = GetItem::new("any".to_owned(), Values::new());
        for _ in 0..3 {
            assert_eq!(client.get_item_json(&get).await.expect("an answer"), b"{}");
        }
        client.get_item_json(&get).await.expect_err("it is refused");
        let agents: Vec<String> = heard.try_iter().collect();
        assert_eq!(agents, ["aws-sdk-rust", "inboundflow", "inboundflow", "aws-sdk-rust", "inboundflow"]);
    }

    #[test]
    fn a_session_token_is_sent_and_credentials_that_expire_are_the_sdks() {
        let beside = |expires| {
            let credentials = Credentials::new("AKID", "secret", Some("session".to_owned()), expires, "test");
            Direct::beside(http_client(), "eu-central-1", Some(credentials)).0
        };
        assert!(beside(Some(SystemTime::now() + Duration::from_secs(3600))).is_none());
        let direct = beside(None).expect("they last");
        let endpoint_url = "https://dynamodb.eu-central-1.amazonaws.com/";
        let request = direct.signer.request(endpoint_url, "GetItem", "{}", SystemTime::now());
        let headers = request.expect("a request").headers().clone();
        assert_eq!(headers.get("x-amz-security-token"), Some("session"));
        let signed = headers.get("authorization").unwrap_or_default();
        assert!(signed.contains("/eu-central-1/dynamodb/aws4_request"), "{signed}");
        assert!(
            signed.contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target"),
            "{signed}"
        );
    }
}
