//! The functions of a stack, each set up from its environment in the template.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use deliver::{Deliver, DeliveryQueue, Outbound};
use domain::webhooks::UrlPolicy;
use fanout::Fanout;
use identify::Identify;
use ingest::{DeadLetters, Ingest};
use serde_json::Value;
use store::{DEFAULT_TABLE_PREFIX, Store, TABLE_PREFIX_VARIABLE};

use crate::{
    handler::Handler,
    services::Services,
    sources::QueueSource,
    stack::{Environment, Stack},
};

/// The function of the events' queue.
pub(super) const INGEST: &str = "ingest";
const FANOUT: &str = "fanout";
const DELIVER: &str = "deliver";

/// The routes of the function with this binary and in this environment, if there is such a function.
///
/// # Errors
/// When the function would not start in this environment.
pub fn routes(binary: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Router<api::App>>> {
    Ok(Some(match binary {
        "calls" => calls::routes(),
        "contacts" => contacts::routes(),
        "leads" => leads::routes(),
        "appointments" => appointments::routes(),
        "me" => me::routes(),
        "webhooks" => webhooks::routes(UrlPolicy::from_variables(variable).map_err(anyhow::Error::msg)?),
        "events" => events::routes(),
        "docs" => docs::routes(),
        "fallback" => fallback::routes(),
        _ => return Ok(None),
    }))
}

/// The functions that answer the stack's routes, by their binaries.
pub(super) fn answering(
    stack: &Stack,
    store: &Store,
) -> Result<BTreeMap<String, (Arc<api::Function>, Duration)>> {
    let mut functions = BTreeMap::new();
    for route in &stack.routes {
        let binary = &route.function;
        let variable = |name: &str| stack.functions.get(binary)?.get(name).cloned();
        let routes = routes(binary, variable)?.with_context(|| {
            format!("there is a function {binary}, which tools/local/src/functions.rs does not know")
        })?;
        let store = tables(stack, binary, store);
        let timeout = *stack.timeouts.get(binary).with_context(|| format!("{binary} has no Timeout"))?;
        functions.insert(binary.clone(), (Arc::new(api::Function::new(store, routes)), timeout));
    }
    Ok(functions)
}

/// The tables that the environment of this function names.
fn tables(stack: &Stack, binary: &str, store: &Store) -> Store {
    let prefix = stack.functions.get(binary).and_then(|variables| variables.get(TABLE_PREFIX_VARIABLE));
    store.with_table_prefix(prefix.map_or(DEFAULT_TABLE_PREFIX, String::as_str))
}

/// A function that queues, streams or schedules feed.
struct EventFunction {
    binary: &'static str,
    /// The most batches of a queue that the function handles at once on one machine.
    batches_at_once: usize,
    handler: fn(&Stack, &Store, &Services) -> Result<Handler>,
}

const EVENT_FUNCTIONS: &[EventFunction] = &[
    EventFunction {
        binary: INGEST,
        // Events of one organization get in each other's way.
        batches_at_once: 5,
        handler: |stack, store, services| ingest(stack, store, services).map(ingest_handler),
    },
    EventFunction { binary: FANOUT, batches_at_once: 1, handler: fanout },
    // It mostly waits, for receivers.
    EventFunction { binary: DELIVER, batches_at_once: 20, handler: deliver },
];

fn event_function(binary: &str, by: &str) -> Result<&'static EventFunction> {
    let known = EVENT_FUNCTIONS.iter().find(|fed| fed.binary == binary);
    known.with_context(|| format!("{by} feeds {binary}, which tools/local/src/functions.rs does not know"))
}

/// The function with this binary, which `by` (a queue, a stream, a schedule) feeds.
pub(super) fn handler(
    binary: &str,
    by: &str,
    stack: &Stack,
    store: &Store,
    services: &Services,
) -> Result<Handler> {
    (event_function(binary, by)?.handler)(stack, store, services)
}

/// How many batches of this queue are under way at once.
pub(super) fn batches_at_once(source: &QueueSource) -> Result<usize> {
    Ok(source.batches_at_once.min(event_function(&source.function, "a queue")?.batches_at_once))
}

/// The environment of a function, with the queues' URLs: a queue's `Ref` is its URL.
fn environment<'a>(
    stack: &'a Stack,
    binary: &'a str,
    services: &Services,
) -> Result<impl Fn(&str) -> Result<String> + 'a> {
    let variables = stack.functions.get(binary).with_context(|| format!("there is no function {binary}"))?;
    let urls: BTreeMap<String, String> =
        stack.queues.iter().map(|(name, queue)| (name.clone(), services.queue_url(&queue.name))).collect();
    Ok(move |name: &str| {
        let value = variables.get(name);
        let value = value.with_context(|| format!("the environment of {binary} has no {name}"))?;
        Ok(urls.get(value).unwrap_or(value).clone())
    })
}

/// The function of the events' queue.
pub(super) fn ingest(stack: &Stack, store: &Store, services: &Services) -> Result<Ingest> {
    let read = environment(stack, INGEST, services)?;
    let dead_letters = read("DEAD_LETTER_QUEUE_URL")?;
    ensure!(services.is_queue(&dead_letters), "{INGEST}'s DEAD_LETTER_QUEUE_URL is no queue");
    let max_receives = read("MAX_RECEIVES")?.parse().context("MAX_RECEIVES is no number")?;
    let dead_letters = DeadLetters::new(services.sqs(), &dead_letters);
    Ok(Ingest::new(tables(stack, INGEST, store), services.objects(), dead_letters, max_receives))
}

pub(super) fn ingest_handler(ingest: Ingest) -> Handler {
    Handler::new(move |batch| {
        let ingest = ingest.clone();
        async move { Ok(ingest.handle(batch).await) }
    })
}

/// The function of the tables' streams.
fn fanout(stack: &Stack, store: &Store, services: &Services) -> Result<Handler> {
    let read = environment(stack, FANOUT, services)?;
    let queues = fanout::Queues {
        deliveries: read("DELIVERIES_QUEUE_URL")?,
        slow_deliveries: read("SLOW_DELIVERIES_QUEUE_URL")?,
        dead_letters: read("FANOUT_DEAD_LETTER_QUEUE_URL")?,
    };
    let fanout = Fanout::new(tables(stack, FANOUT, store), services.sqs(), queues);
    Ok(Handler::new(move |event| {
        let fanout = fanout.clone();
        async move { fanout.handle(event).await.map_err(anyhow::Error::from_boxed) }
    }))
}

/// The function of the deliveries' queues.
fn deliver(stack: &Stack, store: &Store, services: &Services) -> Result<Handler> {
    let read = environment(stack, DELIVER, services)?;
    let policy = UrlPolicy::from_variables(|name| read(name).ok()).map_err(anyhow::Error::msg)?;
    let outbound = Outbound::new(policy).map_err(anyhow::Error::msg)?;
    let slow = DeliveryQueue::new(services.sqs(), &read("SLOW_DELIVERIES_QUEUE_URL")?);
    let deliver = Deliver::new(tables(stack, DELIVER, store), outbound, slow);
    Ok(Handler::new(move |batch| {
        let deliver = deliver.clone();
        async move { Ok(deliver.handle(batch).await) }
    }))
}

/// The stack's authorizer.
pub(super) struct Authorizer(Identify);

impl Authorizer {
    pub(super) fn new(stack: &Stack) -> Result<Self> {
        let variables = stack.functions.get(&stack.authorizer);
        let read = |variables: &Environment, name: &str| variables.get(name).cloned();
        let identify = Identify::new(|name| variables.and_then(|variables| read(variables, name)));
        Ok(Self(
            identify.map_err(|error| anyhow::anyhow!("the environment of {}: {error}", stack.authorizer))?,
        ))
    }

    /// The response of the authorizer to an event, both in JSON.
    pub(super) fn answer(&self, event: Value) -> Result<Value> {
        let request = serde_json::from_value(event).context("the authorizer does not take this event")?;
        Ok(serde_json::to_value(self.0.answer(&request, domain::Timestamp::now()))?)
    }
}
