//! An engine that keeps its tables in files, the real functions over it, and organizations that differ only
//! in how many calls they have.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
    time::{Duration, Instant},
};

use api::Function;
use domain::{
    Call, CallStatus, Cursor, ListRequest, Organization, OrganizationId, Phone, RecordId, Scope, Timestamp,
    catalogue::CALLS,
};
use futures_util::{StreamExt as _, stream};
use harness::{UNLIMITED, functions, invoke};
use inboundflow::dev::Engine;
use serde_json::Value;
use store::{BulkWriter, Endpoint, KeyRequest, Row, Store};
use tempfile::TempDir;

use crate::meter::{Meter, Tally};

/// How many calls a page has.
pub(super) const LIMIT: usize = 50;
/// The number that everybody calls from, as it is and in a query.
const PHONE: &str = "+14155550123";
/// One in so many calls is blocked, beside a number that is on all of them.
pub(super) const ONE_IN: usize = 10_000;
const WRITERS: usize = 2;
const AT_ONCE: usize = 8;
/// The first call of every organization, 2026-02-24T20:59:00Z; one a second follows.
const FIRST_MS: i64 = 1_771_966_740_000;

/// The engine and the functions over it.
pub(super) struct Ground {
    pub(super) engine: Engine,
    store: Store,
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

/// What a page was, and what it took.
pub(super) struct Answered {
    pub(super) body: Value,
    pub(super) bytes: usize,
    pub(super) time: Duration,
}

impl Ground {
    pub(super) async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let engine = Engine::start(Some(0), Some(directory.path())).expect("an engine");
        let meter = Meter::default();
        let endpoint =
            Endpoint { endpoint_url: engine.endpoint_url.clone(), table_prefix: "Bench-".to_owned() };
        let store = Store::local(&endpoint, store::http_client());
        store.create_tables().await.expect("tables");
        let metered = functions(&Store::local(&endpoint, meter.client()));
        let event = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/calls/list.json");
        let event = fs::read_to_string(event).expect("a recorded event");
        let event = serde_json::from_str(&event).expect("JSON");
        Self { engine, functions: functions(&store), store, metered, meter, event, _directory: directory }
    }

    /// Makes an organization that may ask as often as it likes.
    pub(super) async fn owner(&self, calls: usize) -> Owner {
        let organization = Organization {
            organization_id: OrganizationId::random(),
            organization_name: format!("{calls} calls"),
            plan: "Starter Plan".to_owned(),
        };
        self.store.put_organization(&organization).await.expect("an organization");
        let organization = organization.organization_id;
        let request = KeyRequest {
            organization,
            name: "bench".to_owned(),
            scopes: Scope::ALL.into(),
            expires_at: None,
            requests_per_minute: UNLIMITED,
        };
        let key = self.store.create_key(&request).await.expect("a key").key.reveal().to_owned();
        Owner { calls, organization, key }
    }

    /// Gives an organization its calls.
    pub(super) async fn load(&self, owner: &Owner) {
        let (begun, done) = (Instant::now(), AtomicUsize::new(0));
        let writer = async |first: usize| {
            let mut writer = BulkWriter::new(self.store.clone());
            for nth in (first..owner.calls).step_by(WRITERS) {
                writer.add(row(owner.organization, nth)).await.expect("written");
                let done = done.fetch_add(1, Relaxed) + 1;
                if done.is_multiple_of(50_000) {
                    eprintln!("{done} of {} calls after {:.0?}", owner.calls, begun.elapsed());
                }
            }
            writer.flush().await.expect("written");
        };
        futures_util::join!(writer(0), writer(1));
    }

    /// Makes organizations with a key and one call each.
    pub(super) async fn load_idle(&self, count: usize) {
        let one = async |_| {
            let owner = self.owner(1).await;
            let mut writer = BulkWriter::new(self.store.clone());
            writer.add(row(owner.organization, 0)).await.expect("written");
            writer.flush().await.expect("written");
        };
        stream::iter(0..count).map(one).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    }

    /// Asks for a list of calls.
    pub(super) async fn list(&self, owner: &Owner, query: &[(&str, &str)]) -> Answered {
        self.ask(&self.functions, owner, query).await
    }

    /// The same, and what DynamoDB was asked.
    pub(super) async fn list_metered(&self, owner: &Owner, query: &[(&str, &str)]) -> (Answered, Tally) {
        // The first request finds out whose key it is.
        self.ask(&self.metered, owner, &[("limit", "1")]).await;
        let _ = self.meter.take();
        (self.ask(&self.metered, owner, query).await, self.meter.take())
    }

    async fn ask(&self, functions: &[(&str, Function)], owner: &Owner, query: &[(&str, &str)]) -> Answered {
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
        Answered { body: serde_json::from_str(body).expect("JSON"), bytes: body.len(), time }
    }
}

impl Owner {
    /// The cursor at which a page begins, counted from 1; none for the first.
    pub(super) fn cursor(&self, page: usize) -> Option<String> {
        let before = self.calls.checked_sub((page - 1) * LIMIT).expect("a page that there is");
        let cursor = Cursor { created_at: created_at(before), id: id(before) };
        let request = ListRequest::parse(&CALLS, None, &[]).expect("a list");
        (page > 1).then(|| request.encode(&cursor))
    }

    /// The ids that a page has.
    pub(super) fn ids(&self, page: usize) -> Vec<String> {
        let newest = self.calls - (page - 1) * LIMIT;
        (newest.saturating_sub(LIMIT)..newest).rev().map(|nth| id(nth).to_string()).collect()
    }
}

/// How to ask for what one call in [`ONE_IN`] is.
pub(super) const RARE: [(&str, &str); 2] = [("phone", PHONE), ("status", "blocked")];

fn parameters(query: &[(&str, &str)], value: impl Fn(&str) -> Value) -> Value {
    Value::Object(query.iter().map(|(name, given)| ((*name).to_owned(), value(given))).collect())
}

fn row(organization: OrganizationId, nth: usize) -> Row {
    let rare = nth % ONE_IN == ONE_IN / 2;
    let at = created_at(nth);
    let call = Call {
        id: id(nth),
        caller_phone: Phone::parse(PHONE),
        caller_name: Some("Maria Garcia".to_owned()),
        status: if rare { CallStatus::Blocked } else { CallStatus::Completed },
        duration_seconds: Some(55),
        summary: Some("The caller asks what a repair of the bumper costs. ".repeat(5)),
        transcript: Some("assistant: How can I help? user: My bumper is broken. ".repeat(5)),
        recording_url: Some(format!("https://recordings.example.com/{}.mp3", id(nth))),
        transfer_status: None,
        started_at: Some(at),
        ended_at: Some(at.plus(Duration::from_secs(55))),
        assistant_id: Some(id(0)),
        contact_id: Some(id(1)),
        created_at: at,
    };
    Row::of(organization, &call).expect("a call")
}

fn created_at(nth: usize) -> Timestamp {
    Timestamp::from_unix_ms(FIRST_MS + 1000 * nth as i64).expect("a time")
}

/// Spread as random ones are, so that neighbours in time are none in the table.
fn id(nth: usize) -> RecordId {
    RecordId::from_u128((nth as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}
