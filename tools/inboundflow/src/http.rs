//! The HTTP client of the commands that ask a deployment as its consumers do.

use std::time::Duration;

use anyhow::Context as _;

/// A client that follows no redirect: the API has none.
pub(crate) fn client() -> anyhow::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(35))
        .build()
        .context("cannot set up HTTPS")
}
