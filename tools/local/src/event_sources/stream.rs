//! A table's stream as an event source: each change is handed to the function in order, until the function has taken it.

mod batch;
mod wire;

use std::collections::HashSet;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tokio::time::{Duration, sleep};

use crate::{handler::Handler, sources::StreamSource};
use wire::{Shard, Wire, change};

/// How long a reader waits where nothing has changed.
const IDLE: Duration = Duration::from_millis(200);
/// How long a reader waits after a failure, at first.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// The streams of a DynamoDB that checks no credentials.
pub struct Streams(Wire);

/// A reader of a stream for a function. It alone knows how far the function has come: another reader begins at the stream's
/// beginning.
pub struct Follower {
    wire: Wire,
    arn: String,
    source: StreamSource,
    function: Handler,
    open: Vec<Position>,
    /// The shards that have been read to their end.
    finished: HashSet<String>,
    /// Whether there may be shards that are not open yet.
    look_again: bool,
}

struct Position {
    shard: String,
    iterator: Option<String>,
    /// The last change that the function has taken.
    taken: Option<String>,
}

impl Streams {
    /// The streams of the DynamoDB at this endpoint.
    #[must_use]
    pub fn local(endpoint_url: &str) -> Self {
        Self(Wire::new(endpoint_url))
    }

    /// A reader that hands a table's changes to a function, from the oldest that the stream still has.
    ///
    /// # Errors
    /// When the table has no stream.
    pub async fn follow(&self, source: &StreamSource, function: Handler) -> Result<Follower> {
        let table = &source.table;
        let described = self.0.call("DynamoDB_20120810.DescribeTable", &json!({"TableName": table})).await;
        let described = described.with_context(|| format!("cannot look at the table {table}"))?;
        let arn = described["Table"]["LatestStreamArn"].as_str().with_context(|| {
            format!(
                "The table {table} has no stream, and {} lives on it: an earlier version has made the table. \
                 Use another DynamoDB, or another --data.",
                source.function
            )
        })?;
        Ok(Follower {
            wire: self.0.clone(),
            arn: arn.to_owned(),
            source: source.clone(),
            function,
            open: Vec::new(),
            finished: HashSet::new(),
            look_again: true,
        })
    }
}

impl Follower {
    /// Hands over changes for ever.
    pub async fn run(mut self) {
        let mut is_failing = false;
        loop {
            let read = self.round().await;
            let pause = match &read {
                Ok(0) => IDLE,
                Ok(_) => Duration::ZERO,
                Err(_) => RETRY_AFTER,
            };
            if let Err(error) = &read
                && !is_failing
            {
                let table = &self.source.table;
                tracing::error!(error = format!("{error:#}"), table, "stream_unreadable");
            }
            is_failing = read.is_err();
            self.look_again |= is_failing;
            sleep(pause).await;
        }
    }

    /// Reads each open shard once; returns how many changes there were.
    ///
    /// # Errors
    /// When the stream cannot be read.
    pub async fn round(&mut self) -> Result<usize> {
        if self.look_again || self.open.is_empty() {
            self.look().await?;
        }
        let mut changes = 0;
        for at in 0..self.open.len() {
            changes += self.advance(at).await?;
        }
        let closed = self.open.extract_if(.., |position| position.iterator.is_none());
        let before = self.finished.len();
        self.finished.extend(closed.map(|position| position.shard));
        self.look_again = self.finished.len() > before;
        Ok(changes)
    }

    /// Opens the shards that are there by now, each after the one that it continues.
    async fn look(&mut self) -> Result<()> {
        let shards = self.shards().await?;
        let ids: HashSet<&str> = shards.iter().map(|shard| shard.id.as_str()).collect();
        self.open.retain(|position| ids.contains(position.shard.as_str()));
        for shard in &shards {
            let id = &shard.id;
            let is_known = self.finished.contains(id) || self.open.iter().any(|known| known.shard == *id);
            let parent = shard.parent.as_deref().filter(|parent| ids.contains(parent));
            if !is_known && parent.is_none_or(|parent| self.finished.contains(parent)) {
                self.open.push(Position { shard: id.clone(), iterator: None, taken: None });
            }
        }
        Ok(())
    }

    async fn shards(&self) -> Result<Vec<Shard>> {
        let (mut shards, mut input) = (Vec::new(), json!({"StreamArn": self.arn}));
        loop {
            let page = self.wire.streams("DescribeStream", &input).await?;
            let stream = &page["StreamDescription"];
            shards.extend(serde_json::from_value::<Vec<Shard>>(stream["Shards"].clone())?);
            match &stream["LastEvaluatedShardId"] {
                Value::Null => return Ok(shards),
                last => input["ExclusiveStartShardId"] = last.clone(),
            }
        }
    }

    /// Hands over what comes next in a shard.
    async fn advance(&mut self, at: usize) -> Result<usize> {
        let position = &mut self.open[at];
        // Whatever fails from here on, the next round begins after what was taken.
        let iterator = match position.iterator.take() {
            Some(iterator) => iterator,
            None => iterator(&self.wire, &self.arn, position).await?,
        };
        let input = json!({"ShardIterator": iterator, "Limit": self.source.batch_size});
        let page = self.wire.streams("GetRecords", &input).await?;
        let records = page["Records"].as_array().cloned().unwrap_or_default().into_iter();
        let changes: Vec<_> = records.filter_map(|record| change(record, &self.arn)).collect();
        batch::hand_over(&self.function, &self.source.function, &changes, RETRY_AFTER).await;
        if let Some(last) = changes.last() {
            position.taken = Some(last.sequence_number.clone());
        }
        position.iterator = page["NextShardIterator"].as_str().map(str::to_owned);
        Ok(changes.len())
    }
}

async fn iterator(wire: &Wire, arn: &str, position: &mut Position) -> Result<String> {
    let mut input = json!({"StreamArn": arn, "ShardId": position.shard});
    match &position.taken {
        Some(taken) => {
            input["ShardIteratorType"] = "AFTER_SEQUENCE_NUMBER".into();
            input["SequenceNumber"] = taken.as_str().into();
        }
        None => input["ShardIteratorType"] = "TRIM_HORIZON".into(),
    }
    let given = wire.streams("GetShardIterator", &input).await.inspect_err(|error| {
        if error.to_string().contains("TrimmedDataAccessException") {
            position.taken = None;
        }
    })?;
    given["ShardIterator"].as_str().map(str::to_owned).context("GetShardIterator gave none")
}
