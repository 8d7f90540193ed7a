//! A request to the server with its response, and what is commonly expected of one.

use std::ops::Deref;

use serde_json::Value;

use crate::{
    client::Response,
    promise::{CheckResult, NotKept, differs, expect},
    request::Who,
};

/// The documented codes and the added ones, by their status.
const CODES: [(u16, &str); 11] = [
    (400, "bad_request"),
    (401, "unauthorized"),
    (403, "forbidden"),
    (404, "not_found"),
    (405, "method_not_allowed"),
    (409, "conflict"),
    (413, "payload_too_large"),
    (415, "unsupported_media_type"),
    (429, "rate_limited"),
    (500, "internal_error"),
    (503, "unavailable"),
];

/// The `param` of a 415 where the body came in a coding that is not read.
pub(super) const CONTENT_ENCODING: &str = "Content-Encoding";

/// A request and its response.
#[derive(Debug)]
pub(super) struct Exchange {
    /// The key that the request was sent with.
    pub(super) who: Who,
    /// The method and path of the request.
    pub(super) asked: String,
    /// Whether the API has that path, and the path that method.
    pub(super) routed: bool,
    pub(super) response: Response,
}

impl Deref for Exchange {
    type Target = Response;

    fn deref(&self) -> &Response {
        &self.response
    }
}

/// The code that belongs to a status.
pub(super) fn code(status: u16) -> Option<&'static str> {
    CODES.iter().find(|(known, _)| *known == status).map(|(_, code)| *code)
}

impl Exchange {
    /// Whether the server recognised the key, so that the request counts against it. Of a coding that it does not know a
    /// gateway says so by itself, and counts nothing.
    pub(super) fn is_counted(&self) -> bool {
        self.who != Who::Nobody
            && self.routed
            && self.body["error"]["param"] != CONTENT_ENCODING
            && matches!(self.status, 200..=299 | 400 | 403 | 404 | 409..=415)
    }

    pub(super) fn is_head(&self) -> bool {
        self.asked.starts_with("HEAD ")
    }

    /// The status, and what an error says of itself, in a few words.
    pub(super) fn shown(&self) -> String {
        let error = &self.body["error"];
        let code = error["code"].as_str().map(|code| format!(" {code}")).unwrap_or_default();
        let param = error["param"].as_str().map(|param| format!(" naming {param:?}")).unwrap_or_default();
        let kind = if self.body.is_null() && !self.is_head() { " without JSON" } else { "" };
        format!("{}{code}{param}{kind}", self.status)
    }

    /// The `data` of a response with this status.
    pub(super) fn data(&self, status: u16) -> Result<&Value, NotKept> {
        if self.status != status {
            return Err(differs(format!("{status} for {}", self.asked), self.shown()));
        }
        self.body.get("data").ok_or_else(|| differs(format!("data for {}", self.asked), self.shown()))
    }

    /// The records of a list.
    pub(super) fn records(&self) -> Result<&[Value], NotKept> {
        let data = self.data(200)?.as_array().map(Vec::as_slice);
        data.ok_or_else(|| differs(format!("an array for {}", self.asked), "data is none"))
    }

    /// Whether a list says that more follows.
    pub(super) fn has_more(&self) -> bool {
        self.body["has_more"] == true
    }

    /// The cursor of the next page.
    pub(super) fn next_cursor(&self) -> Option<&str> {
        self.body["next_cursor"].as_str()
    }

    /// Holds where the response is an error of that status with its code.
    pub(super) fn refused(&self, status: u16) -> CheckResult {
        let code = code(status).unwrap_or_default();
        let same = self.status == status && self.body["error"]["code"] == code;
        expect(same, format!("{status} {code} for {}", self.asked), self.shown())
    }

    /// Holds where the response is such an error and names what was at fault.
    pub(super) fn refused_naming(&self, status: u16, param: &str) -> CheckResult {
        self.refused(status)?;
        let named = self.body["error"]["param"] == param;
        expect(named, format!("{status} naming {param:?} for {}", self.asked), self.shown())
    }

    /// The error's message; empty where there is none.
    pub(super) fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }

    /// Holds where the error's message has these words, whatever their case.
    pub(super) fn says(&self, words: &str) -> CheckResult {
        let said = self.message().to_lowercase().contains(&words.to_lowercase());
        expect(said, format!("a message with {words:?} for {}", self.asked), format!("{:?}", self.message()))
    }
}
