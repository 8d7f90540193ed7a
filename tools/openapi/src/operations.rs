//! The operations: a row of `operations.json` each, with what the catalogue does not know of it, and an example.

use std::{collections::BTreeMap, sync::LazyLock};

use domain::{Resource, Scope, catalogue};
use serde::Deserialize;
use serde_json::{Map, Value};

/// An operation of the API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operation {
    /// The operation's name in generated clients. It never changes.
    pub(crate) id: String,
    #[serde(default = "get")]
    pub(crate) method: String,
    pub(crate) path: String,
    /// The name of the schema of the request's body.
    pub(crate) body: Option<String>,
    /// Whether a request may come without its body.
    #[serde(default)]
    pub(crate) body_optional: bool,
    pub(crate) response: Response,
    /// The response to a request that does not go with what is there, or that others are in the way of.
    pub(crate) conflict: Option<String>,
    /// The operations that take their `id` from this one's response.
    #[serde(default)]
    pub(crate) leads_to: Vec<String>,
    pub(crate) example: Example,
}

/// The response of an operation that succeeds, and its status.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Response {
    #[serde(default = "ok")]
    pub(crate) status: u16,
    #[serde(flatten)]
    pub(crate) content: Content,
}

/// The content of a response: one record, or a page of them; the name is that of the record's schema.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Content {
    List(String),
    One(String),
}

/// A request, and the response to it with demo data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Example {
    #[serde(default)]
    pub(crate) path: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) query: Map<String, Value>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<Value>,
    pub(crate) response: Value,
}

/// All operations, in the order in which people read of them.
#[expect(clippy::expect_used, reason = "the tests read it")]
pub(crate) static ALL: LazyLock<Vec<Operation>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../operations.json")).expect("operations.json"));

fn get() -> String {
    "GET".to_owned()
}

fn ok() -> u16 {
    200
}

impl Response {
    /// The name of the schema of the whole response.
    pub(crate) fn schema(&self) -> String {
        match &self.content {
            Content::List(record) => format!("{record}List"),
            Content::One(record) => format!("{record}Response"),
        }
    }
}

impl Operation {
    /// The resource that the operation belongs to, by its path.
    pub(crate) fn resource(&self) -> Option<&'static Resource> {
        let owns = |resource: &&&Resource| resource.routes.iter().any(|route| route.path == self.path);
        catalogue::ALL.iter().find(owns).copied()
    }

    /// The resource that the operation lists, if it does: deliveries belong to webhooks, but have filters of
    /// their own.
    pub(crate) fn listed(&self) -> Option<&'static Resource> {
        let Content::List(record) = &self.response.content else { return None };
        if record == "Delivery" { Some(&catalogue::DELIVERIES) } else { self.resource() }
    }

    /// The scope that the operation takes: the resource's.
    pub(crate) fn scope(&self) -> Option<Scope> {
        let resource = self.resource()?;
        if self.method == "GET" { resource.read } else { resource.write }
    }
}
