//! The tables' streams, read as Lambda reads them, step by step.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::World;

/// How far each table's stream has been read.
pub struct Streams {
    http: reqwest::Client,
    tables: aws_sdk_dynamodb::Client,
    dynamodb: String,
    positions: HashMap<String, (String, String)>,
}

impl Streams {
    /// The streams of a world's tables, from their beginning.
    #[must_use]
    pub fn of(world: &World) -> Self {
        Self {
            http: reqwest::Client::new(),
            tables: world.raw_dynamodb(),
            dynamodb: world.dynamodb().to_owned(),
            positions: HashMap::new(),
        }
    }

    /// What was written to a table since the last time that this was asked, in Lambda's form.
    ///
    /// # Panics
    /// When the table has no stream.
    pub async fn changes(&mut self, table: &str) -> Vec<Value> {
        let (stream, mut iterator) = match self.positions.remove(table) {
            Some(position) => position,
            None => self.begin(table).await,
        };
        let mut changes = Vec::new();
        loop {
            let page = self.ask("GetRecords", &json!({"ShardIterator": iterator, "Limit": 1000})).await;
            iterator = page["NextShardIterator"].as_str().expect("an open shard").to_owned();
            let records = page["Records"].as_array().expect("records");
            changes.extend(records.iter().cloned());
            if records.is_empty() {
                break;
            }
        }
        for change in &mut changes {
            change["eventSourceARN"] = stream.clone().into();
        }
        self.positions.insert(table.to_owned(), (stream, iterator));
        changes
    }

    async fn begin(&self, table: &str) -> (String, String) {
        let described = self.tables.describe_table().table_name(table).send().await.expect("a table");
        let stream = described.table.and_then(|table| table.latest_stream_arn).expect("a stream");
        let described = self.ask("DescribeStream", &json!({"StreamArn": stream})).await;
        let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
        let from_the_start =
            json!({"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
        let iterator = self.ask("GetShardIterator", &from_the_start).await;
        (stream, iterator["ShardIterator"].as_str().expect("an iterator").to_owned())
    }

    /// In JSON on either side, since that is what Lambda hands over: the SDK has no form of its own for it.
    async fn ask(&self, operation: &str, input: &Value) -> Value {
        let asked = self
            .http
            .post(&self.dynamodb)
            .header("x-amz-target", format!("DynamoDBStreams_20120810.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-date", "20260224T210000Z")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=test/20260224/us-east-1/dynamodb/aws4_request, \
                 SignedHeaders=host;x-amz-date, Signature=none",
            )
            .body(input.to_string());
        let answer = asked.send().await.expect("an engine").text().await.expect("UTF-8");
        serde_json::from_str(&answer).expect("JSON")
    }
}
