//! `/v1/webhooks`: the endpoints of an organization, and their deliveries.

mod deliveries;
mod endpoints;

use api::App;
use axum::{
    Router,
    routing::{get, post},
};
use domain::webhooks::UrlPolicy;

use deliveries::{get_delivery, list_deliveries, replay_delivery};
use endpoints::{
    create_webhook, delete_webhook, get_webhook, list_webhooks, replay_webhook, rotate_secret, test_webhook,
    update_webhook,
};

/// The routes of `/v1/webhooks`. `policy` says which URLs endpoints may have.
pub fn routes(policy: UrlPolicy) -> Router<App> {
    let creating = policy.clone();
    let create = move |caller, none, body| create_webhook(creating, caller, none, body);
    let update = move |caller, id, none, body| update_webhook(policy, caller, id, none, body);
    Router::new()
        .route("/v1/webhooks", get(list_webhooks).post(create))
        .route("/v1/webhooks/{id}", get(get_webhook).patch(update).delete(delete_webhook))
        .route("/v1/webhooks/{id}/test", post(test_webhook))
        .route("/v1/webhooks/{id}/rotate-secret", post(rotate_secret))
        .route("/v1/webhooks/{id}/replay", post(replay_webhook))
        .route("/v1/webhooks/{id}/deliveries", get(list_deliveries))
        .route("/v1/webhooks/{id}/deliveries/{delivery_id}", get(get_delivery))
        .route("/v1/webhooks/{id}/deliveries/{delivery_id}/replay", post(replay_delivery))
}
