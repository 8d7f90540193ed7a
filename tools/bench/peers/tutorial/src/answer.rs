//! Answers: a page or an error, in the API's envelope.

use chrono::{DateTime, SecondsFormat, Utc};
use lambda_http::{Body, Error, Response};
use serde::Serialize;

use crate::{
    access::{Rate, Refusal},
    page::{Call, Page},
};

/// Answers one request.
#[derive(Clone, Copy)]
pub(crate) struct Responder<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) now: DateTime<Utc>,
}

#[derive(Serialize)]
struct ListBody<'a> {
    data: Vec<Call>,
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

impl<'a> Responder<'a> {
    pub(crate) fn page(self, page: Page, rate: Rate) -> Result<Response<Body>, Error> {
        let Page { calls: data, next_cursor } = page;
        let body = ListBody { data, has_more: next_cursor.is_some(), next_cursor, meta: self.meta() };
        self.json(200, &body, rate)
    }

    pub(crate) fn refusal(self, refusal: &Refusal, rate: Option<Rate>) -> Result<Response<Body>, Error> {
        let error = ErrorDetail::from(refusal);
        let status = error.status;
        let rate = rate.unwrap_or(Rate { limit: 60, count: 60 });
        self.json(status, &ErrorBody { error, meta: self.meta() }, rate)
    }

    fn json(self, status: u16, body: &impl Serialize, rate: Rate) -> Result<Response<Body>, Error> {
        let response = Response::builder()
            .status(status)
            .header("Content-Type", "application/json")
            .header("X-RateLimit-Limit", rate.limit)
            .header("X-RateLimit-Remaining", (rate.limit - rate.count).max(0))
            .header("X-RateLimit-Reset", (self.now.timestamp().div_euclid(60) + 1) * 60);
        Ok(response.body(serde_json::to_string(body)?.into())?)
    }

    fn meta(self) -> Meta<'a> {
        let timestamp = self.now.to_rfc3339_opts(SecondsFormat::Millis, true);
        Meta { request_id: self.request_id, timestamp }
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
