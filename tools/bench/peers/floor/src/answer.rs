//! Responses as a REST API takes them from a function.

use chrono::{DateTime, SecondsFormat, Utc};
use lambda_runtime::Error;
use serde::Serialize;

use crate::{
    access::{Rate, Refusal},
    dynamodb::Reply,
    page::{Call, Page},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GatewayResponse {
    status_code: u16,
    headers: Headers,
    body: String,
}

#[derive(Serialize)]
struct Headers {
    #[serde(rename = "Content-Type")]
    content_type: &'static str,
    #[serde(rename = "X-RateLimit-Limit")]
    limit: String,
    #[serde(rename = "X-RateLimit-Remaining")]
    remaining: String,
    #[serde(rename = "X-RateLimit-Reset")]
    reset: String,
}

#[derive(Serialize)]
struct ListBody<'a> {
    data: &'a [Call<'a>],
    has_more: bool,
    next_cursor: Option<String>,
    meta: Meta<'a>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: ErrorDetail,
    meta: Meta<'a>,
}

#[derive(Serialize)]
struct ErrorDetail {
    code: &'static str,
    message: &'static str,
    status: u16,
}

#[derive(Serialize)]
struct Meta<'a> {
    request_id: &'a str,
    timestamp: String,
}

impl GatewayResponse {
    /// The calls of a query's answer.
    pub(crate) fn page(
        reply: &Reply,
        limit: usize,
        rate: Rate,
        request_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        if !reply.status.is_success() {
            return Err(format!("Query: {}", reply.status).into());
        }
        let calls = serde_json::from_slice::<Page<'_>>(&reply.body)?.calls;
        let data = &calls[..calls.len().min(limit)];
        let next_cursor = match data.last() {
            Some(last) if calls.len() > limit => Some(last.cursor()?),
            _ => None,
        };
        let meta = Meta::new(request_id, now);
        let body = ListBody { data, has_more: next_cursor.is_some(), next_cursor, meta };
        let mut json = Vec::with_capacity(reply.body.len());
        serde_json::to_writer(&mut json, &body)?;
        Ok(Self { status_code: 200, headers: Headers::new(rate, now), body: String::from_utf8(json)? })
    }

    pub(crate) fn refusal(
        refusal: &Refusal,
        rate: Option<Rate>,
        request_id: &str,
        now: DateTime<Utc>,
    ) -> Self {
        let error = ErrorDetail::from(refusal);
        let status_code = error.status;
        let body = ErrorBody { error, meta: Meta::new(request_id, now) };
        // A struct of strings and a number always has a JSON form.
        let body = serde_json::to_string(&body).unwrap_or_default();
        let rate = rate.unwrap_or(Rate { limit: 60, count: 60 });
        Self { status_code, headers: Headers::new(rate, now), body }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status_code
    }
}

impl Headers {
    fn new(rate: Rate, now: DateTime<Utc>) -> Self {
        Self {
            content_type: "application/json",
            limit: rate.limit.to_string(),
            remaining: (rate.limit - rate.count).max(0).to_string(),
            reset: ((now.timestamp().div_euclid(60) + 1) * 60).to_string(),
        }
    }
}

impl<'a> Meta<'a> {
    fn new(request_id: &'a str, now: DateTime<Utc>) -> Self {
        Self { request_id, timestamp: now.to_rfc3339_opts(SecondsFormat::Millis, true) }
    }
}

impl From<&Refusal> for ErrorDetail {
    fn from(refusal: &Refusal) -> Self {
        let (status, code, message) = match refusal {
            Refusal::NoKey => (401, "unauthorized", "Missing API key."),
            Refusal::UnknownKey => (401, "unauthorized", "Unknown API key."),
            Refusal::RevokedKey => (401, "unauthorized", "This API key has been revoked."),
            Refusal::ExpiredKey => (401, "unauthorized", "This API key has expired."),
            Refusal::NoScope => (403, "forbidden", "This API key lacks the scope calls:read."),
            Refusal::BadLimit => (400, "bad_request", "limit must be a number from 1 to 100."),
            Refusal::RateLimited => (429, "rate_limited", "Too many requests with this API key."),
        };
        Self { code, message, status }
    }
}
