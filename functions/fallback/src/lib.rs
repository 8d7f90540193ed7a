//! The function of every path that no resource owns: it answers a 404, in the envelope or, to a browser, as a page. Of the
//! paths that people and browsers try by themselves, it leads to the documentation.

mod page;

use api::{Address, ApiError, App, Public};
use axum::{
    Router,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::Language;

const TEXT: &str = "text/plain; charset=utf-8";
/// Search engines find the documentation, and nothing else is for them.
const ROBOTS: &str = "User-agent: *\nAllow: /docs\nDisallow: /\n";

/// The routes: what people type in place of `/docs`, and what browsers and search engines ask for by themselves. Every other
/// path is an unknown one.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(async || lead_to("docs")))
        .route("/docs/", get(async || lead_to("../docs")))
        .route("/favicon.ico", get(async || lead_to("docs/favicon.svg")))
        .route("/robots.txt", get(async || Public { content_type: TEXT, text: ROBOTS.to_owned() }))
        .fallback(refuse)
}

/// A redirect. The location is relative, since the gateway's stage may precede the path.
fn lead_to(location: &'static str) -> Response {
    let nothing = Public { content_type: TEXT, text: String::new() };
    (StatusCode::FOUND, [(header::LOCATION, location)], nothing).into_response()
}

async fn refuse(address: Address, headers: HeaderMap) -> Result<Response, ApiError> {
    if !is_for_reading(&headers) {
        return Err(ApiError::NoSuchPath);
    }
    let values = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    Ok(page::not_found(&address, Language::accepted(values)))
}

/// Whether the answer is for somebody who reads it in a browser. Some HTTP clients name HTML by themselves, as Java's does, but
/// no browser sends a key with an address that was typed.
fn is_for_reading(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = values.flat_map(|value| value.split(',')).filter_map(|range| range.split(';').next());
    types.any(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
        && !headers.contains_key(header::AUTHORIZATION)
}
