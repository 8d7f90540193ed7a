//! A consumer of the API: HTTP requests with a key, and the responses to them, each as the OpenAPI document says.

use reqwest::{Method, header::HeaderMap};
use serde_json::Value;

use crate::documented;

/// One consumer of the API.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    key: Option<String>,
}

/// A response of the API.
#[derive(Debug)]
pub struct Response {
    /// The response's status.
    pub status: u16,
    /// The response's headers.
    pub headers: HeaderMap,
    /// The response's body as it was sent.
    pub text: String,
    /// The response's body as JSON; null where it was empty.
    pub body: Value,
}

impl Client {
    pub(crate) fn new(url: &str, key: Option<&str>) -> Self {
        Self { http: reqwest::Client::new(), url: url.to_owned(), key: key.map(str::to_owned) }
    }

    /// This consumer with another key, or none.
    #[must_use]
    pub fn with_key(&self, key: Option<&str>) -> Self {
        Self { key: key.map(str::to_owned), ..self.clone() }
    }

    /// Sends a GET.
    pub async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, &[], None).await
    }

    /// Sends a POST with a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.send(Method::POST, path, &[("content-type", "application/json")], Some(body.to_string())).await
    }

    /// Sends a request.
    ///
    /// # Panics
    /// When the gateway does not answer, not in JSON, or otherwise than the OpenAPI document says.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Response {
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.url));
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.expect("the gateway answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.expect("UTF-8");
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") };
        documented::check(&method, path, status, &headers, &body);
        Response { status, headers, text, body }
    }

    /// Walks a list to its end; `path` has a query already. Returns the records of all pages.
    ///
    /// # Panics
    /// When a page is refused, or a page that was promised is empty.
    pub async fn walk(&self, path: &str) -> Vec<Value> {
        let mut records = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("{path}{cursor}")).await.ok();
            let more = page["has_more"].as_bool().expect("has_more");
            assert_eq!(page["next_cursor"].is_string(), more);
            let data = page["data"].as_array().expect("data");
            assert!(!data.is_empty() || (!more && records.is_empty()), "has_more promised a record");
            records.extend(data.iter().cloned());
            if !more {
                return records;
            }
            cursor = format!("&cursor={}", page["next_cursor"].as_str().expect("a cursor"));
        }
    }
}

impl Response {
    /// The body of a successful response.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} {}", self.status, self.text);
        self.body
    }

    /// A header's value; empty where it is missing.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The error's code and param.
    ///
    /// # Panics
    /// When this is no error in the envelope.
    #[must_use]
    pub fn error(&self) -> (u16, &str, Option<&str>) {
        let error = &self.body["error"];
        assert_eq!(error["status"], self.status, "{}", self.text);
        assert!(error["message"].as_str().is_some_and(|message| message.len() > 10), "{}", self.text);
        self.check_common();
        (self.status, error["code"].as_str().expect("a code"), error["param"].as_str())
    }

    /// Checks what every response has: its request id, its time, its rate headers.
    ///
    /// # Panics
    /// When it lacks any of it.
    pub fn check_common(&self) {
        let id = self.body["meta"]["request_id"].as_str().expect("a request id");
        assert!(
            id.len() == 16
                && id.starts_with("req_")
                && id[4..].bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
            "{id}"
        );
        assert_eq!(self.header("x-request-id"), id);
        let time = self.body["meta"]["timestamp"].as_str().expect("a timestamp");
        assert!(time.len() == 24 && time.ends_with('Z'), "{time}");
        let number =
            |name: &str| self.header(name).parse::<i64>().unwrap_or_else(|_| panic!("{name}: {self:?}"));
        let (limit, left) = (number("x-ratelimit-limit"), number("x-ratelimit-remaining"));
        assert!(limit > 0 && (0..limit).contains(&left) && number("x-ratelimit-reset") > 1_700_000_000);
        assert_eq!(self.header("ratelimit-policy"), format!("\"default\";q={limit};w=60"));
        assert!(self.header("ratelimit").starts_with(&format!("\"default\";r={left};t=")));
        assert_eq!(self.header("content-type"), "application/json");
    }
}
