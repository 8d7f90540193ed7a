//! The extractors of handlers besides the caller. Only this file uses axum's raw extractors, which answer errors of their own
//! making.
#![expect(clippy::disallowed_types, reason = "this is where they are wrapped")]

use std::{convert::Infallible, marker::PhantomData, net::IpAddr, ops::Deref};

use axum::{
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{HeaderMap, header, request::Parts},
};
use domain::{
    BodyProblem, Error, Expected, FromFields, Kind, ListRequest, Problem, RecordId,
    catalogue::{MAX_BODY_BYTES, MAX_IDEMPOTENCY_KEY},
    json::{self, NotAnObject},
    shown,
};
use lambda_http::{RequestExt as _, request::RequestContext};
use serde_json::{Map, Value};

use crate::{
    ApiError, App,
    header::{FORWARDED_PROTO, IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_SHOWN},
};

/// The longest name of a host, in bytes.
const MAX_HOST: usize = 255;

/// The query of a list of `T`.
pub struct ListQuery<T> {
    request: ListRequest,
    kind: PhantomData<fn() -> T>,
}

/// The id in the path.
pub struct Id(pub RecordId);

/// The ids in the path, in their order.
pub struct Ids<const COUNT: usize>(pub [RecordId; COUNT]);

/// The proof that the query is empty.
pub struct NoParameters;

/// The address of the API as the caller reached it, without a slash at its end; none where the request lacks it.
pub struct Address(pub Option<String>);

/// The `Idempotency-Key`, where one was sent.
pub struct IdempotencyKey(pub Option<store::IdempotencyKey>);

/// A JSON body, read into `T`.
pub struct Body<T>(pub T);

/// A JSON body without required fields, read into `T`. An empty body counts as an object without fields.
pub struct OptionalBody<T>(pub T);

impl<T> Deref for ListQuery<T> {
    type Target = ListRequest;

    fn deref(&self) -> &ListRequest {
        &self.request
    }
}

impl<T: Kind> FromRequestParts<App> for ListQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let owner = match T::RESOURCE.owner() {
            Some(_) => Some(Id::from_request_parts(parts, app).await?.0),
            None => None,
        };
        let request = ListRequest::parse(T::RESOURCE, owner, &parameters(parts))?;
        Ok(Self { request, kind: PhantomData })
    }
}

impl FromRequestParts<App> for Id {
    type Rejection = ApiError;

    /// A text that is no UUID names no record: it is a 404, as an unknown id is.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Ids([id]) = Ids::from_request_parts(parts, app).await?;
        Ok(Self(id))
    }
}

impl<const COUNT: usize> FromRequestParts<App> for Ids<COUNT> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let texts = Path::<Vec<String>>::from_request_parts(parts, app).await;
        let Path(texts) = texts.map_err(|_| Error::NotFound)?;
        let ids: Vec<RecordId> =
            texts.iter().map(|text| text.parse()).collect::<Result<_, _>>().map_err(|_| Error::NotFound)?;
        ids.try_into().map(Self).map_err(|_| Error::internal("the path has another number of ids").into())
    }
}

impl FromRequestParts<App> for NoParameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        match parameters(parts).into_iter().next() {
            None => Ok(Self),
            Some((name, _)) => {
                let unknown = Problem::UnknownParameter { allowed: Vec::new() };
                Err(Error::invalid(shown(&name), unknown).into())
            }
        }
    }
}

impl FromRequestParts<App> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        // The host is written into pages: only a name or an address, with a port, may be.
        let is_host = |host: &&str| {
            (1..=MAX_HOST).contains(&host.len())
                && host.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']')
                })
        };
        let Some(host) = text(header::HOST).filter(is_host) else { return Ok(Self(None)) };
        // A reader's key is sent without TLS to this machine alone, whatever the headers say.
        let scheme = match text(FORWARDED_PROTO) {
            Some("http") | None if is_here(host) => "http",
            _ => "https",
        };
        Ok(Self(Some(format!("{scheme}://{host}{}", prefix(parts)))))
    }
}

/// What the address has before the path: the stage, unless the API has a domain of its own. Only the context of a REST
/// API's event says so.
fn prefix(parts: &Parts) -> &str {
    let Some(RequestContext::ApiGatewayV1(context)) = parts.request_context_ref() else { return "" };
    let whole = context.path.as_deref().unwrap_or_default();
    whole.strip_suffix(parts.raw_http_path()).unwrap_or_default()
}

/// Whether a host, with or without a port, is this machine.
fn is_here(host: &str) -> bool {
    let is_address = |text: &str| text.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => is_address(address),
        None => {
            let name = host.split_once(':').map_or(host, |(name, _)| name);
            name.eq_ignore_ascii_case("localhost") || is_address(name)
        }
    }
}

impl FromRequestParts<App> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let mut values = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(value) = values.next() else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default();
        let printable = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if values.next().is_some() || text.is_empty() || text.len() > MAX_IDEMPOTENCY_KEY || !printable {
            let expected = Expected::IdempotencyKey { max: MAX_IDEMPOTENCY_KEY };
            return Err(Error::invalid(IDEMPOTENCY_KEY_SHOWN, expected).into());
        }
        Ok(Self(Some(store::IdempotencyKey::new(text))))
    }
}

impl<T: FromFields> FromRequest<App> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        let (headers, bytes) = read(request).await?;
        fields(&headers, &bytes).and_then(|fields| Ok(Self(T::from_fields(&fields)?)))
    }
}

impl<T: FromFields> FromRequest<App> for OptionalBody<T> {
    type Rejection = ApiError;

    /// The `Content-Type` of an empty body is ignored: `curl -d ''` sends it as a form.
    async fn from_request(request: Request, _: &App) -> Result<Self, ApiError> {
        let (headers, bytes) = read(request).await?;
        let fields = if bytes.is_empty() { Map::new() } else { fields(&headers, &bytes)? };
        Ok(Self(T::from_fields(&fields)?))
    }
}

async fn read(request: Request) -> Result<(HeaderMap, Vec<u8>), ApiError> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| ApiError::PayloadTooLarge)?;
    Ok((parts.headers, bytes.into()))
}

/// The fields of a body that is a JSON object.
fn fields(headers: &HeaderMap, bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    if !is_json(headers) {
        return Err(ApiError::UnsupportedMediaType);
    }
    if !is_plain(headers, bytes) {
        return Err(ApiError::UnsupportedCoding);
    }
    if bytes.is_empty() {
        return Err(Error::invalid_whole(BodyProblem::Empty).into());
    }
    json::object(bytes).map_err(|wrong| match wrong {
        NotAnObject::Repeated(path) => Error::invalid(shown(&path), Problem::Repeated).into(),
        NotAnObject::Another(_) => Error::invalid_whole(BodyProblem::NotAnObject).into(),
        NotAnObject::NotJson(error) => Error::invalid_whole(BodyProblem::from(&error)).into(),
    })
}

/// Whether the body is not compressed. A REST API's gateway inflates gzip and deflate, and may leave the header; a body that is
/// still compressed is no text.
fn is_plain(headers: &HeaderMap, bytes: &[u8]) -> bool {
    let undone = |coding: &str| matches!(coding, "gzip" | "deflate") && str::from_utf8(bytes).is_ok();
    let codings = headers.get_all(header::CONTENT_ENCODING).iter();
    bytes.is_empty()
        || codings
            .map(|value| value.to_str().unwrap_or("?").trim().to_ascii_lowercase())
            .all(|coding| matches!(&*coding, "" | "identity") || undone(&coding))
}

/// Whether the body's type is JSON in UTF-8, or missing.
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

fn parameters(parts: &Parts) -> Vec<(String, String)> {
    let query = parts.uri.query().unwrap_or_default();
    let mut parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    // `lambda_http` has them in no order; of several that are wrong the same one is named each time.
    parameters.sort_by(|(one, _), (other, _)| one.cmp(other));
    parameters
}
