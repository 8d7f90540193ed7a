//! `/v1/events`: the organization's events, in the bodies that endpoints are sent.

use api::{ApiError, App, Caller, List, ListQuery, Read};
use axum::{Router, routing::get};
use domain::webhooks::Event;

/// The routes of `/v1/events`.
pub fn routes() -> Router<App> {
    Router::new().route("/v1/events", get(list_events))
}

async fn list_events(caller: Caller<Event, Read>, query: ListQuery<Event>) -> Result<List, ApiError> {
    let page = caller.items().bodies(&query).await?;
    Ok(List::new(&query, page))
}
