//! The HTTP client of the commands that ask a deployment as its consumers do.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::{Error, Response, header::HeaderMap};

/// The API's pages end at 4 MiB; what goes on beyond this is not read.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// A client that follows no redirect: the API has none.
pub(crate) fn client() -> anyhow::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(35))
        .build()
        .context("cannot set up HTTPS")
}

/// Status, headers and body of an answer.
pub(crate) async fn read(mut response: Response) -> Result<(u16, HeaderMap, Vec<u8>), Error> {
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

/// Why there is no answer, in words that do not differ from one operating system to the next.
pub(crate) fn why_none(error: &Error) -> &'static str {
    // What TLS and the resolver say comes as text alone.
    let told = format!("{error:?}");
    if error.is_timeout() {
        "nothing in time"
    } else if told.contains("InvalidCertificate") {
        "a certificate that is not trusted here"
    } else if told.contains("InvalidContentType") || told.contains("InvalidMessage") {
        "no TLS (an http:// address?)"
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
