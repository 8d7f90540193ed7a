//! Gateway events as HTTP requests, and answers as the gateway takes them: those of a REST API (v1) and
//! of an HTTP API (v2). What no HTTP request could be is told apart, so that its refusal has the event's
//! form and request id.
//!
//! `lambda_http` would do it, but panics on some requests that a client can send (docs/decisions/0044).

use std::{borrow::Cow, fmt, marker::PhantomData};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::language::Headers;

/// Which kind of API sent the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Rest,
    Http,
}

/// What an event says.
pub(crate) struct Incoming<'a> {
    pub(crate) form: Form,
    /// The gateway's id of the request.
    pub(crate) request_id: Option<String>,
    /// None where it has no such method.
    pub(crate) method: Option<Method>,
    /// None where HTTP has no such request.
    pub(crate) request: Option<Request<Body>>,
    /// For what is asked of them when the request is gone.
    pub(crate) headers: Headers<'a>,
}

/// What the caller's address has before the path: the stage, unless the API has a domain of its own.
#[derive(Clone)]
pub(crate) struct Prefix(pub(crate) String);

/// An answer as the gateway takes it.
pub(crate) struct Outgoing {
    form: Form,
    response: Response<String>,
}

/// What is said twice, with one value and with all of them, is read only where it is needed.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Event<'a> {
    #[serde(borrow)]
    http_method: Option<Text<'a>>,
    path: Option<Text<'a>>,
    multi_value_headers: Option<&'a RawValue>,
    query_string_parameters: Option<&'a RawValue>,
    multi_value_query_string_parameters: Option<&'a RawValue>,
    /// Only HTTP APIs send it.
    raw_path: Option<Text<'a>>,
    raw_query_string: Option<Text<'a>>,
    headers: Option<&'a RawValue>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
    request_context: Option<RequestContext<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RequestContext<'a> {
    request_id: Option<String>,
    #[serde(borrow)]
    http: Option<Http<'a>>,
    /// With the stage before it, where the stage is in the address.
    path: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Http<'a> {
    #[serde(borrow)]
    method: Text<'a>,
}

/// Copied only where it holds an escape.
#[derive(Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// An object's entries, in their order.
struct Entries<'a, T>(Vec<(Text<'a>, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<'de, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OfObject(PhantomData))
    }
}

struct OfObject<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OfObject<T> {
    type Value = Entries<'de, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

/// An object's entries, if it is readable; an object that is not there has none.
fn entries<'a, T: Deserialize<'a>>(object: Option<&'a RawValue>) -> Option<Vec<(Text<'a>, T)>> {
    let Some(object) = object else { return Some(Vec::new()) };
    serde_json::from_str::<Entries<'a, T>>(object.get()).ok().map(|Entries(entries)| entries)
}

/// Reads an event.
pub(crate) fn read(event: &RawValue) -> Incoming<'_> {
    let mut event: Event<'_> = serde_json::from_str(event.get()).unwrap_or_default();
    let context = event.request_context.take().unwrap_or_default();
    let form = if event.raw_path.is_some() { Form::Http } else { Form::Rest };
    let method = match (form, &context.http) {
        (Form::Http, Some(http)) => http.method.0.parse().ok(),
        _ => event.http_method.as_ref().and_then(|method| method.0.parse().ok()),
    };
    let request = method.clone().and_then(|method: Method| {
        let mut request = Request::new(event.body()?);
        *request.uri_mut() = event.uri(form)?;
        *request.headers_mut() = event.header_map()?;
        *request.method_mut() = method;
        request.extensions_mut().insert(event.prefix(&context));
        Some(request)
    });
    let headers = Headers { multi: event.multi_value_headers, single: event.headers };
    Incoming { form, request_id: context.request_id, method, request, headers }
}

impl Event<'_> {
    fn body(&self) -> Option<Body> {
        let text = self.body.clone().unwrap_or_default();
        match self.is_base64_encoded.unwrap_or_default() {
            true => STANDARD.decode(text).ok().map(Body::from),
            false => Some(Body::from(text)),
        }
    }

    /// What the caller's address has before the path.
    fn prefix(&self, context: &RequestContext<'_>) -> Prefix {
        let (whole, path) = (context.path.as_ref(), self.path.as_ref());
        let prefix = whole.zip(path).and_then(|(whole, path)| whole.0.strip_suffix(&*path.0));
        Prefix(prefix.unwrap_or_default().to_owned())
    }

    /// Path and query. The stage is no part of the path, and host and scheme are nobody's concern.
    fn uri(&self, form: Form) -> Option<Uri> {
        let (path, query) = match form {
            Form::Http => (&self.raw_path, self.encoded_again()),
            Form::Rest => (&self.path, self.query()?),
        };
        let path = path.as_ref().map_or("", |path| &*path.0);
        let slash = if path.starts_with('/') { "" } else { "/" };
        // `Uri` would take what follows for the query or the fragment.
        let is_path = path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#'));
        is_path.then(|| format!("{slash}{path}?{query}").parse().ok()).flatten()
    }

    /// An HTTP API hands on what was sent, which may be more than a URI's query takes.
    fn encoded_again(&self) -> String {
        let sent = self.raw_query_string.as_ref().map_or("", |sent| &*sent.0);
        let parameters = form_urlencoded::parse(sent.as_bytes());
        form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
    }

    /// A REST API decodes the parameters; they are encoded again.
    fn query(&self) -> Option<String> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let all = entries::<Vec<Text<'_>>>(self.multi_value_query_string_parameters)?;
        for (name, values) in &all {
            query.extend_pairs(values.iter().map(|value| (&name.0, &value.0)));
        }
        if all.is_empty() {
            let single = entries::<Text<'_>>(self.query_string_parameters)?;
            query.extend_pairs(single.iter().map(|(name, value)| (&name.0, &value.0)));
        }
        Some(query.finish())
    }

    /// The multi-valued headers hold the others; without them the others are all there is.
    fn header_map(&self) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        let mut append = |name: &str, value: &str| {
            let Ok(name) = HeaderName::try_from(name) else { return };
            // The name stays, so that a key or a type that was sent is refused rather than overlooked.
            headers.append(name, HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static("")));
        };
        let all = entries::<Vec<Text<'_>>>(self.multi_value_headers)?;
        for (name, values) in &all {
            values.iter().for_each(|value| append(&name.0, &value.0));
        }
        if all.is_empty() {
            let single = entries::<Text<'_>>(self.headers)?;
            single.iter().for_each(|(name, value)| append(&name.0, &value.0));
        }
        Some(headers)
    }
}

impl Outgoing {
    pub(crate) fn new(form: Form, response: Response<String>) -> Self {
        Self { form, response }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<Joined<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<Each<'a>>,
    body: &'a str,
    is_base64_encoded: bool,
    /// None are set, but those who take the gateway's place want to see that.
    #[serde(skip_serializing_if = "Option::is_none")]
    cookies: Option<[&'a str; 0]>,
}

/// Each header with all of its values.
struct Each<'a>(&'a HeaderMap);

/// Each header with its values as one.
struct Joined<'a>(&'a HeaderMap);

fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
}

impl Serialize for Each<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.keys().map(|name| (name.as_str(), values(self.0, name))))
    }
}

impl Serialize for Joined<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.keys().map(|name| (name.as_str(), values(self.0, name).join(", "))))
    }
}

impl Serialize for Outgoing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let headers = self.response.headers();
        let (headers, multi_value_headers) = match self.form {
            Form::Rest => (None, Some(Each(headers))),
            Form::Http => (Some(Joined(headers)), None),
        };
        Answer {
            status_code: self.response.status().as_u16(),
            headers,
            multi_value_headers,
            body: self.response.body(),
            is_base64_encoded: false,
            cookies: (self.form == Form::Http).then_some([]),
        }
        .serialize(serializer)
    }
}
