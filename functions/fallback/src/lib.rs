//! Every path that no resource owns: a 404 in the envelope.

use api::App;
use axum::Router;

/// None: whatever comes here is answered as an unknown path.
pub fn routes() -> Router<App> {
    Router::new()
}
