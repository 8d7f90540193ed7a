//! One `Query`, and the calls that it finds.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, SecondsFormat, Utc};
use lambda_http::Error;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(crate) struct Page {
    pub(crate) calls: Vec<Call>,
    pub(crate) next_cursor: Option<String>,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Call {
    id: String,
    caller_phone: Option<String>,
    caller_name: Option<String>,
    status: String,
    duration_seconds: Option<u64>,
    summary: Option<String>,
    transcript: Option<String>,
    recording_url: Option<String>,
    transfer_status: Option<String>,
    started_at: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    assistant_id: Option<String>,
    contact_id: Option<String>,
    created_at: DateTime<Utc>,
}

/// The newest calls: one more than asked for shows whether there are more.
pub(crate) async fn query(
    client: &Client,
    table_prefix: &str,
    organization: &str,
    limit: usize,
) -> Result<Page, Error> {
    let answer = client
        .query()
        .table_name(format!("{table_prefix}Calls"))
        .index_name("by_created")
        .key_condition_expression("organization_id = :organization")
        .expression_attribute_values(":organization", AttributeValue::S(organization.to_owned()))
        .scan_index_forward(false)
        .limit(i32::try_from(limit + 1)?)
        .send()
        .await?;
    let mut calls: Vec<Call> = serde_dynamo::from_items(answer.items.unwrap_or_default())?;
    let has_more = calls.len() > limit;
    calls.truncate(limit);
    let next_cursor = calls.last().filter(|_| has_more).map(Call::cursor);
    Ok(Page { calls, next_cursor })
}

impl Call {
    /// Where the page after this call begins.
    fn cursor(&self) -> String {
        let created_at = self.created_at.to_rfc3339_opts(SecondsFormat::Millis, true);
        URL_SAFE_NO_PAD.encode(json!({ "created_at": created_at, "id": self.id }).to_string())
    }
}
