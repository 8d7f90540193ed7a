//! The function of every path that no resource owns: it answers a 404 in the envelope.

use api::{App, Public};
use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

/// The routes: only `/docs/`, which people write with a slash too many. Every other path is an unknown one.
pub fn routes() -> Router<App> {
    Router::new().route("/docs/", get(find_docs))
}

async fn find_docs() -> Response {
    let nothing = Public { content_type: "text/plain; charset=utf-8", text: String::new() };
    (StatusCode::FOUND, [(header::LOCATION, "../docs")], nothing).into_response()
}
