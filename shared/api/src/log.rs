//! The log lines of requests. shared/runtime says what never goes into the log.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use domain::Error;

use crate::{ApiError, exchange::Exchange};

/// The logged method of a request with an unknown method, or with none.
const OTHER: &str = "other";

/// Logs a request that has been answered, in one line.
pub(crate) fn finished(exchange: &Exchange, method: Option<&Method>, status: StatusCode, took: Duration) {
    let identity = exchange.identity();
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                method = method.map_or(OTHER, shown),
                route = exchange.route.get().map_or("none", String::as_str),
                status = status.as_u16(),
                duration_ms = took.as_secs_f64() * 1000.0,
                organization_id = identity.map(|identity| tracing::field::display(identity.organization)),
                key_id = identity.map(|identity| tracing::field::display(identity.key_id)),
                "request_finished"
            )
        };
    }
    // The alarms that a release goes by count these, whatever level the operator has chosen.
    if status.is_server_error() { line!(error) } else { line!(info) }
}

/// Logs an error inside the service with its chain of causes.
pub(crate) fn failed(error: &ApiError) {
    let ApiError::Domain(error) = error else { return };
    match error {
        Error::Internal(_) => tracing::error!(error = error.for_log(), "request_failed"),
        Error::Contended(_) | Error::Busy(_) => tracing::warn!(error = error.for_log(), "request_deferred"),
        _ => {}
    }
}

/// The method as it is logged: one that a client made up may be anything.
fn shown(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => method.as_str(),
        _ => OTHER,
    }
}
