//! A week of webhooks of many organizations, some of whose endpoints are dead, run in a few minutes.

use std::{
    collections::{BTreeMap, HashSet},
    time::{Duration, Instant},
};

use deliver::Deliver;
use domain::{
    OrganizationId, RecordId,
    webhooks::{DeliveryStatus, DisabledReason, Event, MAX_POSTS_PER_SECOND, WebhookStatus},
};
use futures_util::{StreamExt as _, stream};

use crate::{Deployment, Receiver};

/// The time that a receiver has to respond: no receiver here takes so long.
const LONG: Duration = Duration::from_secs(60);
/// How often the clock is turned, and the sweep called.
const STEP: Duration = Duration::from_secs(60 * 60);
const STEPS_A_DAY: usize = 24;
const DAYS: usize = 7;
/// How many invocations, and other futures, run at once.
const AT_ONCE: usize = 4;

/// The size of the week's load.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// The number of organizations.
    pub organizations: usize,
    /// The number of endpoints of each organization.
    pub endpoints: usize,
    /// How many organizations have a dead endpoint.
    pub dead: usize,
    /// How many events each organization has in the first hour; a fourth of that over the rest of the week.
    pub events: usize,
}

/// The figures of the week.
#[derive(Debug, Default)]
pub struct WeekReport {
    /// The number of events.
    pub events: usize,
    /// The deliveries that were to be made in the first hour.
    pub deliveries: usize,
    /// The calls of AWS in the first hour, by operation, with those for the first attempts at dead endpoints.
    pub calls: BTreeMap<String, usize>,
    /// How long the first hour's work took.
    pub first: Duration,
    /// How long the whole week took.
    pub all: Duration,
    /// The attempts at healthy endpoints.
    pub posts: usize,
    /// The deliveries to dead endpoints, by their ends.
    pub ends: BTreeMap<&'static str, usize>,
}

struct Endpoint {
    organization: OrganizationId,
    webhook: RecordId,
    receiver: Option<Receiver>,
    is_dead: bool,
}

struct Week {
    deployment: Deployment,
    deliver: Deliver,
    organizations: Vec<OrganizationId>,
    endpoints: Vec<Endpoint>,
    events: Vec<Event>,
}

/// Lets a week pass, and finds that all healthy endpoints get everything while the dead ones are
/// still being attempted, and that those are given up in the end.
///
/// # Panics
/// When it is otherwise.
pub async fn week(size: Size) -> WeekReport {
    let mut week = Week::new(size).await;
    let begun = Instant::now();
    let mut report =
        WeekReport { deliveries: size.organizations * size.events * size.endpoints, ..WeekReport::default() };
    let mut left = size.events;
    while left > 0 {
        // As many as an endpoint is sent in a second.
        let now = left.min(MAX_POSTS_PER_SECOND as usize);
        week.happen(now).await;
        let _ = week.deployment.wire.take_calls();
        let first = Instant::now();
        week.deployment.work(&week.deliver, AT_ONCE).await;
        report.first += first.elapsed();
        for operation in week.deployment.wire.take_calls() {
            *report.calls.entry(operation).or_default() += 1;
        }
        week.deployment.wait(Duration::from_secs(1));
        left -= now;
    }
    week.healthy_ones_have_all();
    let dead = size.dead * size.events;
    assert_eq!(week.ends().await, BTreeMap::from([("pending", dead)]), "they are still being attempted");

    let later = size.events.div_ceil(4);
    let mut happened = 0;
    for step in 1..=DAYS * STEPS_A_DAY {
        week.deployment.wait(STEP);
        let due = later * step / (DAYS * STEPS_A_DAY);
        week.happen(due - happened).await;
        happened = due;
        week.deployment.sweep().await;
        week.deployment.work(&week.deliver, AT_ONCE).await;
        let _ = week.deployment.wire.take_calls();
    }
    report.posts = week.healthy_ones_have_all();
    report.ends = week.ends().await;
    assert!(!report.ends.contains_key("pending") && report.ends["failed"] >= dead, "{:?}", report.ends);
    week.dead_ones_are_disabled().await;
    report.events = week.events.len();
    report.all = begun.elapsed();
    report
}

impl Week {
    async fn new(size: Size) -> Self {
        let deployment = Deployment::new().await;
        let organizations: Vec<_> = (0..size.organizations).map(|_| OrganizationId::random()).collect();
        let mut endpoints = Vec::new();
        for (nth, &organization) in organizations.iter().enumerate() {
            for place in 0..size.endpoints {
                let is_dead = nth < size.dead && place == nth % size.endpoints;
                let receiver = match is_dead {
                    false => Some(Receiver::answering(200).await),
                    true if nth % 2 == 0 => Some(Receiver::answering(500).await),
                    true => None,
                };
                // Nobody listens there without being root.
                let nobody = || "http://127.0.0.1:1/".to_owned();
                let url = receiver.as_ref().map_or_else(nobody, Receiver::url);
                let webhook = deployment.endpoint(organization, &url).await.0.id;
                endpoints.push(Endpoint { organization, webhook, receiver, is_dead });
            }
        }
        let deliver = deployment.deliver(LONG);
        Self { deployment, deliver, organizations, endpoints, events: Vec::new() }
    }

    /// Publishes events of each organization, so many times.
    async fn happen(&mut self, times: usize) {
        let to = (0..times).flat_map(|_| &self.organizations);
        let happened = stream::iter(to).map(|organization| self.deployment.happened(*organization));
        let happened: Vec<Event> = happened.buffer_unordered(AT_ONCE).collect().await;
        self.events.extend(happened);
    }

    fn of<'a>(&'a self, endpoint: &Endpoint) -> impl Iterator<Item = &'a Event> {
        let organization = endpoint.organization;
        self.events.iter().filter(move |event| event.organization_id == organization)
    }

    /// Checks that healthy endpoints have got everything; returns how many requests they got.
    fn healthy_ones_have_all(&self) -> usize {
        let mut posts = 0;
        for endpoint in self.endpoints.iter().filter(|endpoint| !endpoint.is_dead) {
            let got = endpoint.receiver.as_ref().map(Receiver::got).unwrap_or_default();
            let ids: HashSet<RecordId> = got.iter().map(crate::Got::id).collect();
            let expected: HashSet<RecordId> =
                self.of(endpoint).map(|event| event.delivery_id(endpoint.webhook)).collect();
            assert!(ids == expected, "{} of {}", ids.len(), expected.len());
            posts += got.len();
        }
        posts
    }

    /// The deliveries to dead endpoints, by their status.
    async fn ends(&self) -> BTreeMap<&'static str, usize> {
        let mut ends = BTreeMap::new();
        for endpoint in self.endpoints.iter().filter(|endpoint| endpoint.is_dead) {
            let disabled_at = match self.is_enabled(endpoint).await {
                true => None,
                false => {
                    Some(self.deployment.webhook(endpoint.organization, endpoint.webhook).await.updated_at)
                }
            };
            for event in self.of(endpoint) {
                // Nothing is written for it from then on.
                if disabled_at.is_some_and(|at| event.created_at > at) {
                    continue;
                }
                let (delivery, _) = self.deployment.delivery(event, endpoint.webhook).await;
                let attempts = delivery.attempts.len();
                assert!(delivery.status != DeliveryStatus::Failed || attempts == 10, "{attempts}");
                *ends.entry(delivery.status.as_str()).or_default() += 1;
            }
        }
        ends
    }

    async fn is_enabled(&self, endpoint: &Endpoint) -> bool {
        let webhook = self.deployment.webhook(endpoint.organization, endpoint.webhook).await;
        webhook.status == WebhookStatus::Enabled
    }

    async fn dead_ones_are_disabled(&self) {
        for endpoint in &self.endpoints {
            let webhook = self.deployment.webhook(endpoint.organization, endpoint.webhook).await;
            let expected = endpoint.is_dead.then_some(DisabledReason::Failing);
            assert_eq!(webhook.disabled_reason, expected);
        }
    }
}
