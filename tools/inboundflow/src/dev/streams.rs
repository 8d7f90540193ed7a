//! The tables' streams: each change goes to the function that it feeds, in order, until that has taken it.

mod batch;
mod event;

use std::{collections::HashSet, time::Duration};

use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::error::DisplayErrorContext;
use aws_sdk_dynamodbstreams::{
    config::{BehaviorVersion, Credentials, Region},
    types::{Shard, ShardIteratorType},
};
use dynamodb::aws::http_client;
use tokio::time::sleep;

use super::{handler::Handler, sources::StreamSource};

/// How long to wait where nothing has changed.
const IDLE: Duration = Duration::from_millis(200);
/// How long to wait after a failure, at first.
const RETRY_AFTER: Duration = Duration::from_millis(250);

/// The streams of a DynamoDB that checks no credentials.
pub struct Streams {
    tables: aws_sdk_dynamodb::Client,
    streams: aws_sdk_dynamodbstreams::Client,
}

/// A stream, and where in it the function is. Nobody else remembers that: whoever follows it anew begins at
/// its beginning.
struct Follower {
    client: aws_sdk_dynamodbstreams::Client,
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
        let credentials = || Credentials::new("local", "local", None, None, "local");
        let tables = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http_client())
            .region(Region::new("us-east-1"))
            .credentials_provider(credentials())
            .endpoint_url(endpoint_url);
        let streams = aws_sdk_dynamodbstreams::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http_client())
            .region(Region::new("us-east-1"))
            .credentials_provider(credentials())
            .endpoint_url(endpoint_url);
        Self {
            tables: aws_sdk_dynamodb::Client::from_conf(tables.build()),
            streams: aws_sdk_dynamodbstreams::Client::from_conf(streams.build()),
        }
    }

    /// Hands a table's changes to a function for ever, from the oldest that the stream still has.
    ///
    /// # Errors
    /// When the table has no stream.
    pub async fn follow(
        &self,
        source: &StreamSource,
        function: Handler,
    ) -> Result<impl Future<Output = ()> + Send + 'static> {
        let table = &source.table;
        let described = self.tables.describe_table().table_name(table).send().await;
        let described = described
            .map_err(|error| anyhow::anyhow!("{}", DisplayErrorContext(error)))
            .with_context(|| format!("cannot look at the table {table}"))?;
        let arn = described.table.and_then(|table| table.latest_stream_arn).with_context(|| {
            format!(
                "The table {table} has no stream, and {} lives on it: an earlier version has made the table. \
                 Use another DynamoDB, or another --data.",
                source.function
            )
        })?;
        let follower = Follower {
            client: self.streams.clone(),
            arn,
            source: source.clone(),
            function,
            open: Vec::new(),
            finished: HashSet::new(),
            look_again: true,
        };
        Ok(follower.run())
    }
}

impl Follower {
    async fn run(mut self) {
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
                tracing::error!(error = format!("{error:#}"), table, "the table's stream cannot be read");
            }
            is_failing = read.is_err();
            self.look_again |= is_failing;
            sleep(pause).await;
        }
    }

    /// Reads each open shard once; returns how many changes there were.
    async fn round(&mut self) -> Result<usize> {
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
        let ids: HashSet<&str> = shards.iter().filter_map(Shard::shard_id).collect();
        self.open.retain(|position| ids.contains(position.shard.as_str()));
        for shard in &shards {
            let Some(id) = shard.shard_id() else { continue };
            let is_known = self.finished.contains(id) || self.open.iter().any(|known| known.shard == id);
            let parent = shard.parent_shard_id().filter(|parent| ids.contains(parent));
            if !is_known && parent.is_none_or(|parent| self.finished.contains(parent)) {
                self.open.push(Position { shard: id.to_owned(), iterator: None, taken: None });
            }
        }
        Ok(())
    }

    async fn shards(&self) -> Result<Vec<Shard>> {
        let (mut shards, mut last) = (Vec::new(), None);
        loop {
            let page = self.client.describe_stream().stream_arn(&self.arn);
            let page = page.set_exclusive_start_shard_id(last).send().await.map_err(explain)?;
            let page = page.stream_description.context("DescribeStream described nothing")?;
            shards.extend(page.shards.unwrap_or_default());
            last = page.last_evaluated_shard_id;
            if last.is_none() {
                return Ok(shards);
            }
        }
    }

    /// Hands over what comes next in a shard.
    async fn advance(&mut self, at: usize) -> Result<usize> {
        let position = &mut self.open[at];
        // Whatever fails from here on, the next round begins after what was taken.
        let iterator = match position.iterator.take() {
            Some(iterator) => iterator,
            None => iterator(&self.client, &self.arn, position).await?,
        };
        let most = i32::try_from(self.source.batch_size)?;
        let page = self.client.get_records().shard_iterator(iterator).limit(most).send().await;
        let page = page.map_err(explain)?;
        let changes = page.records.unwrap_or_default().into_iter();
        let changes: Vec<_> = changes.filter_map(|record| event::change(record, &self.arn)).collect();
        batch::hand_over(&self.function, &self.source.function, &changes, RETRY_AFTER).await;
        if let Some(last) = changes.last() {
            position.taken = Some(last.sequence_number.clone());
        }
        position.iterator = page.next_shard_iterator;
        Ok(changes.len())
    }
}

async fn iterator(
    client: &aws_sdk_dynamodbstreams::Client,
    arn: &str,
    position: &mut Position,
) -> Result<String> {
    let kind = match position.taken {
        Some(_) => ShardIteratorType::AfterSequenceNumber,
        None => ShardIteratorType::TrimHorizon,
    };
    let asked = client.get_shard_iterator().stream_arn(arn).shard_id(&position.shard);
    let asked = asked.shard_iterator_type(kind).set_sequence_number(position.taken.clone()).send().await;
    let given = asked.map_err(|error| {
        if error.as_service_error().is_some_and(|error| error.is_trimmed_data_access_exception()) {
            position.taken = None;
        }
        explain(error)
    });
    given?.shard_iterator.context("GetShardIterator gave none")
}

fn explain<E: std::error::Error + Send + Sync + 'static>(error: E) -> anyhow::Error {
    anyhow::anyhow!("{}", DisplayErrorContext(error))
}
