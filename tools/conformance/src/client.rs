//! The HTTP client of the commands that ask a deployment as its consumers do.

use std::time::Duration;

use anyhow::Context as _;
use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Error, Method, RequestBuilder, Response, header::HeaderMap};

use crate::url::is_loopback;

/// The API's pages end at 4 MiB; what goes on beyond this is not read.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// A client of one deployment. It follows no redirect: the API has none.
pub struct Http {
    client: reqwest::Client,
    /// The proxy on the way, without its credentials.
    proxy: Option<String>,
    /// The base URL, where it is neither this machine's nor one of HTTPS.
    sends_keys_in_clear_to: Option<String>,
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
            sends_keys_in_clear_to: (!is_here && !base_url.starts_with("https:"))
                .then(|| base_url.to_owned()),
        })
    }

    /// A warning where keys would leave this machine unencrypted.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let url = self.sends_keys_in_clear_to.as_ref()?;
        Some(format!("the key goes to {url} unencrypted{}: use https", self.by_proxy()))
    }

    /// A request to a whole URL.
    #[must_use]
    pub fn request(&self, method: Method, url: String) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Which way it goes, where that is by a proxy: words to put behind the address.
    #[must_use]
    pub fn by_proxy(&self) -> String {
        self.proxy.iter().map(|proxy| format!(", by the proxy {proxy} that the environment names")).collect()
    }

    /// Why there is no answer, in words that do not differ from one operating system to the next.
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

/// Status, headers and body of an answer.
///
/// # Errors
/// Where the connection breaks.
pub async fn read(mut response: Response) -> Result<(u16, HeaderMap, Vec<u8>), Error> {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        body.extend_from_slice(&piece);
        if body.len() > MAX_ANSWER_BYTES {
            break;
        }
    }
    Ok((status, headers, body))
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
