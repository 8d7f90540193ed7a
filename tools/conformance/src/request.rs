//! One request to the server, with the key that it carries.

use domain::{Scope, catalogue};
use reqwest::Method;

/// The key that a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Who {
    /// No key is sent.
    Nobody,
    /// The key that the check was given.
    Caller,
    /// A key with a single scope.
    Narrow,
    /// A key that was revoked.
    Revoked,
    /// A key that has expired.
    Expired,
    /// A key of another organization.
    Foreign,
    /// A well-formed key that was never issued.
    Unknown,
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) who: Who,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<String>,
    /// Whether the run goes on after a 429, rather than wait and ask again.
    pub(super) takes_429: bool,
}

impl Request {
    pub(super) fn new(method: Method, path: impl Into<String>) -> Self {
        let (path, who) = (path.into(), Who::Caller);
        Self { method, path, who, headers: Vec::new(), body: None, takes_429: false }
    }

    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// A POST whose `Content-Type` is JSON.
    pub(super) fn post(path: &str, body: impl Into<String>) -> Self {
        Self::new(Method::POST, path).header("content-type", "application/json").body(body)
    }

    pub(super) fn by(self, who: Who) -> Self {
        Self { who, ..self }
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn body(self, body: impl Into<String>) -> Self {
        Self { body: Some(body.into()), ..self }
    }

    pub(super) fn taking_429(self) -> Self {
        Self { takes_429: true, ..self }
    }

    /// The scope of the route that the request is for; none where the API has no such route.
    pub(super) fn route(&self) -> Option<Option<Scope>> {
        let path = self.path.split('?').next().unwrap_or_default();
        let method = if self.method == Method::HEAD { "GET" } else { self.method.as_str() };
        catalogue::ALL.iter().find_map(|resource| {
            let has = |route: &&catalogue::Route| fits(route.path, path) && route.methods.contains(&method);
            resource.routes.iter().find(has)?;
            Some(if method == "GET" { resource.read } else { resource.write })
        })
    }
}

fn fits(route: &str, path: &str) -> bool {
    let (route, path): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split('/').collect());
    route.len() == path.len()
        && route.iter().zip(path).all(|(of_route, part)| of_route == &part || is_parameter(of_route))
}

/// Whether a part of a route stands for an id.
pub(super) fn is_parameter(part: &str) -> bool {
    part.starts_with('{')
}
