//! The HTTP client of the commands that ask a deployment as its consumers do.

use std::{sync::Once, time::Duration};

use anyhow::Context as _;

static CRYPTOGRAPHY: Once = Once::new();

/// A client that follows no redirect: the API has none.
pub(crate) fn client() -> anyhow::Result<reqwest::Client> {
    CRYPTOGRAPHY.call_once(|| {
        // Fails only where another was installed first, which will do as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(35))
        .build()
        .context("cannot set up HTTPS")
}
