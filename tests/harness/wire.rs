//! The SDK's HTTP client with a hook: a test sees each call, and may delay it, fail it or answer in
//! DynamoDB's place. Beside that it is stricter than the engine where the engine is laxer than AWS.

use std::{
    collections::HashSet,
    fmt,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use futures_util::future::{BoxFuture, Either, pending, select};
use serde_json::Value;
use tokio::sync::Notify;

/// What a test does to one call of AWS.
pub enum Fault {
    /// The call goes through.
    None,
    /// The call goes through after this long.
    Delay(Duration),
    /// The call goes through once this future is done.
    After(BoxFuture<'static, ()>),
    /// The call goes through, but the response waits for this future.
    Held(BoxFuture<'static, ()>),
    /// The call is answered with this status and body instead.
    Answer(u16, String),
    /// The call never arrives.
    Timeout,
    /// The call arrives, but the response is lost.
    LostAnswer,
}

impl Fault {
    /// An error as DynamoDB words it.
    #[must_use]
    pub fn error(status: u16, code: &str) -> Self {
        let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"injected"}}"#);
        Self::Answer(status, body)
    }

    /// A call that never comes back, of which `killed` is told; `arrives` says whether it gets there.
    #[must_use]
    pub fn kill(killed: &Arc<Notify>, arrives: bool) -> Self {
        let killed = killed.clone();
        let end = Box::pin(async move {
            killed.notify_one();
            pending().await
        });
        if arrives { Self::Held(end) } else { Self::After(end) }
    }
}

/// A call of AWS that never comes back, at which a test's function is killed.
pub struct Kill {
    killed: Arc<Notify>,
    calls: Arc<AtomicUsize>,
}

impl Kill {
    /// Does work until it is killed; none where it was killed.
    pub async fn unless_killed<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        match select(pin!(work), pin!(self.killed.notified())).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    }

    /// How many calls of AWS there were so far.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.load(SeqCst)
    }
}

type Hook = dyn Fn(&str, &Value) -> Fault + Send + Sync;

/// The hook between the SDK and the engine.
#[derive(Clone)]
pub struct Wire {
    inner: SharedHttpClient,
    hook: Arc<Mutex<Arc<Hook>>>,
    calls: Arc<Mutex<Vec<String>>>,
    ttl_tables: Arc<Mutex<HashSet<String>>>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl Default for Wire {
    fn default() -> Self {
        Self::over(dynamodb::aws::http_client())
    }
}

impl Wire {
    /// A wire over this client.
    pub fn over(inner: impl HttpClient + 'static) -> Self {
        Self {
            inner: SharedHttpClient::new(inner),
            hook: Arc::new(Mutex::new(Arc::new(|_, _| Fault::None))),
            calls: Arc::default(),
            ttl_tables: Arc::default(),
        }
    }

    /// Lets `hook` decide, by operation and request body, what becomes of each call from now on.
    ///
    /// # Panics
    /// When another test's panic left the hook locked.
    pub fn disturb(&self, hook: impl Fn(&str, &Value) -> Fault + Send + Sync + 'static) {
        *self.hook.lock().expect("no panic while locked") = Arc::new(hook);
    }

    /// Lets all calls through undisturbed from now on.
    pub fn let_be(&self) {
        self.disturb(|_, _| Fault::None);
    }

    /// Kills at the call of this number from now on, the first being 0; `arrives` says whether that call gets there.
    #[must_use]
    pub fn kill_at(&self, call: usize, arrives: bool) -> Kill {
        let kill = Kill { killed: Arc::default(), calls: Arc::default() };
        let (killed, calls) = (kill.killed.clone(), kill.calls.clone());
        self.disturb(move |_, _| match calls.fetch_add(1, SeqCst) == call {
            true => Fault::kill(&killed, arrives),
            false => Fault::None,
        });
        kill
    }

    /// Disturbs the first `times` calls of an operation.
    pub fn fail(
        &self,
        operation: &'static str,
        times: usize,
        fault: impl Fn() -> Fault + Send + Sync + 'static,
    ) {
        let left = AtomicUsize::new(times);
        self.disturb(move |called, _| {
            let fails =
                called == operation && left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
            if fails { fault() } else { Fault::None }
        });
    }

    /// The operations called since the last call of this method.
    ///
    /// # Panics
    /// When another test's panic left the list locked.
    #[must_use]
    pub fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut *self.calls.lock().expect("no panic while locked"))
    }

    /// The HTTP client for the SDK, over this wire.
    #[must_use]
    pub fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }

    fn decide(&self, operation: &str, body: &Value) -> Fault {
        self.calls.lock().expect("no panic while locked").push(operation.to_owned());
        if let Some(rule) = self.broken_rule(operation, body) {
            return Fault::Answer(
                400,
                format!(r#"{{"__type":"ValidationException","message":"as on AWS: {rule}"}}"#),
            );
        }
        let hook = self.hook.lock().expect("no panic while locked").clone();
        hook(operation, body)
    }

    /// The rule of AWS that a request breaks and the engine lets pass.
    ///
    /// # Panics
    /// When another test's panic left the list locked.
    #[must_use]
    pub fn broken_rule(&self, operation: &str, body: &Value) -> Option<&'static str> {
        if body.get("ProjectionExpression").is_some() && !has_whole_items(body) {
            return Some("an index query may not project attributes that the index does not hold");
        }
        if body.get("ReturnValues") == Some(&"ALL_OLD".into()) {
            return Some("ALL_OLD of an item that did not exist is empty");
        }
        if has_empty_key(body) {
            return Some("a key may not be the empty string");
        }
        let values = body.get("ExpressionAttributeValues").and_then(Value::as_object);
        let mut compared = values.into_iter().flatten().filter(|(name, _)| is_compared(body, name));
        if compared.clone().any(|(_, value)| is_empty(value)) {
            return Some("a key may not be the empty string");
        }
        let scalar = |value: &Value| ["S", "N", "B"].iter().any(|kind| value.get(kind).is_some());
        if !compared.all(|(_, value)| scalar(value)) {
            return Some("only strings, numbers and binary are ordered");
        }
        let table = body.get("TableName").and_then(Value::as_str).unwrap_or_default();
        let first = operation != "UpdateTimeToLive"
            || self.ttl_tables.lock().expect("unlocked").insert(table.to_owned());
        (!first).then_some("TimeToLive is already enabled")
    }
}

/// Whether what is read from has all attributes: a table, or an index that holds whole items.
fn has_whole_items(body: &Value) -> bool {
    let Some(index) = body.get("IndexName") else { return true };
    let table = body.get("TableName").and_then(Value::as_str).unwrap_or_default();
    let known = store::TABLES.iter().filter(|known| table.ends_with(&format!("-{}", known.name)));
    known.flat_map(|known| &known.indexes).any(|made| *index == made.name && made.whole_items)
}

/// Whether the value stands anywhere but where an attribute is set to it.
fn is_compared(body: &Value, name: &str) -> bool {
    let expression = |kind: &str| body.get(kind).and_then(Value::as_str).unwrap_or_default();
    let set = expression("UpdateExpression").split([' ', ',', ')']).any(|word| word == name);
    let conditions = ["ConditionExpression", "KeyConditionExpression", "FilterExpression"].map(expression);
    !set || conditions.iter().any(|condition| condition.split([' ', ',', ')']).any(|word| word == name))
}

fn is_empty(value: &Value) -> bool {
    value.get("S") == Some(&"".into())
}

/// Whether any item or key in a request has an empty string where a key may stand.
fn has_empty_key(value: &Value) -> bool {
    let keys: Vec<&str> = store::TABLES
        .iter()
        .flat_map(|table| {
            let indexed = table.indexes.iter().flat_map(|index| [&index.partition[..], &index.sort].concat());
            table.key.iter().copied().chain(indexed).collect::<Vec<_>>()
        })
        .collect();
    match value {
        Value::Array(values) => values.iter().any(has_empty_key),
        Value::Object(map) => map
            .iter()
            .any(|(name, value)| (keys.contains(&name.as_str()) && is_empty(value)) || has_empty_key(value)),
        _ => false,
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { wire: self.clone(), inner })
    }
}

#[derive(Debug)]
struct Connector {
    wire: Wire,
    inner: SharedHttpConnector,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body =
            request.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
        let fault = self.wire.decide(&operation, &body);
        let inner = self.inner.clone();
        HttpConnectorFuture::new(async move {
            match fault {
                Fault::None => inner.call(request).await,
                Fault::Delay(time) => {
                    tokio::time::sleep(time).await;
                    inner.call(request).await
                }
                Fault::After(ready) => {
                    ready.await;
                    inner.call(request).await
                }
                Fault::Held(ready) => {
                    let answer = inner.call(request).await;
                    ready.await;
                    answer
                }
                Fault::Answer(status, body) => {
                    let status = StatusCode::try_from(status).expect("a status");
                    let mut answer = HttpResponse::new(status, SdkBody::from(body));
                    answer.headers_mut().insert("content-type", "application/x-amz-json-1.0");
                    Ok(answer)
                }
                Fault::Timeout => Err(ConnectorError::timeout("injected".into())),
                Fault::LostAnswer => {
                    inner.call(request).await?;
                    Err(ConnectorError::io("injected".into()))
                }
            }
        })
    }
}
