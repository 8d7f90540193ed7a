//! What we ask DynamoDB as JSON: values that name their types, and the parts that several requests have.

use std::collections::BTreeMap;

use domain::OrganizationId;
use serde::Serialize;

/// A value.
#[derive(Debug, Serialize)]
pub(crate) enum Value {
    S(String),
    N(String),
}

/// Values by their names: a key, or what an expression refers to.
pub(crate) type Values = BTreeMap<&'static str, Value>;

/// One item, by its key, as of now.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetItem {
    table_name: String,
    key: Values,
    consistent_read: bool,
}

impl GetItem {
    pub(crate) fn new(table_name: String, key: Values) -> Self {
        Self { table_name, key, consistent_read: true }
    }
}

/// The primary key of an organization's item.
pub(crate) fn key(organization: OrganizationId, id: impl Into<String>) -> Values {
    let organization = Value::S(organization.to_string());
    BTreeMap::from([("organization_id", organization), ("id", Value::S(id.into()))])
}
