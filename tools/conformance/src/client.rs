//! An HTTP client of the API, as its consumers have one, and the responses that it reads.

use std::time::Duration;

use anyhow::Context as _;
use domain::Timestamp;
use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Error, Method, RequestBuilder, header::HeaderMap};
use serde_json::Value;

use crate::url::is_loopback;

/// How much of a response's body is read: the API's pages end at 4 MiB.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// A client of one deployment. It follows no redirect: the API has none.
pub struct Http {
    client: reqwest::Client,
    /// The proxy that requests go through, without its credentials.
    proxy: Option<String>,
}

/// A response of the API, or of whatever answers in its place.
#[derive(Debug)]
pub struct Response {
    /// The response's status.
    pub status: u16,
    /// The response's headers.
    pub headers: HeaderMap,
    /// The response's body.
    pub text: String,
    /// The response's body as JSON; null where it is none.
    pub body: Value,
}

impl Response {
    /// A header's value, where the header is there once and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    /// A header's whole number; the largest there is for one that is larger.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        let text = self.header(name)?;
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().unwrap_or(i64::MAX))
    }

    /// The time at which the response was made, as it says itself: clocks of two machines need not agree.
    #[must_use]
    pub fn made_at(&self) -> Option<Timestamp> {
        Timestamp::parse(self.body["meta"]["timestamp"].as_str()?)
    }
}

impl Http {
    /// A client of the API at this base URL. What is on this machine is never asked by a proxy.
    ///
    /// # Errors
    /// Where HTTPS cannot be set up.
    pub fn of(base_url: &str) -> anyhow::Result<Self> {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(35));
        let is_here = is_loopback(base_url);
        let builder = if is_here { builder.no_proxy() } else { builder };
        Ok(Self {
            client: builder.build().context("cannot set up HTTPS")?,
            proxy: if is_here { None } else { proxy(base_url) },
        })
    }

    /// Sends a request, and reads its response.
    ///
    /// # Errors
    /// Where there is no connection, or it breaks.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, Error> {
        let mut response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await? {
            body.extend_from_slice(&piece);
            if body.len() > MAX_BODY_BYTES {
                break;
            }
        }
        let text = String::from_utf8_lossy(&body).into_owned();
        Ok(Response { status, headers, text, body: serde_json::from_slice(&body).unwrap_or(Value::Null) })
    }

    /// A request to a whole URL.
    pub fn request(&self, method: Method, url: String) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// The proxy that requests go through, in words to put behind the address; empty where there is none.
    #[must_use]
    pub fn by_proxy(&self) -> String {
        self.proxy.iter().map(|proxy| format!(", by the proxy {proxy} that the environment names")).collect()
    }

    /// The reason why there is no response, in words that do not differ from one operating system to the
    /// next.
    #[must_use]
    pub fn why_none(&self, error: &Error) -> String {
        why_none(error).to_owned() + &self.by_proxy()
    }
}

/// The proxy that the environment's variables name for this URL. The HTTP client reads them by itself, in the same way.
fn proxy(base_url: &str) -> Option<String> {
    let proxy = Matcher::from_system().intercept(&base_url.parse::<Uri>().ok()?)?;
    let uri = proxy.uri();
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{}{port}", uri.scheme_str().unwrap_or("http"), uri.host()?))
}

fn why_none(error: &Error) -> &'static str {
    // What TLS and the resolver say comes as text alone.
    let told = format!("{error:?}");
    if error.is_timeout() {
        "nothing in time"
    } else if told.contains("InvalidCertificate") {
        "a certificate that is not trusted here"
    } else if told.contains("InvalidContentType") || told.contains("InvalidMessage") {
        "no TLS (an http:// address?)"
    } else if told.contains("TunnelUnsuccessful") || told.contains("ProxyAuthRequired") {
        "a refusal to connect to it"
    } else if told.contains("dns error") {
        "a host name that cannot be resolved"
    } else if error.is_connect() {
        "no connection"
    } else if error.is_builder() {
        "a request that cannot be sent"
    } else {
        "a broken connection, or no HTTP"
    }
}
