//! `dev`: runs the whole API on this machine.

mod banner;
mod ingest;
mod key;
mod replay;

use std::{
    io::{Write as _, stdout},
    net::TcpListener,
    time::Duration,
};

use anyhow::{Context as _, Result};
use axum::Router;
use conformance::is_loopback;
use domain::{DEFAULT_REQUESTS_PER_MINUTE, Organization, OrganizationId, Scope, Timestamp};
use local::{
    Engine, EventSources, LocalQueue, Services, Stack, TEMPLATE, demo, router,
    server::{self, Hosts, ListenAddress, guarded},
};
use serde_json::json;
use store::{KeyRequest, Store};
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing_subscriber::filter::Targets;

use crate::{
    Deployment,
    cli::DevOptions,
    explain::explain,
    import,
    interrupt::interrupted,
    output::{self, warn},
};
use banner::Banner;
use replay::Recording;

/// How long requests that are under way may take to end after Ctrl-C.
const LAST_REQUESTS: Duration = Duration::from_secs(2);
/// A recorded day in 24 minutes.
const USUAL_SPEED: f64 = 60.0;
const DEMO_CALLS: u32 = 200;
const DEMO_NAME: &str = "Demo Auto Shop";
const EMPTY_NAME: &str = "Local development";

/// Runs the API until Ctrl-C.
pub(crate) async fn run(options: DevOptions, deployment: Deployment) -> Result<()> {
    start_logging();
    if let Some(url) = deployment.endpoint_url.as_deref().filter(|url| !is_loopback(url)) {
        anyhow::bail!(
            "dev makes tables, demo data and a key, and so works on this machine only: {url} is another."
        );
    }
    let listens = ListenAddress::find(&options.listen, options.expose)?;
    let has_loopback_webhooks = has_loopback_webhooks(&options, &listens);
    let mut stack = stack(&options, &deployment.table_prefix)?;
    if has_loopback_webhooks {
        stack = stack.with_loopback_webhooks();
    }
    if options.requests_per_minute > DEFAULT_REQUESTS_PER_MINUTE {
        stack = stack.unthrottled();
    }
    // The port first: nothing is started that could not be reached.
    let listener = listens.bind(options.port, "--port")?;
    let engine = match deployment.endpoint_url {
        Some(_) => None,
        None => Some(Engine::start_at(&listens, options.dynamodb_port, options.data.as_deref())?),
    };
    let store = match &engine {
        Some(engine) => deployment.local(engine.endpoint_url.clone()),
        None => deployment.open().await,
    };
    let made = make(engine.as_ref(), &store, &options).await;
    let (organization, key) = made.map_err(|failure| match &engine {
        Some(engine) => engine.explain(failure),
        None => failure,
    })?;
    let recording = options.replay.map(|file| Recording::read(&file, organization)).transpose()?;

    runtime::quiet_panics();
    let url = listens.url(&listener)?;
    let dynamodb =
        engine.as_ref().map_or(deployment.endpoint_url, |engine| Some(engine.endpoint_url.clone()));
    let dynamodb = dynamodb.unwrap_or_default();
    let queue = LocalQueue::new(&stack, &Services::new(&stack, &url))?;
    let _feeding = EventSources::start(&stack, &store, queue.services(), &dynamodb).await?;
    let by_hand = guarded(ingest::router(&queue, organization), Hosts::Here, &listens);
    let api = guarded(router(&stack, &store, Some(output::note))?, Hosts::HereAndContainers, &listens);
    let router = by_hand.fallback_service(api);
    let text = if options.json {
        json!({
            "url": url, "dynamodb_endpoint": dynamodb, "organization_id": organization, "api_key": key,
            "queue_url": queue.queue_url(), "dead_letter_queue_url": queue.dead_letter_queue_url(),
            "events_bucket": queue.bucket(),
        })
        .to_string()
    } else {
        let is_empty = options.no_demo;
        Banner { url: &url, dynamodb: &dynamodb, organization, key: &key, is_empty, has_loopback_webhooks }
            .text()
    };
    // A program that reads this line may end the command at once.
    let interrupted = interrupted()?;
    writeln!(stdout(), "{text}")?;
    if let Some(recording) = recording {
        tokio::spawn(replay::run(recording, queue.clone(), options.speed.unwrap_or(USUAL_SPEED)));
    }
    serve(listener, router, &queue, interrupted).await
}

/// The tables, an organization to work with, and a key of it.
async fn make(
    engine: Option<&Engine>,
    store: &Store,
    options: &DevOptions,
) -> Result<(OrganizationId, String)> {
    store.create_tables().await.map_err(explain)?;
    let organization = match engine {
        Some(engine) => engine.bulk(organization(store, options.no_demo)).await?,
        None => organization(store, options.no_demo).await?,
    };
    let request = KeyRequest {
        organization,
        name: "inboundflow dev".to_owned(),
        scopes: Scope::ALL.into(),
        expires_at: None,
        requests_per_minute: options.requests_per_minute,
    };
    Ok((organization, key::key(store, &request, options.data.as_deref()).await?))
}

/// Whether webhooks may go to this machine. Whoever is on it reaches its ports anyway; others would reach them by webhooks.
fn has_loopback_webhooks(options: &DevOptions, listens: &ListenAddress) -> bool {
    !options.no_loopback_webhooks && (listens.is_loopback() || options.allow_loopback_webhooks)
}

/// Serves until it is interrupted, and then lets end what is under way.
async fn serve(
    listener: TcpListener,
    router: Router,
    queue: &LocalQueue,
    interrupted: impl Future<Output = i32>,
) -> Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = server::serve(listener, router, async { drop(stopped.await) });
    let patience = async {
        interrupted.await;
        let end = Instant::now() + LAST_REQUESTS;
        // The functions reach the queues through this server.
        let _ = timeout_at(end, queue.services().drained()).await;
        drop(stop);
        sleep_until(end).await;
    };
    tokio::select! { () = served => {}, () = patience => {} }
    queue.losses().iter().for_each(|loss| warn(loss));
    Ok(())
}

/// What `template.yaml` deploys, under the name that makes the tables' prefix.
fn stack(options: &DevOptions, table_prefix: &str) -> Result<Stack> {
    let name = table_prefix.strip_suffix('-').with_context(|| {
        format!("The stack's tables are called <stack name>-<table>: --table-prefix {table_prefix:?} has to end in a dash.")
    })?;
    match &options.template {
        Some(path) => std::fs::read_to_string(path)
            .map_err(anyhow::Error::from)
            .and_then(|text| Stack::read(&text, name))
            .with_context(|| format!("dev cannot be like {}", path.display())),
        None => Stack::read(TEMPLATE, name),
    }
}

/// The organization to work with, made and filled the first time.
async fn organization(store: &Store, empty: bool) -> Result<OrganizationId> {
    let name = if empty { EMPTY_NAME } else { DEMO_NAME };
    let known = store.organizations().await.map_err(explain)?;
    let mut known = known.into_iter().map(|known| known.organization);
    if let Some(known) = known.find(|known| known.organization_name == name) {
        return Ok(known.organization_id);
    }
    let mut organization = Organization {
        organization_id: OrganizationId::random(),
        organization_name: if empty { name.to_owned() } else { format!("{name} (unfinished)") },
        plan: "Starter Plan".to_owned(),
    };
    store.put_organization(&organization).await.map_err(explain)?;
    if !empty {
        let lines = demo::lines(DEMO_CALLS, 1, Timestamp::now(), Some(organization.organization_id));
        let lines = lines.map(|line| Ok(line.into_bytes()));
        let counts = import::write(store, lines, None, &import::Report::Quiet).await;
        anyhow::ensure!(counts.failed == 0, "{} demo records could not be written", counts.failed);
        // Only now: an organization that was filled half is not found again, and not used.
        organization.organization_name = name.to_owned();
        store.put_organization(&organization).await.map_err(explain)?;
    }
    Ok(organization.organization_id)
}

/// The local gateway shows each request itself; what failed inside must be seen too.
fn start_logging() {
    let ours = Targets::new().with_default(tracing::Level::ERROR).with_targets(
        ["api", "deliver", "fanout", "ingest", "local", "store", "inboundflow"]
            .map(|target| (target, tracing::Level::WARN)),
    );
    output::start_logging(ours);
}
