//! The functions that the local gateway runs, each as the stack sets it up.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context as _, Result};
use axum::Router;
use identify::Identify;
use ingest::{Ingest, Parking};
use serde_json::Value;
use store::{DEFAULT_TABLE_PREFIX, Store, TABLE_PREFIX_VARIABLE};

use super::{
    local::LocalQueue,
    stack::{Environment, Stack},
};

/// The function of the events' queue.
pub(super) const INGEST: &str = "ingest";

/// The routes of the function with this binary, if there is such a function.
#[must_use]
pub fn routes(binary: &str) -> Option<Router<api::App>> {
    Some(match binary {
        "calls" => calls::routes(),
        "contacts" => contacts::routes(),
        "leads" => leads::routes(),
        "appointments" => appointments::routes(),
        "me" => me::routes(),
        "fallback" => fallback::routes(),
        _ => return None,
    })
}

/// The functions that answer the stack's routes, by their binaries.
pub(super) fn answering(stack: &Stack, store: &Store) -> Result<BTreeMap<String, Arc<api::Function>>> {
    let mut functions = BTreeMap::new();
    for route in &stack.routes {
        let binary = &route.function;
        let routes = routes(binary).with_context(|| {
            format!(
                "there is a function {binary}, which tools/inboundflow/src/dev/functions.rs does not know"
            )
        })?;
        let store = tables(stack, binary, store);
        functions.insert(binary.clone(), Arc::new(api::Function::new(store, routes)));
    }
    Ok(functions)
}

/// The tables that the environment of this function names.
fn tables(stack: &Stack, binary: &str, store: &Store) -> Store {
    let prefix = stack.functions.get(binary).and_then(|variables| variables.get(TABLE_PREFIX_VARIABLE));
    store.with_table_prefix(prefix.map_or(DEFAULT_TABLE_PREFIX, String::as_str))
}

/// The function that the events' queue feeds, with the clients and the queues' URLs of `queue`.
pub(super) fn ingest(stack: &Stack, store: &Store, queue: &LocalQueue) -> Result<Ingest> {
    let variables = stack.functions.get(INGEST).with_context(|| format!("there is no function {INGEST}"))?;
    let read = |name: &str| {
        variables.get(name).with_context(|| format!("the environment of {INGEST} has no {name}"))
    };
    // A queue's `Ref` is its URL.
    let parking = stack.queues.get(read("DEAD_LETTER_QUEUE_URL")?);
    let parking = parking.with_context(|| format!("{INGEST}'s DEAD_LETTER_QUEUE_URL is no queue"))?;
    let max_receives = read("MAX_RECEIVES")?.parse().context("MAX_RECEIVES is no number")?;
    let parking = Parking::new(queue.sqs(), &queue.url_of(&parking.name), max_receives);
    Ok(Ingest::new(tables(stack, INGEST, store), queue.s3(), parking))
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

    /// Its answer to an event, in JSON both, as between the gateway and Lambda.
    pub(super) fn answer(&self, event: Value) -> Result<Value> {
        let request = serde_json::from_value(event).context("the authorizer does not take this event")?;
        Ok(serde_json::to_value(self.0.answer(&request, domain::Timestamp::now()))?)
    }
}
