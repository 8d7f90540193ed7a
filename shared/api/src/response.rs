//! What handlers answer. The envelope's end, `meta`, is added where every answer passes.

use axum::{
    http::{HeaderValue, StatusCode, header as http_header},
    response::{IntoResponse, Response},
};
use domain::Error;
use serde::Serialize;
use store::Page;

use crate::{Failure, extract::ListQuery, header};

/// One record.
pub struct One<T>(pub T);

/// A page of a list.
pub struct List {
    page: Page,
    next_cursor: Option<String>,
}

/// What was asked for is on its way, and this is how far it has come.
pub struct Accepted<T>(pub T);

/// A record just made, or made when the same idempotency key came first.
pub struct Created<T> {
    record: T,
    replayed: bool,
}

/// A text that everybody may read: no record, and so without an envelope. Whoever answers it says whether it may be kept.
pub struct Public {
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// What it is.
    pub text: String,
}

/// The text of an answer that has no envelope.
#[derive(Clone)]
pub(crate) struct Whole(pub(crate) String);

/// An answer's JSON up to, and without, the comma before `meta`.
#[derive(Clone)]
pub(crate) struct Draft(pub(crate) String);

#[derive(Serialize)]
struct OneBody<'a, T> {
    data: &'a T,
}

impl List {
    /// The page that `query` asked for.
    #[must_use]
    pub fn new<T>(query: &ListQuery<T>, page: Page) -> Self {
        let next_cursor = page.next.as_ref().map(|cursor| query.encode(cursor));
        Self { page, next_cursor }
    }
}

impl<T> Created<T> {
    /// A record just made.
    #[must_use]
    pub fn new(record: T) -> Self {
        Self { record, replayed: false }
    }
}

impl<T> From<store::Created<T>> for Created<T> {
    fn from(created: store::Created<T>) -> Self {
        Self { record: created.record, replayed: created.replayed }
    }
}

impl<T: Serialize> IntoResponse for One<T> {
    fn into_response(self) -> Response {
        draft(StatusCode::OK, &OneBody { data: &self.0 })
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        draft(StatusCode::ACCEPTED, &OneBody { data: &self.0 })
    }
}

impl IntoResponse for List {
    fn into_response(self) -> Response {
        let (records, has_more) = (self.page.records, self.next_cursor.is_some());
        // A cursor is base64url: nothing in it is to be escaped.
        let next_cursor = self.next_cursor.map_or("null".to_owned(), |cursor| format!("\"{cursor}\""));
        let json = format!(r#"{{"data":{records},"has_more":{has_more},"next_cursor":{next_cursor}"#);
        drafted(StatusCode::OK, json)
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = draft(StatusCode::CREATED, &OneBody { data: &self.record });
        if self.replayed {
            response.headers_mut().insert(header::IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

impl IntoResponse for Public {
    fn into_response(self) -> Response {
        let mut response = StatusCode::OK.into_response();
        let headers = response.headers_mut();
        headers.insert(http_header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        response.extensions_mut().insert(Whole(self.text));
        response
    }
}

fn draft<T: Serialize>(status: StatusCode, body: &T) -> Response {
    match serde_json::to_string(body) {
        Ok(mut json) => {
            json.pop();
            drafted(status, json)
        }
        Err(error) => Failure::from(Error::internal(error)).into_response(),
    }
}

fn drafted(status: StatusCode, json: String) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(Draft(json));
    response
}
