//! The tables' streams, read step by step.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use local::{Follower, Handler, StreamSource};
use serde_json::Value;

use crate::World;

/// How far each table's stream has been read.
pub struct Streams {
    streams: local::Streams,
    followers: HashMap<String, (Follower, Changes)>,
}

/// The changes that a follower has handed over.
type Changes = Arc<Mutex<Vec<Value>>>;

impl Streams {
    /// The streams of a world's tables, from their beginning.
    #[must_use]
    pub fn of(world: &World) -> Self {
        Self { streams: local::Streams::local(world.dynamodb()), followers: HashMap::new() }
    }

    /// The changes of a table since the last call of this method, in Lambda's form.
    ///
    /// # Panics
    /// When the table has no stream.
    pub async fn changes(&mut self, table: &str) -> Vec<Value> {
        if !self.followers.contains_key(table) {
            let follower = self.follow(table).await;
            self.followers.insert(table.to_owned(), follower);
        }
        let (follower, changes) = self.followers.get_mut(table).expect("just made");
        while follower.round().await.expect("an open stream") > 0 {}
        std::mem::take(&mut *changes.lock().expect("no panic while locked"))
    }

    async fn follow(&self, table: &str) -> (Follower, Changes) {
        let changes = Changes::default();
        let kept = changes.clone();
        let function = Handler::new(move |event: Value| {
            let records = event["Records"].as_array().cloned().unwrap_or_default();
            kept.lock().expect("no panic while locked").extend(records);
            async { Ok(Value::Null) }
        });
        let source = StreamSource { function: "test".to_owned(), table: table.to_owned(), batch_size: 1000 };
        (self.streams.follow(&source, function).await.expect("a stream"), changes)
    }
}
