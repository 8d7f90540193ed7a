//! The functions that the local gateway runs: each resource's own routes.

use axum::Router;
use domain::Resource;

/// The routes of a resource's function.
pub fn routes(resource: &Resource) -> Router<api::App> {
    match resource.name {
        "calls" => calls::routes(),
        "contacts" => contacts::routes(),
        "leads" => leads::routes(),
        "appointments" => appointments::routes(),
        "me" => me::routes(),
        other => unreachable!("the catalogue's {other} has no function here"),
    }
}
