//! The SDK's HTTP client with a meter: the units of each call of DynamoDB, as DynamoDB itself counts them.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient as _, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
        http_client_fn,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use dynamodb::aws::http_client;
use serde_json::{Map, Value};

const READS: [&str; 5] = ["GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"];

/// The units that calls of DynamoDB took together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// The operations of the calls, in the order of their replies.
    pub(crate) operations: Vec<String>,
    pub(crate) read_units: f64,
    pub(crate) write_units: f64,
    /// The items that queries looked at, whether or not they were returned.
    pub(crate) scanned: u64,
    pub(crate) answered_bytes: u64,
    /// Calls whose reply names no units: refused ones, which AWS bills all the same.
    pub(crate) unpriced: Vec<String>,
}

/// The client, and what went through it.
#[derive(Clone, Default)]
pub(crate) struct Meter(Arc<Mutex<Tally>>);

impl Meter {
    /// The SDK's client.
    pub(crate) fn client(&self) -> SharedHttpClient {
        let (http, tally) = (http_client(), self.0.clone());
        http_client_fn(move |settings, components| {
            let inner = http.http_connector(settings, components);
            SharedHttpConnector::new(Connector { inner, tally: tally.clone() })
        })
    }

    /// The units that were taken since the last call of this method.
    pub(crate) fn take(&self) -> Tally {
        std::mem::take(&mut *self.0.lock().expect("no panic while locked"))
    }
}

#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    tally: Arc<Mutex<Tally>>,
}

impl HttpConnector for Connector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        ask_for_units(&mut request);
        let (inner, tally) = (self.inner.clone(), self.tally.clone());
        HttpConnectorFuture::new(async move {
            let mut answer = inner.call(request).await?;
            let body = read_body(&mut answer).await?;
            tally.lock().expect("no panic while locked").add(operation, &body);
            *answer.body_mut() = SdkBody::from(body);
            Ok(answer)
        })
    }
}

/// Has a call return its units; the signature no longer fits, but the engine does not look at it.
fn ask_for_units(request: &mut HttpRequest) {
    let body: Option<Map<String, Value>> =
        request.body().bytes().and_then(|body| serde_json::from_slice(body).ok());
    let Some(mut body) = body else { return };
    body.insert("ReturnConsumedCapacity".to_owned(), "INDEXES".into());
    let body = Value::Object(body).to_string();
    request.headers_mut().insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
}

async fn read_body(answer: &mut HttpResponse) -> Result<Vec<u8>, ConnectorError> {
    let body = ByteStream::new(answer.take_body()).collect().await;
    body.map(|body| body.to_vec()).map_err(|error| ConnectorError::io(error.into()))
}

impl Tally {
    fn add(&mut self, operation: String, body: &[u8]) {
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let consumed = match &answer["ConsumedCapacity"] {
            Value::Array(tables) => tables.clone(),
            Value::Null => Vec::new(),
            table => vec![table.clone()],
        };
        let units: f64 = consumed.iter().filter_map(|table| table["CapacityUnits"].as_f64()).sum();
        match READS.contains(&operation.as_str()) {
            true => self.read_units += units,
            false => self.write_units += units,
        }
        self.scanned += answer["ScannedCount"].as_u64().unwrap_or(0);
        self.answered_bytes += body.len() as u64;
        if consumed.is_empty() {
            self.unpriced.push(operation.clone());
        }
        self.operations.push(operation);
    }
}
