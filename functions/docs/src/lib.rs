//! `/docs` and `/v1/openapi.json`: the documentation and the OpenAPI document, which need no key.

mod caching;

use api::{Address, App, Public};
use axum::{
    Router,
    http::{HeaderMap, HeaderName, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::Language;

use caching::{CachePolicy, cached};

/// A file of the documentation.
#[derive(Debug)]
pub struct Page {
    /// The file's path below `/docs/`, such as `en/index.html`.
    pub path: &'static str,
    /// The file's `Content-Type`.
    pub content_type: &'static str,
    /// Whether the file is an asset of pages, with a hash of its text in its name: `site.0123456789abcdef.css`.
    pub is_asset: bool,
    text: Text,
}

/// A text as the binary has it: compressed by zstd, since the texts would be a third of the binary.
#[derive(Debug)]
struct Text {
    compressed: &'static [u8],
    bytes: usize,
}

impl Text {
    #[expect(clippy::expect_used, reason = "the build script compressed a string of so many bytes")]
    fn read(&self) -> String {
        let text = zstd::bulk::decompress(self.compressed, self.bytes).expect("a whole frame");
        String::from_utf8(text).expect("UTF-8")
    }
}

impl Page {
    /// The page's text, with the API's address in it.
    #[must_use]
    pub fn at(&self, address: &str) -> String {
        at(address, &self.text)
    }
}

/// All files of the documentation.
pub static PAGES: &[Page] = &include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The address on pages and in the OpenAPI document that is replaced by the API's.
pub const WRITTEN_FOR: &str = include!(concat!(env!("OUT_DIR"), "/written_for.rs"));

const DOCUMENT: Text = include!(concat!(env!("OUT_DIR"), "/document.rs"));
const FIRST_PAGE: &str = "index.html";
const NOT_FOUND: &str = "404.html";
/// The security headers of pages: nothing comes from elsewhere, and scripts call this API alone.
const POLICY: [(HeaderName, &str); 3] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; \
         form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];
/// The headers that a text depends on: the address in it, and whether the gateway compresses it, which it does not tell caches.
const VARY: &str = "Accept-Encoding, Host, X-Forwarded-Proto";

/// The routes of the documentation and the OpenAPI document.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/v1/openapi.json", get(get_document))
        .route("/docs", get(redirect_to_start))
        // A gateway may route a trailing slash here too.
        .route("/docs/", get(redirect_to_start))
        .route("/docs/{*page}", get(get_page))
}

async fn get_document(address: Address, headers: HeaderMap) -> Response {
    let document = Public { content_type: "application/json", text: here(&address, &DOCUMENT) };
    ([(header::VARY, VARY)], cached(CachePolicy::Revalidate, &headers, document)).into_response()
}

/// Redirects to the first page in the reader's language.
async fn redirect_to_start(uri: Uri, headers: HeaderMap) -> Response {
    let language = accepted(&headers).tag();
    let from_here = if uri.path().ends_with('/') { "" } else { "docs/" };
    let start = redirect(format!("{from_here}{language}/{FIRST_PAGE}"));
    ([(header::VARY, "Accept-Language")], start).into_response()
}

async fn get_page(address: Address, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().strip_prefix("/docs/").unwrap_or_default();
    let found = match addressed(path) {
        Some(page) if page.is_asset => Some((page, CachePolicy::Immutable)),
        Some(page) => Some((page, CachePolicy::Revalidate)),
        None => of_another_version(path).map(|page| (page, CachePolicy::NoStore)),
    };
    if let Some((page, policy)) = found {
        return (POLICY, [(header::VARY, VARY)], cached(policy, &headers, public(&address, page)))
            .into_response();
    }
    let (bare, up) = path.strip_suffix('/').map_or((path, ""), |bare| (bare, "../"));
    let name = bare.rsplit('/').next().unwrap_or_default();
    if addressed(&format!("{bare}/{FIRST_PAGE}")).is_some() {
        return redirect(format!("{up}{name}/{FIRST_PAGE}"));
    }
    if addressed(&format!("{bare}.html")).is_some() {
        return redirect(format!("{up}{name}.html"));
    }
    let of_path = Language::ALL.into_iter().find(|language| path.split('/').next() == Some(language.tag()));
    not_found(&address, of_path.unwrap_or_else(|| accepted(&headers)))
}

/// The page of a path. The 404 pages have no path of their own.
fn addressed(path: &str) -> Option<&'static Page> {
    find(path).filter(|page| !page.path.ends_with(NOT_FOUND))
}

fn find(path: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.path == path)
}

/// The asset of this version for a name with another version's hash. While a deployment shifts traffic, a
/// page of the one version asks the other for its style sheet.
fn of_another_version(path: &str) -> Option<&'static Page> {
    PAGES.iter().find(|page| page.is_asset && unversioned(page.path) == unversioned(path))
}

/// A path without the hash in it, and its extension.
fn unversioned(path: &str) -> (&str, &str) {
    let (rest, extension) = path.rsplit_once('.').unwrap_or((path, ""));
    let is_hash = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = rest.rsplit_once('.').filter(|(_, hash)| is_hash(hash)).map_or(rest, |(name, _)| name);
    (name, extension)
}

fn accepted(headers: &HeaderMap) -> Language {
    let values = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    Language::accepted(values)
}

/// A redirect to another page. The location is relative, since the gateway's stage may precede the path.
fn redirect(location: String) -> Response {
    let nothing = Public { content_type: "text/plain; charset=utf-8", text: String::new() };
    let headers =
        [(header::LOCATION, location), (header::CACHE_CONTROL, CachePolicy::FiveMinutes.header().to_owned())];
    (StatusCode::FOUND, headers, nothing).into_response()
}

/// The 404 page. It is not cached, since the page may come with the next deployment.
fn not_found(address: &Address, language: Language) -> Response {
    // One value: the response of an HTTP API has no room for a second one.
    let vary = [(header::VARY, format!("{VARY}, Accept-Language"))];
    let uncached = [(header::CACHE_CONTROL, CachePolicy::NoStore.header())];
    match find(&format!("{}/{NOT_FOUND}", language.tag())) {
        Some(page) => (StatusCode::NOT_FOUND, POLICY, vary, uncached, public(address, page)).into_response(),
        None => (StatusCode::NOT_FOUND, vary, uncached).into_response(),
    }
}

fn public(address: &Address, page: &Page) -> Public {
    Public { content_type: page.content_type, text: here(address, &page.text) }
}

/// A text with the address of the request as the API's.
fn here(address: &Address, text: &Text) -> String {
    at(address.0.as_deref().unwrap_or(WRITTEN_FOR), text)
}

/// A text with the API's address in it.
fn at(address: &str, text: &Text) -> String {
    text.read().replace(WRITTEN_FOR, address)
}
