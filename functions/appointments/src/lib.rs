//! `/v1/appointments`: the appointments that callers booked.

use api::{ApiError, App, Caller, List, ListQuery, Read};
use axum::{Router, routing::get};
use domain::Appointment;

/// The routes of `/v1/appointments`.
pub fn routes() -> Router<App> {
    Router::new().route("/v1/appointments", get(list_appointments))
}

async fn list_appointments(
    caller: Caller<Appointment, Read>,
    query: ListQuery<Appointment>,
) -> Result<List, ApiError> {
    let page = caller.items().page(&query).await?;
    Ok(List::new(&query, page))
}
