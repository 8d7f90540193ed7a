//! `/v1/leads`: callers who may become customers.

use api::{ApiError, App, Caller, List, ListQuery, Read};
use axum::{Router, routing::get};
use domain::Lead;

/// The routes of `/v1/leads`.
pub fn routes() -> Router<App> {
    Router::new().route("/v1/leads", get(list_leads))
}

async fn list_leads(caller: Caller<Lead, Read>, query: ListQuery<Lead>) -> Result<List, ApiError> {
    let page = caller.items().page(&query).await?;
    Ok(List::new(&query, page))
}
