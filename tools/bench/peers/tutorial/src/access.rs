//! One `UpdateItem` that authenticates a key and counts its request.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use chrono::{DateTime, SecondsFormat, Utc};
use lambda_http::Error;
use serde::Deserialize;

const SLOTS: i64 = 13;
const BASE: i64 = 1_000_000;
const SCOPE: &str = "calls:read";
const USABLE: &str = "attribute_exists(key_hash) AND attribute_not_exists(revoked_at) \
                      AND (attribute_not_exists(expires_at) OR expires_at > :now)";

/// The organization of a key, and the state of the key's minute.
pub(crate) struct Access {
    pub(crate) organization: String,
    pub(crate) rate: Rate,
    scopes: Vec<String>,
}

#[derive(Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) limit: i64,
    pub(crate) count: i64,
}

/// Why a request is not answered.
pub(crate) enum Refusal {
    NoKey,
    UnknownKey,
    RevokedKey,
    ExpiredKey,
    NoScope,
    BadLimit,
    RateLimited,
}

#[derive(Deserialize)]
struct Key {
    organization_id: String,
    scopes: Vec<String>,
    requests_per_minute: i64,
}

impl Access {
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        if self.rate.count > self.rate.limit {
            return Some(Refusal::RateLimited);
        }
        let may_read = self.scopes.iter().any(|scope| scope == SCOPE);
        (!may_read).then_some(Refusal::NoScope)
    }
}

/// Counts a request of a key.
pub(crate) async fn count(
    client: &Client,
    table_prefix: &str,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<Result<Access, Refusal>, Error> {
    let minute = now.timestamp().div_euclid(60);
    let slot = slot_name(minute);
    let stale: Vec<String> = (2..SLOTS - 1).map(|ahead| slot_name(minute + ahead)).collect();
    let now = now.to_rfc3339_opts(SecondsFormat::Millis, true);
    let answer = client
        .update_item()
        .table_name(format!("{table_prefix}ApiKeys"))
        .key("key_hash", AttributeValue::S(hash.to_owned()))
        .update_expression(format!(
            "SET {slot} = if_not_exists({slot}, :base) + :one, last_used_at = :now REMOVE {}",
            stale.join(", ")
        ))
        .condition_expression(USABLE)
        .expression_attribute_values(":base", AttributeValue::N((minute * BASE).to_string()))
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
        .expression_attribute_values(":now", AttributeValue::S(now))
        .return_values(ReturnValue::AllNew)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await;
    match answer.map_err(aws_sdk_dynamodb::Error::from) {
        Ok(answer) => read(answer.attributes.unwrap_or_default(), minute).map(Ok),
        Err(aws_sdk_dynamodb::Error::ConditionalCheckFailedException(failed)) => {
            Ok(Err(match failed.item() {
                None => Refusal::UnknownKey,
                Some(old) if old.contains_key("revoked_at") => Refusal::RevokedKey,
                Some(_) => Refusal::ExpiredKey,
            }))
        }
        Err(error) => Err(error.into()),
    }
}

fn read(item: HashMap<String, AttributeValue>, minute: i64) -> Result<Access, Error> {
    let counted = match item.get(&slot_name(minute)) {
        Some(AttributeValue::N(counted)) => counted.parse::<i64>()?,
        _ => return Err("the key's item lacks the slot that was counted".into()),
    };
    let key: Key = serde_dynamo::from_item(item)?;
    Ok(Access {
        organization: key.organization_id,
        rate: Rate { limit: key.requests_per_minute, count: counted - minute * BASE },
        scopes: key.scopes,
    })
}

fn slot_name(minute: i64) -> String {
    format!("m{}", minute.rem_euclid(SLOTS))
}
