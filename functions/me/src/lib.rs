//! `/v1/me`: the caller's organization, and the scopes of its key.

use api::{ApiError, App, Caller, NoParameters, One, Read};
use axum::{Router, routing::get};
use domain::{Organization, Scopes};
use serde::Serialize;

/// The routes of `/v1/me`.
pub fn routes() -> Router<App> {
    Router::new().route("/v1/me", get(get_me))
}

#[derive(Serialize)]
struct Me {
    #[serde(flatten)]
    organization: Organization,
    scopes: Scopes,
}

async fn get_me(caller: Caller<Organization, Read>, _: NoParameters) -> Result<One<Me>, ApiError> {
    let (organization, scopes) = caller.organization().await?;
    Ok(One(Me { organization, scopes }))
}
