//! The API under check, with a clock of its own and a fault before it.

use std::{
    process::Output,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{self, StatusCode},
};
use domain::{
    DEFAULT_REQUESTS_PER_MINUTE, Organization, OrganizationId, Scope, Scopes, Timestamp, webhooks::EventType,
};
use inboundflow::{Deployment, import};
use local::{Engine, Stack, TEMPLATE, demo, router};
use store::{Clock, KeyRequest, Store};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use super::fault::{Fault, Request, Response};
use crate::{inboundflow, published::publish_events};

/// The time of a run: ten seconds into a minute, and with a clock that goes this much more slowly, so that no
/// run meets the minute's end by itself, on however busy a machine.
const NOW: &str = "2026-03-01T18:00:10Z";
const SLOWER: u32 = 20;
/// How many requests there are to a minute, so that no run waits for one.
const PER_MINUTE: u64 = 40;

/// Two organizations, for one run that writes or many that do not.
#[derive(Clone)]
pub(crate) struct Api {
    engine: Arc<Engine>,
    store: Store,
    organization: OrganizationId,
    foreign: OrganizationId,
}

/// The keys of one run, by their variables.
pub(crate) type Keys = Vec<(&'static str, String)>;

impl Api {
    pub(crate) async fn new() -> Self {
        let engine = Arc::new(Engine::start(Some(0), None).unwrap());
        let deployment = Deployment { endpoint_url: None, table_prefix: "Check-".to_owned() };
        let store = deployment.local(engine.endpoint_url.clone());
        store.create_tables().await.unwrap();
        let organization = new_organization(&engine, &store, 90, 1).await;
        let foreign = new_organization(&engine, &store, 7, 2).await;
        Self { engine, store, organization, foreign }
    }

    /// Two organizations like these, in the same tables.
    pub(crate) async fn another(&self) -> Self {
        let (engine, store) = (self.engine.clone(), self.store.clone());
        let organization = new_organization(&engine, &store, 90, 1).await;
        let foreign = new_organization(&engine, &store, 7, 2).await;
        Self { engine, store, organization, foreign }
    }

    /// New keys, each of which has its minute before it.
    pub(crate) async fn keys(&self) -> Keys {
        let (all, narrow) = (Scope::ALL.into(), [Scope::CallsRead].into());
        let key = |organization, scopes: &Scopes, expires_at| {
            let request = KeyRequest {
                organization,
                name: "check".to_owned(),
                scopes: scopes.clone(),
                expires_at,
                requests_per_minute: DEFAULT_REQUESTS_PER_MINUTE,
            };
            let store = self.store.clone();
            async move { store.create_key(&request).await.unwrap() }
        };
        let past = Timestamp::parse("2026-02-01T00:00:00Z");
        let (caller, narrow) =
            (key(self.organization, &all, None).await, key(self.organization, &narrow, None).await);
        let (revoked, expired) =
            (key(self.organization, &all, None).await, key(self.organization, &all, past).await);
        let foreign = key(self.foreign, &all, None).await;
        self.store.revoke_key(revoked.key_id).await.unwrap();
        [
            ("INBOUNDFLOW_API_KEY", caller),
            ("INBOUNDFLOW_NARROW_KEY", narrow),
            ("INBOUNDFLOW_REVOKED_KEY", revoked),
            ("INBOUNDFLOW_EXPIRED_KEY", expired),
            ("INBOUNDFLOW_FOREIGN_KEY", foreign),
        ]
        .map(|(name, issued)| (name, issued.key.reveal().to_owned()))
        .into()
    }

    /// The API with this fault, on a port of its own.
    pub(crate) async fn serve(&self, fault: &Arc<Fault>) -> String {
        let fault = fault.clone();
        let (start, minutes) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let of_clock = minutes.clone();
        let clock: Clock = Arc::new(move || {
            let passed = start.elapsed() / SLOWER + Duration::from_secs(60 * of_clock.load(Ordering::SeqCst));
            let ms = Timestamp::parse(NOW).unwrap().unix_ms() + i64::try_from(passed.as_millis()).unwrap();
            Timestamp::from_unix_ms(ms).unwrap()
        });
        // Its tests are about the functions' answers and pace, not about the gateway's bucket.
        let stack = Stack::read(TEMPLATE, "Check").unwrap().unthrottled();
        let api = router(&stack, &self.store.clone().with_clock(clock), None).unwrap();
        let count = Arc::new(AtomicU64::new(1));
        let server = Router::new().fallback(move |request: http::Request<Body>| {
            let (api, minutes, count, fault) = (api.clone(), minutes.clone(), count.clone(), fault.clone());
            async move {
                // Whoever uses up a minute does so with this one.
                let passes = request.uri().path() != "/v1/me";
                if passes && count.fetch_add(1, Ordering::SeqCst) % PER_MINUTE == 0 {
                    minutes.fetch_add(1, Ordering::SeqCst);
                }
                let response = spoiled(api, request, &fault).await;
                if response.status() == 429 {
                    minutes.fetch_add(1, Ordering::SeqCst);
                }
                response
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, server).into_future());
        url
    }

    /// A run of the command against the API with this fault.
    pub(crate) async fn check(&self, fault: &Arc<Fault>, keys: Keys, options: &[&str]) -> Output {
        let url = self.serve(fault).await;
        let mut command = inboundflow(&[&["check", &url], options].concat());
        command.envs(keys);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }
}

async fn spoiled(api: Router, mut request: http::Request<Body>, fault: &Fault) -> http::Response<Body> {
    let path = request.uri().path_and_query().unwrap().to_string();
    let values = request.headers().get_all("authorization").iter();
    let key = values.map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join("\n");
    let asked = Request { line: format!("{} {path}", request.method()), key };
    if let Some(other) = fault.asked(&path) {
        *request.uri_mut() = other.parse().unwrap();
    }
    let (mut parts, body) = api.oneshot(request).await.unwrap().into_parts();
    let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    let mut response = Response { status: parts.status.as_u16(), headers: parts.headers.clone(), text };
    if response.headers.contains_key("retry-after") {
        response.set("retry-after", "1");
    }
    fault.spoil(&asked, &mut response);
    response.headers.remove("content-length");
    (parts.status, parts.headers) = (StatusCode::from_u16(response.status).unwrap(), response.headers);
    http::Response::from_parts(parts, Body::from(response.text))
}

async fn new_organization(engine: &Engine, store: &Store, calls: u32, seed: u64) -> OrganizationId {
    let organization_id = OrganizationId::random();
    let (organization_name, plan) = ("Check".to_owned(), "Starter Plan".to_owned());
    store.put_organization(&Organization { organization_id, organization_name, plan }).await.unwrap();
    let until = Timestamp::parse("2026-03-01T18:00:00Z").unwrap();
    let lines = demo::lines(calls, seed, until, Some(organization_id)).map(|line| Ok(line.into_bytes()));
    let written = async { Ok(import::write(store, lines, None, &import::Report::Quiet).await) };
    assert_eq!(engine.bulk(written).await.unwrap().failed, 0);
    publish_events(store, organization_id, &[EventType::LeadCreated], until).await;
    organization_id
}
