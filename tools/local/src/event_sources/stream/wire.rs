//! DynamoDB's streams in JSON: Lambda hands changes to functions in that form, for which the SDK has no types.

use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The header of a signature, which DynamoDB Local wants to see though it checks none.
const UNCHECKED: &str = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
                         SignedHeaders=host;x-amz-date, Signature=none";

/// The endpoint of a DynamoDB that checks no credentials.
#[derive(Clone)]
pub(crate) struct Wire {
    http: reqwest::Client,
    endpoint_url: String,
}

/// A shard, and the one that it continues.
#[derive(Deserialize)]
pub(super) struct Shard {
    #[serde(rename = "ShardId")]
    pub(super) id: String,
    #[serde(rename = "ParentShardId")]
    pub(super) parent: Option<String>,
}

/// One change of an item.
pub(super) struct Change {
    /// The place of the change in the shard.
    pub(super) sequence_number: String,
    /// The record that the function gets.
    pub(super) record: Value,
}

impl Wire {
    pub(super) fn new(endpoint_url: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap_or_default();
        Self { http, endpoint_url: endpoint_url.to_owned() }
    }

    /// Calls an operation of DynamoDB's streams.
    pub(super) async fn streams(&self, operation: &str, input: &Value) -> Result<Value> {
        self.call(&format!("DynamoDBStreams_20120810.{operation}"), input).await
    }

    /// Calls an operation by its target.
    pub(super) async fn call(&self, target: &str, input: &Value) -> Result<Value> {
        let request =
            self.http.post(&self.endpoint_url).header("x-amz-target", target).body(input.to_string());
        let request = request.header("content-type", "application/x-amz-json-1.0");
        let request = request.header("x-amz-date", "20260101T000000Z").header("authorization", UNCHECKED);
        let response = request.send().await?;
        let (status, text) = (response.status(), response.text().await?);
        ensure!(status.is_success(), "{target}: {text}");
        Ok(serde_json::from_str(&text)?)
    }
}

/// A record of the stream `arn` as a change; nothing where it does not say which one it is.
pub(super) fn change(mut record: Value, arn: &str) -> Option<Change> {
    let sequence_number = record["dynamodb"]["SequenceNumber"].as_str()?.to_owned();
    record["eventSourceARN"] = arn.into();
    if let Some(seconds) = record["dynamodb"]["ApproximateCreationDateTime"].as_f64() {
        record["dynamodb"]["ApproximateCreationDateTime"] = (seconds as i64).into();
    }
    // The streams write the names of the identity in capitals, and Lambda does not.
    if let Some(identity) = record["userIdentity"].as_object() {
        let lower = |name: &str| name[..1].to_lowercase() + &name[1..];
        let identity = identity.iter().map(|(name, value)| (lower(name), value.clone()));
        record["userIdentity"] = identity.collect::<Map<_, _>>().into();
    }
    Some(Change { sequence_number, record })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_has_lambdas_form_and_a_record_without_a_place_is_none() {
        let mut record = json!({
            "eventName": "REMOVE", "userIdentity": {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"},
            "dynamodb": {"SequenceNumber": "100000000000000000001", "ApproximateCreationDateTime": 1_772_000_000.5},
        });
        let change_of = |record: &Value| change(record.clone(), "arn:stream");
        let expected = json!({
            "eventName": "REMOVE", "userIdentity": {"principalId": "dynamodb.amazonaws.com", "type": "Service"},
            "dynamodb": {"SequenceNumber": "100000000000000000001", "ApproximateCreationDateTime": 1_772_000_000},
            "eventSourceARN": "arn:stream",
        });
        let made = change_of(&record).expect("a change");
        assert_eq!((made.sequence_number.as_str(), made.record), ("100000000000000000001", expected));
        record["dynamodb"] = Value::Null;
        assert!(change_of(&record).is_none());
    }
}
