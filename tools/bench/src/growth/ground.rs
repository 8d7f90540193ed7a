//! An engine that keeps its tables in files, the real functions over it, and organizations that differ only
//! in how many calls they have.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use api::Function;
use domain::{Cursor, ListRequest, Organization, OrganizationId, Scope, catalogue::CALLS};
use dynamodb::{Client, aws::http_client};
use dynoxide::Database;
use futures_util::{StreamExt as _, stream};
use harness::{UNLIMITED, functions, invoke};
use local::Engine;
use serde_json::Value;
use store::{KeyRequest, Store};
use tempfile::TempDir;

use super::calls;
use crate::meter::{Meter, Tally};

/// How many calls a page has.
pub(super) const LIMIT: usize = 50;
const AT_ONCE: usize = 8;
/// The prefix of the tables that are asked.
pub(super) const PREFIX: &str = "Bench-";
/// The file in which the engine keeps its tables.
const FILE: &str = "dynamodb.sqlite";

/// The engine and the functions over it.
pub(super) struct Ground {
    pub(super) engine: Engine,
    store: Store,
    /// The engine's file, opened once more, past HTTP.
    database: Database,
    table: String,
    functions: Vec<(&'static str, Function)>,
    metered: Vec<(&'static str, Function)>,
    meter: Meter,
    event: Value,
    // Last: the engine ends before its directory.
    _directory: TempDir,
}

/// An organization with this many calls, and its key.
pub(super) struct Owner {
    pub(super) calls: usize,
    organization: OrganizationId,
    key: String,
}

/// A page, and how long it took.
pub(super) struct TimedPage {
    pub(super) body: Value,
    pub(super) bytes: usize,
    pub(super) time: Duration,
}

impl Ground {
    pub(super) async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let engine = Engine::start(Some(0), Some(directory.path())).expect("an engine");
        let meter = Meter::default();
        let store = Store::new(Client::local(&engine.endpoint_url, http_client()), PREFIX);
        store.create_tables().await.expect("tables");
        let file = directory.path().join(FILE);
        let database = Database::new(file.to_str().expect("UTF-8")).expect("the engine's file");
        let metered = functions(&Store::new(Client::local(&engine.endpoint_url, meter.client()), PREFIX));
        let event = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/calls/list.json");
        let event = fs::read_to_string(event).expect("a recorded event");
        let event = serde_json::from_str(&event).expect("JSON");
        Self {
            engine,
            database,
            table: format!("{PREFIX}{}", CALLS.table),
            functions: functions(&store),
            store,
            metered,
            meter,
            event,
            _directory: directory,
        }
    }

    /// Makes an organization without calls.
    pub(super) async fn owner(&self, calls: usize) -> Owner {
        Owner::new(&self.store, calls).await
    }

    /// Gives an organization its calls.
    pub(super) async fn load(&self, owner: &Owner) {
        calls::write_first(&self.store, owner.organization).await;
        calls::copy_first(&self.database, &self.table, owner.organization, owner.calls);
    }

    /// Makes organizations with a key and one call each, in the tables of this prefix.
    pub(super) async fn load_idle(&self, prefix: &str, count: usize) {
        let store = self.store.with_table_prefix(prefix);
        store.create_tables().await.expect("tables");
        let one = async |_| {
            let owner = Owner::new(&store, 1).await;
            calls::write_first(&store, owner.organization).await;
        };
        stream::iter(0..count).map(one).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    }

    /// Asks for a list of calls.
    pub(super) async fn list(&self, owner: &Owner, query: &[(&str, &str)]) -> TimedPage {
        self.ask(&self.functions, owner, query).await
    }

    /// Asks for a list of calls, and meters what DynamoDB is asked for it.
    pub(super) async fn list_metered(&self, owner: &Owner, query: &[(&str, &str)]) -> (TimedPage, Tally) {
        // The first request finds out whose key it is.
        self.ask(&self.metered, owner, &[("limit", "1")]).await;
        let _ = self.meter.take();
        (self.ask(&self.metered, owner, query).await, self.meter.take())
    }

    async fn ask(&self, functions: &[(&str, Function)], owner: &Owner, query: &[(&str, &str)]) -> TimedPage {
        let mut event = self.event.clone();
        let authorization = format!("Bearer {}", owner.key);
        event["headers"]["Authorization"] = authorization.as_str().into();
        event["multiValueHeaders"]["Authorization"] = vec![authorization].into();
        event["queryStringParameters"] = parameters(query, |value| value.into());
        event["multiValueQueryStringParameters"] = parameters(query, |value| vec![value].into());
        let begun = Instant::now();
        let answer = invoke(functions, &event).await;
        let time = begun.elapsed();
        assert_eq!(answer["statusCode"], 200, "{answer}");
        let body = answer["body"].as_str().expect("a body");
        TimedPage { body: serde_json::from_str(body).expect("JSON"), bytes: body.len(), time }
    }
}

impl Owner {
    /// Makes an organization that may ask as often as it likes.
    async fn new(store: &Store, calls: usize) -> Self {
        let organization = Organization {
            organization_id: OrganizationId::random(),
            organization_name: format!("{calls} calls"),
            plan: "Starter Plan".to_owned(),
        };
        store.put_organization(&organization).await.expect("an organization");
        let organization = organization.organization_id;
        let request = KeyRequest {
            organization,
            name: "bench".to_owned(),
            scopes: Scope::ALL.into(),
            expires_at: None,
            requests_per_minute: UNLIMITED,
        };
        let key = store.create_key(&request).await.expect("a key").key.reveal().to_owned();
        Self { calls, organization, key }
    }

    /// The cursor at which a page begins, counted from 1; none for the first.
    pub(super) fn cursor(&self, page: usize) -> Option<String> {
        let before = self.calls.checked_sub((page - 1) * LIMIT).expect("a page that there is");
        let cursor = Cursor { created_at: calls::created_at(before), id: calls::id(before) };
        let request = ListRequest::parse(&CALLS, None, &[]).expect("a list");
        (page > 1).then(|| request.encode(&cursor))
    }

    /// The ids that a page has.
    pub(super) fn ids(&self, page: usize) -> Vec<String> {
        let newest = self.calls - (page - 1) * LIMIT;
        (newest.saturating_sub(LIMIT)..newest).rev().map(|nth| calls::id(nth).to_string()).collect()
    }
}

fn parameters(query: &[(&str, &str)], value: impl Fn(&str) -> Value) -> Value {
    Value::Object(query.iter().map(|(name, given)| ((*name).to_owned(), value(given))).collect())
}
