//! What requests leave in the log; shared/runtime says what never goes there.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use domain::{Error, chain};

use crate::{Failure, exchange::Exchange};

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
