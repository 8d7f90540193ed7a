//! `webhooks listen`: runs a receiver on this machine.
#![expect(clippy::disallowed_types, reason = "whatever arrives is looked at")]

use std::{
    future::pending,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use axum::{
    Router,
    body::Bytes,
    extract::DefaultBodyLimit,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use domain::{Timestamp, webhooks::Secret};
use local::server::{Hosts, ListenAddress, guarded, serve};
use lru::LruCache;
use serde_json::json;
use tokio::time::sleep;

use super::received::Received;
use crate::{
    cli::ListenOptions,
    interrupt::interrupted,
    output::{line, warn},
};

/// Far more than any delivery has.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// How many deliveries are remembered, to recognize duplicates.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);
/// What the delivery log will show of the answer.
const ANSWER: &str = "Answered by inboundflow webhooks listen.\n";

struct Receiver {
    secret: Option<Secret>,
    /// Whatever arrives is answered with this one.
    status: Option<StatusCode>,
    delay: Duration,
    json: bool,
    seen: Mutex<LruCache<String, ()>>,
}

/// Receives until Ctrl-C.
pub(super) async fn run(options: ListenOptions) -> Result<()> {
    let given = options.secret.as_ref().map(|secret| secret.reveal()).filter(|secret| !secret.is_empty());
    let secret = given
        .map(str::parse::<Secret>)
        .transpose()
        .map_err(anyhow::Error::msg)
        .context("the secret cannot be read")?;
    let listens = ListenAddress::default();
    let listener = listens.bind(options.port, "--port")?;
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let url = format!("http://{}/", listener.local_addr()?);
    let interrupted = interrupted()?;
    line(&match (options.json, &secret) {
        (true, _) => json!({"url": url}).to_string(),
        (false, Some(_)) => format!("Receiving webhooks on {url}"),
        (false, None) => {
            format!(
                "Receiving webhooks on {url} without checking signatures: set INBOUNDFLOW_WEBHOOK_SECRET for that"
            )
        }
    })?;
    let receiver = Arc::new(Receiver {
        secret,
        status: options.status.map(StatusCode::from_u16).transpose()?,
        delay: options.delay,
        json: options.json,
        seen: Mutex::new(LruCache::new(REMEMBERED)),
    });
    // A tunnel hands on the name by which deliveries reach it.
    let router = guarded(router(receiver), Hosts::Any, &listens);
    tokio::select! {
        () = serve(listener, router, pending()) => {}
        _ = interrupted => {}
    }
    Ok(())
}

fn router(receiver: Arc<Receiver>) -> Router {
    let receive = post(async move |headers: HeaderMap, body: Bytes| {
        let received = Received::new(&headers, body, receiver.secret.as_ref(), Timestamp::now());
        receiver.print(&received);
        sleep(receiver.delay).await;
        let proper = if received.is_refused() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        (receiver.status.unwrap_or(proper), ANSWER)
    });
    Router::new().fallback_service(receive.layer(DefaultBodyLimit::max(MAX_BODY_BYTES)))
}

impl Receiver {
    fn print(&self, received: &Received) {
        let is_duplicate = received.delivery_id().is_some_and(|id| {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.put(id.to_owned(), ()).is_some()
        });
        let text = if self.json { received.json(is_duplicate) } else { received.text(is_duplicate) };
        if let Err(error) = line(&text) {
            warn(&format!("a delivery cannot be shown: {error:#}"));
        }
    }
}
