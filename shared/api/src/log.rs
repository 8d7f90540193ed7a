//! What requests leave in the log; shared/runtime says what never goes there.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use domain::{Error, chain};

use crate::{Failure, exchange::Exchange};

/// A method that a client made up, or none.
const OTHER: &str = "other";

/// One line per request.
pub(crate) fn answered(exchange: &Exchange, method: Option<&Method>, status: StatusCode, took: Duration) {
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

/// What went wrong inside, with everything that led to it.
pub(crate) fn failed(failure: &Failure) {
    match failure {
        Failure::Domain(Error::Internal(cause)) => tracing::error!(error = chain(&**cause), "request_failed"),
        Failure::Domain(Error::Contended(cause) | Error::Busy(cause)) => {
            tracing::warn!(error = chain(&**cause), "request_deferred");
        }
        _ => {}
    }
}

/// A method that everybody knows: one that a client made up may be anything.
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
