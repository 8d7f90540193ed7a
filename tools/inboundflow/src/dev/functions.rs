//! The functions that the local gateway runs, each as the stack sets it up.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context as _, Result};
use axum::Router;
use identify::Identify;
use serde_json::Value;
use store::{DEFAULT_TABLE_PREFIX, Store, TABLE_PREFIX_VARIABLE};

use super::stack::{Environment, Stack};

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
        let prefix = stack.functions.get(binary).and_then(|variables| variables.get(TABLE_PREFIX_VARIABLE));
        let store = store.with_table_prefix(prefix.map_or(DEFAULT_TABLE_PREFIX, String::as_str));
        functions.insert(binary.clone(), Arc::new(api::Function::new(store, routes)));
    }
    Ok(functions)
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
