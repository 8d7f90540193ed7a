//! The responses of handlers. [`Function`](crate::Function) completes them: it adds `meta` to the envelope.

use axum::{
    http::{HeaderValue, StatusCode, header as http_header},
    response::{IntoResponse, Response},
};
use domain::Error;
use serde::Serialize;
use store::Page;

use crate::{ApiError, ListQuery, header};

/// A response with one record.
pub struct One<T>(pub T);

/// A response with a page of a list.
pub struct List {
    page: Page,
    next_cursor: Option<String>,
}

/// A 202 response: what was asked for is under way, and the record says how far it has come.
pub struct Accepted<T>(pub T);

/// A 201 response with a new record, or with the one that was made when its idempotency key came first.
pub struct Created<T> {
    record: T,
    replayed: bool,
}

/// A response without an envelope, with a text that everybody may read. Its `Cache-Control` is the handler's to set.
pub struct Public {
    /// The response's `Content-Type`.
    pub content_type: &'static str,
    /// The response's body.
    pub text: String,
}

/// The content of a response, which travels as an extension of it until its body is written.
#[derive(Clone)]
pub(crate) enum Content {
    /// The JSON of an object up to its closing brace, before which `meta` goes.
    Data(String),
    /// The whole body, without an envelope.
    Text(String),
    /// The error that the envelope reports.
    Error(ApiError),
}

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
    /// The response with a record that this request has created.
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
        of_data(StatusCode::OK, &OneBody { data: &self.0 })
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        of_data(StatusCode::ACCEPTED, &OneBody { data: &self.0 })
    }
}

impl IntoResponse for List {
    fn into_response(self) -> Response {
        let (records, has_more) = (self.page.records, self.next_cursor.is_some());
        // A cursor is base64url: nothing in it is to be escaped.
        let next_cursor = self.next_cursor.map_or("null".to_owned(), |cursor| format!("\"{cursor}\""));
        let json = format!(r#"{{"data":{records},"has_more":{has_more},"next_cursor":{next_cursor}"#);
        with(StatusCode::OK, Content::Data(json))
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = of_data(StatusCode::CREATED, &OneBody { data: &self.record });
        if self.replayed {
            response.headers_mut().insert(header::IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

impl IntoResponse for Public {
    fn into_response(self) -> Response {
        let mut response = with(StatusCode::OK, Content::Text(self.text));
        let content_type = HeaderValue::from_static(self.content_type);
        response.headers_mut().insert(http_header::CONTENT_TYPE, content_type);
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        with(self.status(), Content::Error(self))
    }
}

fn of_data<T: Serialize>(status: StatusCode, body: &T) -> Response {
    match serde_json::to_string(body) {
        Ok(mut json) => {
            json.pop();
            with(status, Content::Data(json))
        }
        Err(error) => ApiError::from(Error::internal(error)).into_response(),
    }
}

fn with(status: StatusCode, content: Content) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(content);
    response
}
