//! Every path that no resource owns: a 404 in the envelope.

use api::{App, Public};
use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

/// Whatever comes here is answered as an unknown path, but for the one that people write with a slash too many.
pub fn routes() -> Router<App> {
    Router::new().route("/docs/", get(find_docs))
}

async fn find_docs() -> Response {
    let nothing = Public { content_type: "text/plain; charset=utf-8", text: String::new() };
    (StatusCode::FOUND, [(header::LOCATION, "../docs")], nothing).into_response()
}
