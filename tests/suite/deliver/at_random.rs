//! Workers that die at random, messages that are lost or come twice, and receivers of every kind: whoever
//! can be told of something is, everybody of the same, and nobody else is asked for anything.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use deliver::{Deliver, Network};
use domain::{
    OrganizationId, RecordId,
    webhooks::{DeliveryStatus, Event},
};
use futures_util::future::BoxFuture;
use harness::{Deployment, FAST, Got, ReceivedBatch, Receiver, Reply, SLOW};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tokio::net::TcpStream;

use crate::deliver::crashes::{Death, until_death};

/// The time that a receiver has to respond: one that hangs or drips takes all of it.
const TIME: Duration = Duration::from_millis(400);
const HOUR_MS: i64 = 60 * 60 * 1000;
/// The address of a name at every other look-up; at the others it is this machine's.
const PUBLIC: [u8; 4] = [93, 184, 216, 34];

/// The behaviour of an endpoint's receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Quick,
    Flaky,
    Dripping,
    Endless,
    Hanging,
    Failing,
    Redirecting,
    Gone,
    Refusing,
    Rebinding,
}

/// The organizations: how much happens to each, and the endpoints that it has.
const SHOPS: [(usize, &[Kind]); 3] = [
    (4, &[Kind::Quick, Kind::Failing, Kind::Quick, Kind::Flaky]),
    (2, &[Kind::Redirecting, Kind::Gone, Kind::Quick, Kind::Refusing, Kind::Rebinding]),
    (2, &[Kind::Hanging, Kind::Dripping, Kind::Endless, Kind::Quick]),
];

impl Kind {
    fn is_healthy(self) -> bool {
        matches!(self, Self::Quick | Self::Flaky | Self::Dripping | Self::Endless)
    }

    async fn receiver(self, canary: &str) -> Option<Receiver> {
        let location = format!("Location: {canary}\r\n");
        let attempts = Mutex::new(HashMap::<RecordId, usize>::new());
        let is_third = move |got: &Got| {
            let mut attempts = attempts.lock().unwrap();
            let attempts = attempts.entry(got.id()).or_default();
            *attempts += 1;
            *attempts >= 3
        };
        let reply = move |got: &Got| match self {
            Self::Quick => Reply::status(200),
            Self::Flaky => Reply::status(if is_third(got) { 204 } else { 503 }),
            Self::Dripping => Reply::Drip,
            Self::Endless => Reply::Flood,
            Self::Hanging => Reply::Hang,
            Self::Failing => Reply::status(500),
            Self::Redirecting => Reply::Answer(301, location.clone(), String::new()),
            Self::Gone => Reply::status(410),
            Self::Refusing | Self::Rebinding => Reply::Close,
        };
        match self {
            Self::Refusing | Self::Rebinding => None,
            _ => Some(Receiver::new(move |got, _| reply(got)).await),
        }
    }
}

/// The network of this machine, where every name changes its address all the time.
#[derive(Default)]
struct Shifting {
    look_ups: AtomicUsize,
    connected: Mutex<HashSet<SocketAddr>>,
}

impl Network for Shifting {
    fn addresses<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let is_odd = self.look_ups.fetch_add(1, SeqCst) % 2 == 1;
        Box::pin(async move { Ok(vec![if is_odd { [127, 0, 0, 1].into() } else { PUBLIC.into() }]) })
    }

    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<TcpStream>> {
        self.connected.lock().unwrap().insert(address);
        Box::pin(async move {
            match address.ip() == IpAddr::from(PUBLIC) {
                true => Err(io::ErrorKind::ConnectionRefused.into()),
                false => TcpStream::connect(address).await,
            }
        })
    }
}

struct Endpoint {
    organization: OrganizationId,
    webhook: RecordId,
    kind: Kind,
    receiver: Option<Receiver>,
}

struct Run {
    deployment: Deployment,
    deliver: Deliver,
    network: Arc<Shifting>,
    canary: Receiver,
    endpoints: Vec<Endpoint>,
    /// The organizations in which something will happen, by when it does.
    ahead: BTreeMap<i64, OrganizationId>,
    events: Vec<Event>,
    random: ChaCha8Rng,
}

impl Run {
    async fn new(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let (deployment, canary) = (Deployment::new().await, Receiver::answering(200).await);
        let network = Arc::new(Shifting::default());
        let deliver = deployment.deliver_over(network.clone(), TIME);
        let (mut endpoints, mut ahead) = (Vec::new(), BTreeMap::new());
        let start = deployment.store.now().unix_ms();
        for (events, kinds) in SHOPS {
            let organization = OrganizationId::random();
            for kind in kinds {
                let receiver = kind.receiver(&canary.url()).await;
                let url = match (&receiver, kind) {
                    (Some(receiver), _) => receiver.url(),
                    (None, Kind::Rebinding) => "https://hooks.example.com/".to_owned(),
                    // Nobody listens there without being root.
                    (None, _) => "http://127.0.0.1:1/".to_owned(),
                };
                let webhook = deployment.endpoint(organization, &url).await.0.id;
                endpoints.push(Endpoint { organization, webhook, kind: *kind, receiver });
            }
            ahead.extend((0..events).map(|_| (start + random.random_range(0..10 * HOUR_MS), organization)));
        }
        Self { deployment, deliver, network, canary, endpoints, ahead, events: Vec::new(), random }
    }

    /// Lets four and a half days pass.
    async fn go(&mut self) {
        let end = self.deployment.store.now().unix_ms() + 108 * HOUR_MS;
        loop {
            let deployment = &self.deployment;
            while let Some(batch) = deployment.receive(FAST).or_else(|| deployment.receive(SLOW)) {
                hand_over(&self.deployment, &self.deliver, &mut self.random, batch).await;
            }
            let event = self.ahead.keys().next().copied();
            let sweep = self.deployment.next_sweep().await;
            let next = deployment.next_message().into_iter().chain(event).chain(sweep).min();
            let Some(now) = next.filter(|next| *next <= end) else { return };
            self.deployment.turn_to(now);
            if event == Some(now) {
                self.happen().await;
            }
            if sweep.is_some_and(|sweep| sweep <= now) {
                let death = death(&mut self.random, 0.2, 40);
                until_death(&self.deployment, death, self.deployment.sweep()).await;
            }
        }
    }

    /// Lets the next event happen. Of its messages some are lost, some come twice.
    async fn happen(&mut self) {
        let Some((_, organization)) = self.ahead.pop_first() else { return };
        let (event, tasks) = self.deployment.published(organization).await;
        for task in &tasks {
            for _ in 0..[0, 1, 1, 1, 2][self.random.random_range(0..5)] {
                self.deployment.send(FAST, task);
            }
        }
        self.events.push(event);
    }

    /// The events that an endpoint was to be told.
    fn events_of(&self, endpoint: &Endpoint) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(|event| event.organization_id == endpoint.organization)
    }
}

/// Hands a batch to a worker that may die, whose work may be forgotten.
async fn hand_over(
    deployment: &Deployment,
    deliver: &Deliver,
    random: &mut ChaCha8Rng,
    batch: ReceivedBatch,
) {
    let death = death(random, 0.3, 6 * batch.event.records.len());
    let answer = until_death(deployment, death, deliver.handle(batch.event.clone())).await;
    if let Some(answer) = answer.filter(|_| random.random_bool(0.95)) {
        deployment.settle(&batch, answer);
    }
}

/// A death within the first `calls`, or none.
fn death(random: &mut ChaCha8Rng, probability: f64, calls: usize) -> Death {
    let (dies, call) = (random.random_bool(probability), random.random_range(0..calls));
    Death { call: if dies { call } else { usize::MAX }, arrives: random.random() }
}

async fn check(run: &Run) {
    for endpoint in &run.endpoints {
        let (kind, mut statuses) = (endpoint.kind, Vec::new());
        let got = endpoint.receiver.as_ref().map(Receiver::got).unwrap_or_default();
        let bodies: HashMap<RecordId, String> = run
            .events_of(endpoint)
            .map(|event| event.delivery_id(endpoint.webhook))
            .zip(run.events_of(endpoint))
            .map(|(id, event)| (id, event.body(id)))
            .collect();
        for got in &got {
            assert_eq!(bodies.get(&got.id()), Some(&got.body), "{kind:?}");
        }
        for event in run.events_of(endpoint) {
            let id = event.delivery_id(endpoint.webhook);
            if run.deployment.item("Deliveries", event.organization_id, id).await.is_none() {
                assert_eq!(kind, Kind::Gone, "nothing is written for an endpoint that is disabled");
                continue;
            }
            let status = run.deployment.delivery(event, endpoint.webhook).await.0.status;
            if kind.is_healthy() {
                assert!(got.iter().any(|got| got.id() == id), "{kind:?}: {status:?}");
                assert_eq!(status, DeliveryStatus::Succeeded, "{kind:?}");
            }
            statuses.push(status);
        }
        let is_over = |status: &DeliveryStatus| match kind {
            Kind::Gone => [DeliveryStatus::Failed, DeliveryStatus::Cancelled].contains(status),
            _ => *status == DeliveryStatus::Failed,
        };
        assert!(kind.is_healthy() || statuses.iter().all(is_over), "{kind:?}: {statuses:?}");
    }
    let mut expected: HashSet<SocketAddr> =
        run.endpoints.iter().filter_map(|endpoint| Some(endpoint.receiver.as_ref()?.address)).collect();
    expected.extend([SocketAddr::from(([127, 0, 0, 1], 1)), SocketAddr::from((PUBLIC, 443))]);
    assert_eq!(*run.network.connected.lock().unwrap(), expected);
    assert_eq!(run.canary.count(), 0);
}

#[tokio::test]
async fn whatever_dies_and_gets_lost_whoever_can_be_told_is_told_and_nobody_else_is_asked() {
    for seed in 0..2 {
        let mut run = Run::new(seed).await;
        run.go().await;
        assert_eq!(run.events.len(), SHOPS.iter().map(|(events, _)| events).sum::<usize>());
        check(&run).await;
    }
}
