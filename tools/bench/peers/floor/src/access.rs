//! One `UpdateItem` that authenticates a key and counts its request.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use lambda_runtime::Error;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::dynamodb::Reply;

const SLOTS: i64 = 13;
const BASE: i64 = 1_000_000;
const SCOPE: &str = "calls:read";
const USABLE: &str = "attribute_exists(key_hash) AND attribute_not_exists(revoked_at) \
                      AND (attribute_not_exists(expires_at) OR expires_at > :now)";

/// The organization of a key, and the state of the key's minute.
pub(crate) struct Access {
    pub(crate) organization: String,
    pub(crate) rate: Rate,
    may_read: bool,
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

type Item<'a> = HashMap<&'a str, &'a RawValue>;

#[derive(Deserialize)]
struct Updated<'a> {
    #[serde(rename = "Attributes", borrow)]
    key: Item<'a>,
}

#[derive(Deserialize)]
struct Failed<'a> {
    #[serde(rename = "__type")]
    kind: &'a str,
    #[serde(rename = "Item", borrow)]
    old: Option<Item<'a>>,
}

#[derive(Deserialize)]
enum Attribute<'a> {
    S(&'a str),
    N(&'a str),
    #[serde(borrow)]
    L(Vec<Attribute<'a>>),
}

impl Access {
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        if self.rate.count > self.rate.limit {
            return Some(Refusal::RateLimited);
        }
        (!self.may_read).then_some(Refusal::NoScope)
    }
}

/// The request's body.
pub(crate) fn request(table_prefix: &str, hash: &str, now: DateTime<Utc>) -> String {
    let minute = now.timestamp().div_euclid(60);
    let slot = slot_name(minute);
    let stale: Vec<String> = (2..SLOTS - 1).map(|ahead| slot_name(minute + ahead)).collect();
    format!(
        r#"{{"TableName":"{table_prefix}ApiKeys","Key":{{"key_hash":{{"S":"{hash}"}}}},"UpdateExpression":"SET {slot} = if_not_exists({slot}, :base) + :one, last_used_at = :now REMOVE {}","ConditionExpression":"{USABLE}","ExpressionAttributeValues":{{":base":{{"N":"{}"}},":one":{{"N":"1"}},":now":{{"S":"{}"}}}},"ReturnValues":"ALL_NEW","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}"#,
        stale.join(", "),
        minute * BASE,
        now.to_rfc3339_opts(SecondsFormat::Millis, true)
    )
}

/// What the answer says of the key.
pub(crate) fn read(reply: &Reply, now: DateTime<Utc>) -> Result<Result<Access, Refusal>, Error> {
    if !reply.status.is_success() {
        return refused(reply).map(Err);
    }
    let key = serde_json::from_slice::<Updated<'_>>(&reply.body)?.key;
    let minute = now.timestamp().div_euclid(60);
    Ok(Ok(Access {
        organization: text(&key, "organization_id")?.to_owned(),
        rate: Rate {
            limit: number(&key, "requests_per_minute")?,
            count: number(&key, &slot_name(minute))? - minute * BASE,
        },
        may_read: may_read(&key)?,
    }))
}

fn refused(reply: &Reply) -> Result<Refusal, Error> {
    let failed: Failed<'_> = serde_json::from_slice(&reply.body)?;
    if !failed.kind.ends_with("#ConditionalCheckFailedException") {
        return Err(format!("UpdateItem: {} {}", reply.status, failed.kind).into());
    }
    Ok(match failed.old {
        None => Refusal::UnknownKey,
        Some(old) if old.contains_key("revoked_at") => Refusal::RevokedKey,
        Some(_) => Refusal::ExpiredKey,
    })
}

fn slot_name(minute: i64) -> String {
    format!("m{}", minute.rem_euclid(SLOTS))
}

fn attribute<'a>(item: &Item<'a>, name: &str) -> Result<Attribute<'a>, Error> {
    let value = item.get(name).ok_or_else(|| format!("the key's item lacks {name}"))?;
    Ok(serde_json::from_str(value.get())?)
}

fn text<'a>(item: &Item<'a>, name: &str) -> Result<&'a str, Error> {
    match attribute(item, name)? {
        Attribute::S(text) => Ok(text),
        _ => Err(format!("{name} is no string").into()),
    }
}

fn number(item: &Item<'_>, name: &str) -> Result<i64, Error> {
    match attribute(item, name)? {
        Attribute::N(number) => Ok(number.parse()?),
        _ => Err(format!("{name} is no number").into()),
    }
}

fn may_read(item: &Item<'_>) -> Result<bool, Error> {
    match attribute(item, "scopes")? {
        Attribute::L(scopes) => Ok(scopes.iter().any(|scope| matches!(scope, Attribute::S(SCOPE)))),
        _ => Err("scopes is no list".into()),
    }
}
