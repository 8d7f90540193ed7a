//! One test's world: its own organization and key in the process's engine, and its own gateway.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicI64, Ordering},
};

use api::Function;
use domain::{Organization, OrganizationId, Scope, Scopes, Timestamp, catalogue};
use lambda_runtime::{Context, LambdaEvent};
use local::{Engine, Stack, TEMPLATE, router, routes};
use serde_json::{Value, json, value::to_raw_value};
use store::{Clock, KeyRequest, Store};
use tokio::{net::TcpListener, sync::OnceCell};

use crate::{Client, Wire};

/// The requests a minute of a key that no test is to use up.
pub const UNLIMITED: u32 = 900_000;
const PREFIX: &str = "Test-";

pub(crate) static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::start(Some(0), None).expect("an engine"));
static TABLES: OnceCell<()> = OnceCell::const_new();

/// A test's own organization, and the API before it.
pub struct World {
    /// The organization's records.
    pub store: Store,
    /// The organization.
    pub organization: OrganizationId,
    /// A consumer with a key that may do everything.
    pub client: Client,
    /// The key of the client.
    pub key: String,
    /// The wire between the API and the engine.
    pub wire: Wire,
    url: String,
    prefix: String,
}

impl World {
    /// A world in which nothing has happened.
    pub async fn new() -> Self {
        Self::build(None, gateway_stack()).await
    }

    /// A world whose gateway is that of this stack.
    pub async fn behind(stack: Stack) -> Self {
        Self::build(None, stack).await
    }

    /// A world whose API reads this clock.
    pub async fn with_clock(clock: Clock) -> Self {
        Self::build(Some(clock), gateway_stack()).await
    }

    /// A world over tables of its own, for tests that look at every organization's records. No API is before
    /// them.
    ///
    /// # Panics
    /// When the tables cannot be made.
    pub async fn apart(clock: Clock) -> Self {
        let world = Self::with_clock(clock).await;
        let prefix = format!("{}-", OrganizationId::random());
        let store = world.store.with_table_prefix(&prefix);
        store.create_tables().await.expect("tables");
        let _ = world.wire.take_calls();
        Self { store, prefix, ..world }
    }

    async fn build(clock: Option<Clock>, stack: Stack) -> Self {
        let wire = Wire::default();
        let mut store = store(PREFIX, &wire);
        if let Some(clock) = clock {
            store = store.with_clock(clock);
        }
        TABLES.get_or_init(|| async { store.create_tables().await.expect("tables") }).await;
        let organization = new_organization(&store).await;
        let key = new_key(&store, organization, Scope::ALL.into(), UNLIMITED).await;

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(axum::serve(listener, gateway(&stack, &store)).into_future());
        let client = Client::new(&url, Some(&key));
        let _ = wire.take_calls();
        Self { store, organization, client, key, wire, url, prefix: PREFIX.to_owned() }
    }

    /// The whole URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The address that the engine listens on.
    #[must_use]
    pub fn dynamodb(&self) -> &str {
        &ENGINE.endpoint_url
    }

    /// A client of the engine itself, without the wire.
    #[must_use]
    pub fn raw_dynamodb(&self) -> aws_sdk_dynamodb::Client {
        raw_dynamodb(&ENGINE.endpoint_url)
    }

    /// A table's whole name.
    #[must_use]
    pub fn table(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Another organization in the same tables, and a consumer with its key.
    pub async fn stranger(&self) -> (OrganizationId, Client) {
        let organization = new_organization(&self.store).await;
        let key = new_key(&self.store, organization, Scope::ALL.into(), UNLIMITED).await;
        (organization, Client::new(&self.url, Some(&key)))
    }

    /// A new key of the organization.
    pub async fn key(&self, scopes: &[Scope], requests_per_minute: u32) -> String {
        new_key(&self.store, self.organization, scopes.iter().copied().collect(), requests_per_minute).await
    }

    /// A second API process over the same tables, with another clock.
    pub async fn second_gateway(&self, store: &Store) -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(axum::serve(listener, gateway(&gateway_stack(), store)).into_future());
        Client::new(&url, Some(&self.key))
    }
}

/// The engine's tables whose names start with `prefix`, asked over `wire`.
pub(crate) fn store(prefix: &str, wire: &Wire) -> Store {
    Store::new(dynamodb::Client::local(&ENGINE.endpoint_url, wire.client()), prefix)
}

/// A client of an engine itself, without the wire.
#[must_use]
pub fn raw_dynamodb(endpoint_url: &str) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(&local::configuration(endpoint_url))
}

/// A clock that a test turns, in milliseconds.
///
/// # Panics
/// When `start` is no time.
#[must_use]
pub fn clock(start: &str) -> (Arc<AtomicI64>, Clock) {
    let ms = Arc::new(AtomicI64::new(Timestamp::parse(start).expect("a time").unix_ms()));
    let read = ms.clone();
    (ms, Arc::new(move || Timestamp::from_unix_ms(read.load(Ordering::SeqCst)).expect("a time")))
}

/// Every resource's function by its name, and the functions that belong to no resource.
///
/// # Panics
/// When one of them is missing.
#[must_use]
pub fn functions(store: &Store) -> Vec<(&'static str, Function)> {
    let names = catalogue::ALL.iter().map(|resource| resource.name).chain(["docs", "fallback"]);
    let routes = |name| routes(name, |_| None).expect("an environment").expect("a function");
    names.map(|name| (name, Function::new(store.clone(), routes(name)))).collect()
}

/// The template's stack.
///
/// # Panics
/// When the template is broken.
#[must_use]
pub fn stack() -> Stack {
    Stack::read(TEMPLATE, PREFIX.trim_end_matches('-')).expect("template.yaml")
}

/// The template's stack, whose usage plans let everything through: only the functions count.
fn gateway_stack() -> Stack {
    stack().unthrottled()
}

fn gateway(stack: &Stack, store: &Store) -> axum::Router {
    router(stack, store, None).expect("a gateway")
}

/// Hands an event to the function that owns its path, as the gateway would.
pub async fn invoke(functions: &[(&str, Function)], event: &Value) -> Value {
    let path = event.get("path").or(event.get("rawPath")).and_then(Value::as_str).unwrap_or_default();
    let documentation = path.starts_with("/docs") || path == catalogue::DOCUMENTATION[0];
    let owner = if documentation { "docs" } else { path.split('/').nth(2).unwrap_or_default() };
    let function = functions.iter().find(|(name, _)| *name == owner).or(functions.last()).expect("functions");
    let mut event = event.clone();
    // Every gateway's event has one.
    if event["requestContext"].is_null() {
        event["requestContext"] = json!({"httpMethod": event["httpMethod"]});
    }
    let event = to_raw_value(&event).expect("JSON");
    let Ok(answer) = function.1.invoke(LambdaEvent::new(event, Context::default())).await;
    serde_json::to_value(&answer).expect("JSON")
}

async fn new_organization(store: &Store) -> OrganizationId {
    let organization_id = OrganizationId::random();
    let plan = "Starter Plan".to_owned();
    let organization = Organization { organization_id, organization_name: "Dave Auto Shop".to_owned(), plan };
    store.put_organization(&organization).await.expect("an organization");
    organization_id
}

async fn new_key(
    store: &Store,
    organization: OrganizationId,
    scopes: Scopes,
    requests_per_minute: u32,
) -> String {
    let request =
        KeyRequest { organization, name: "test".to_owned(), scopes, expires_at: None, requests_per_minute };
    let issued = store.create_key(&request).await.expect("a key");
    issued.key.reveal().to_owned()
}
