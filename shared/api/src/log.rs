//! What is logged, and what never is: no key or hash of one, no phone number, no transcript, no
//! body, no query string, no path that a client made up.

use std::{panic, time::Duration};

use axum::http::{Method, StatusCode};
use domain::{Error, chain};
use tracing::Level;
use tracing_subscriber::{
    Layer as _, filter::Targets, fmt::MakeWriter, layer::SubscriberExt as _, util::SubscriberInitExt,
};

use crate::{Failure, exchange::Exchange};

/// The log as CloudWatch takes it: a JSON object a line, with the request's id on each, down to
/// `level`.
pub fn json_lines<W>(writer: W, level: Level) -> impl SubscriberInitExt + tracing::Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let ours = Targets::new()
        .with_default(level.min(Level::WARN))
        .with_targets(["api", "store"].map(|target| (target, level)));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false);
    tracing_subscriber::registry().with(lines.with_writer(writer).with_filter(ours))
}

/// One line per request.
pub(crate) fn answered(exchange: &Exchange, method: &Method, status: StatusCode, took: Duration) {
    let identity = exchange.identity();
    tracing::info!(
        method = method.as_str(),
        route = exchange.route.get().map_or("none", String::as_str),
        status = status.as_u16(),
        duration_ms = took.as_secs_f64() * 1000.0,
        organization_id = identity.map(|identity| tracing::field::display(identity.organization)),
        key_id = identity.map(|identity| tracing::field::display(identity.key_id)),
        "answered"
    );
}

/// What went wrong inside, with everything that led to it.
pub(crate) fn failed(failure: &Failure) {
    if let Failure::Domain(Error::Internal(source)) = failure {
        tracing::error!(error = chain(&**source), "failed");
    }
}

/// Has panics logged by where they happened. What they say stays out: a slice error quotes the text
/// that it could not slice.
pub fn quiet_panics() {
    panic::set_hook(Box::new(|info| {
        let at = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at, "panicked");
    }));
}
