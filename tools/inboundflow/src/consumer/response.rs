//! A response to a command, and the errors for one that is an error or is not the API's.

use std::{ops::Deref, time::Duration};

use anyhow::{Result, anyhow};
use conformance::Response;
use domain::WINDOW_SECONDS;
use reqwest::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use serde_json::Value;

use super::origin::Origin;
use crate::print::Record;

/// A response, and the request that it is to.
pub(crate) struct ApiResponse {
    /// The method and path that were asked.
    pub(super) asked: String,
    pub(super) response: Response,
    /// Whether an earlier request, which nobody answered or a failure did, may have been carried out.
    pub(super) may_be_second: bool,
}

impl Deref for ApiResponse {
    type Target = Response;

    fn deref(&self) -> &Response {
        &self.response
    }
}

impl ApiResponse {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the record to be deleted is gone, presumably by an earlier request of this command.
    pub(crate) fn was_gone_already(&self) -> bool {
        self.status == 404 && self.may_be_second
    }

    /// Whether the same request may be carried out a while later, as it was not: a 429, or a 409 that says when.
    pub(super) fn asks_to_wait(&self) -> bool {
        self.status == 429 || (self.status == 409 && self.says_when())
    }

    /// How long to wait after a failure: `pause`, or as long as it asks, where that is longer.
    pub(super) fn pause(&self, pause: Duration) -> Option<Duration> {
        if self.says_when() { self.retry_after().map(|asked| asked.max(pause)) } else { Some(pause) }
    }

    fn says_when(&self) -> bool {
        self.number(RETRY_AFTER.as_str()).is_some()
    }

    /// How long it asks to wait; a whole minute where it does not say, none where that is longer than the key's limit
    /// takes: it is another limit, and nobody wants to wait so long.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        let seconds = self.number(RETRY_AFTER.as_str()).unwrap_or(WINDOW_SECONDS).max(1);
        (seconds <= WINDOW_SECONDS).then(|| Duration::from_secs(seconds.unsigned_abs()))
    }

    /// Whether the header is there and says yes.
    pub(super) fn says(&self, name: &str) -> bool {
        self.header(name) == Some("true")
    }

    /// The one record that it holds.
    ///
    /// # Errors
    /// What the API says went wrong, or that this is no answer of the API.
    pub(crate) fn into_record(mut self, origin: &Origin) -> Result<Record> {
        self.refuse_failure(origin)?;
        object(self.response.body["data"].take()).ok_or_else(|| self.not_the_apis(origin))
    }

    /// The records of a list's page, and the cursor of the next one.
    ///
    /// # Errors
    /// As [`ApiResponse::into_record`] has them.
    pub(super) fn into_page(mut self, origin: &Origin) -> Result<(Vec<Record>, Option<String>)> {
        self.refuse_failure(origin)?;
        let next = match self.response.body["next_cursor"].take() {
            Value::Null if self.body["has_more"] == false => None,
            Value::String(cursor) => Some(cursor),
            _ => return Err(self.not_the_apis(origin)),
        };
        let records: Option<Vec<Record>> = match self.response.body["data"].take() {
            Value::Array(data) => data.into_iter().map(object).collect(),
            _ => None,
        };
        Ok((records.ok_or_else(|| self.not_the_apis(origin))?, next))
    }

    /// An error unless this is a success with an object.
    fn refuse_failure(&self, origin: &Origin) -> Result<()> {
        if self.is_success() && self.body.is_object() {
            return Ok(());
        }
        if !self.is_success() && self.body["error"]["message"].is_string() {
            return Err(self.error(origin));
        }
        Err(self.not_the_apis(origin))
    }

    /// The API's own error, with its code, parameter and request id.
    fn error(&self, origin: &Origin) -> anyhow::Error {
        let error = &self.body["error"];
        let text = |value: &Value| value.as_str().map(|text| origin.harmless(text));
        let told = |name: &str, value: &Value| text(value).map(|value| format!("{name} {value}"));
        let details: Vec<String> = [
            Some(self.status.to_string()),
            text(&error["code"]),
            told("param", &error["param"]),
            told("existing_id", &error["existing_id"]),
            told("request", &self.body["meta"]["request_id"]),
        ]
        .into_iter()
        .flatten()
        .collect();
        let message = text(&error["message"]).unwrap_or_default();
        let way_out = match self.status {
            401 => format!(
                " Check INBOUNDFLOW_API_KEY or --api-key, and that {} is the API that the key is for (--base-url).",
                origin.base_url
            ),
            _ => String::new(),
        };
        anyhow!("{message} ({}){way_out}", details.join(", "))
    }

    fn not_the_apis(&self, origin: &Origin) -> anyhow::Error {
        let kind = self
            .header(CONTENT_TYPE.as_str())
            .map_or("no content type".to_owned(), |kind| origin.harmless(kind));
        let came = format!("{}: {}, {kind}", self.asked, self.status);
        let (url, location) = (origin.shown(), self.header(LOCATION.as_str()));
        match (self.status, location) {
            (300..400, Some(location)) => anyhow!(
                "{url} answers, but sends elsewhere ({came}): to {}. Give --base-url the address that it is at.",
                origin.harmless(location)
            ),
            (500.., _) => {
                anyhow!("{url} fails, and not with an error of this API ({came}). Try again later.")
            }
            _ => anyhow!(
                "{url} answers, but not as this API ({came}). Is it the base URL? A stack's ends in /live."
            ),
        }
    }
}

fn object(value: Value) -> Option<Record> {
    match value {
        Value::Object(record) => Some(record),
        _ => None,
    }
}
