//! The event sources of a stack, as Lambda has them: queues, tables' streams and schedules, each with its function.

use std::collections::BTreeMap;

use anyhow::Result;
use store::Store;
use tokio::task::JoinSet;

pub(crate) mod queue;
mod schedule;
mod stream;

pub use queue::MessageBatch;
pub use stream::{Follower, Streams};

use crate::{functions, handler::Handler, services::Services, stack::Stack};

/// The running event sources of a stack. Dropping this ends them.
pub struct EventSources {
    _tasks: JoinSet<()>,
}

impl EventSources {
    /// Starts the event sources of a stack, over the tables of `store`, which are those at `dynamodb`.
    ///
    /// # Errors
    /// When the stack feeds a function that is not built into this command, or one whose environment lacks
    /// something, or when a table has no stream.
    pub async fn start(stack: &Stack, store: &Store, services: &Services, dynamodb: &str) -> Result<Self> {
        let mut known = BTreeMap::<String, Handler>::new();
        let mut function = |binary: &str, by: &str| -> Result<Handler> {
            if let Some(known) = known.get(binary) {
                return Ok(known.clone());
            }
            let made = functions::handler(binary, by, stack, store, services)?;
            Ok(known.entry(binary.to_owned()).or_insert(made).clone())
        };
        let mut tasks = JoinSet::new();
        for source in &stack.sources {
            let function = function(&source.function, "a queue")?;
            for _ in 0..functions::batches_at_once(source)? {
                let queues = services.queues().clone();
                tasks.spawn(queue::feed(queues, source.clone(), function.clone()));
            }
        }
        let streams = Streams::local(dynamodb);
        for source in &stack.streams {
            let function = function(&source.function, "a stream")?;
            tasks.spawn(streams.follow(source, function).await?.run());
        }
        for schedule in &stack.schedules {
            let function = function(&schedule.function, "a schedule")?;
            tasks.spawn(schedule::follow(schedule.clone(), function));
        }
        Ok(Self { _tasks: tasks })
    }
}
