//! Waits until the deployed API accepts a new key.

use std::time::Duration;

use anyhow::Result;
use axum::http::StatusCode;
use conformance::Http;
use domain::key::ApiKey;
use reqwest::Method;
use tokio::time::{Instant, sleep, timeout_at};

use super::Plan;

/// API Gateway distributes a key within seconds. No request is sent twice at once, because
/// each counts against the key's minute.
const PAUSES_SECONDS: [u64; 8] = [0, 1, 2, 4, 8, 15, 15, 15];
const PATIENCE: Duration = Duration::from_secs(60);

impl Plan {
    /// Waits until the API takes `key`; false where it does not within a minute, or Ctrl-C ended the
    /// waiting. The key must be shown either way.
    pub(crate) async fn wait_until_usable(&self, key: &ApiKey) -> bool {
        tokio::select! {
            usable = self.ask(key) => usable.unwrap_or(false),
            _ = tokio::signal::ctrl_c() => false,
        }
    }

    async fn ask(&self, key: &ApiKey) -> Result<bool> {
        let http = Http::of(&self.url)?;
        let end = Instant::now() + PATIENCE;
        for pause in PAUSES_SECONDS {
            if timeout_at(end, sleep(Duration::from_secs(pause))).await.is_err() {
                break;
            }
            let request = http.request(Method::GET, format!("{}/v1/me", self.url)).bearer_auth(key.reveal());
            match timeout_at(end, request.send()).await {
                Ok(Ok(response)) if is_taken(response.status()) => return Ok(true),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        Ok(false)
    }
}

/// Any key may ask for `/v1/me`, while its minute lasts.
fn is_taken(status: StatusCode) -> bool {
    status.is_success() || status == StatusCode::TOO_MANY_REQUESTS
}
