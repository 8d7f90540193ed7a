//! What handlers take from a request besides the caller. The raw extractors of axum are used here
//! alone: each of them would answer errors of its own making.
#![expect(clippy::disallowed_types, reason = "this is where they are wrapped")]

use std::{marker::PhantomData, ops::Deref};

use axum::{
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, header, request::Parts},
};
use domain::{Error, FromFields, ListRequest, Record, RecordId, shown};
use serde_json::Value;

use crate::{
    App, Failure,
    failure::MAX_BODY_BYTES,
    header::{IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_SHOWN},
};

const MAX_IDEMPOTENCY_KEY: usize = 255;

/// The query of a list of `T`.
pub struct ListQuery<T> {
    request: ListRequest,
    kind: PhantomData<fn() -> T>,
}

/// The id in the path.
pub struct Id(pub RecordId);

/// That the query is empty.
pub struct NoParameters;

/// The `Idempotency-Key`, where one was sent.
pub struct IdempotencyKey(pub Option<store::IdempotencyKey>);

/// A JSON body that was read into `T`.
pub struct Body<T>(pub T);

impl<T> Deref for ListQuery<T> {
    type Target = ListRequest;

    fn deref(&self) -> &ListRequest {
        &self.request
    }
}

impl<T: Record> FromRequestParts<App> for ListQuery<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Failure> {
        let request = ListRequest::parse(T::RESOURCE, &parameters(parts))?;
        Ok(Self { request, kind: PhantomData })
    }
}

impl FromRequestParts<App> for Id {
    type Rejection = Failure;

    /// What is no id names no record: the same 404 as for one that does not exist.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let Path(text) = Path::<String>::from_request_parts(parts, app).await.map_err(|_| Error::NotFound)?;
        text.parse().map(Self).map_err(|_| Error::NotFound.into())
    }
}

impl FromRequestParts<App> for NoParameters {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Failure> {
        match parameters(parts).into_iter().next() {
            None => Ok(Self),
            Some((name, _)) => {
                let shown = shown(&name);
                let message = format!("Unknown parameter {shown:?}. This path takes none.");
                Err(Error::invalid(shown, message).into())
            }
        }
    }
}

impl FromRequestParts<App> for IdempotencyKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Failure> {
        let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(value) = values.next() else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default();
        let printable = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if values.next().is_some() || text.is_empty() || text.len() > MAX_IDEMPOTENCY_KEY || !printable {
            let message = format!(
                "{IDEMPOTENCY_KEY_SHOWN} must be one value of 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters."
            );
            return Err(Error::invalid(IDEMPOTENCY_KEY_SHOWN, message).into());
        }
        Ok(Self(Some(store::IdempotencyKey::new(text))))
    }
}

impl<T: FromFields> FromRequest<App> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &App) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| Failure::PayloadTooLarge)?;
        if !is_json(&parts.headers) {
            return Err(Failure::UnsupportedMediaType);
        }
        let value: Value = serde_json::from_slice(&bytes).map_err(|error| bad_body(&error.to_string()))?;
        let fields = value.as_object().ok_or_else(|| bad_body("it is no object"))?;
        Ok(Self(T::from_fields(fields)?))
    }
}

/// A missing type is taken for JSON; any other than JSON in UTF-8 is refused.
fn is_json(headers: &HeaderMap) -> bool {
    headers.get_all(header::CONTENT_TYPE).iter().all(|value| {
        let text = value.to_str().unwrap_or_default().to_ascii_lowercase();
        let mut parts = text.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default();
        let json =
            essence.starts_with("application/") && (essence.ends_with("/json") || essence.ends_with("+json"));
        let charsets = parts.filter_map(|part| part.strip_prefix("charset="));
        json && charsets.map(|set| set.trim_matches('"')).all(|set| matches!(set, "utf-8" | "utf8"))
    })
}

fn bad_body(reason: &str) -> Error {
    Error::Invalid { param: None, message: format!("The body must be a JSON object: {reason}.") }
}

fn parameters(parts: &Parts) -> Vec<(String, String)> {
    form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}
