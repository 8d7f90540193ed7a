//! Requests to DynamoDB as JSON: values that name their types, and what several requests have in common.

use std::collections::BTreeMap;

use serde::Serialize;

/// An attribute's value.
#[derive(Debug, Serialize)]
pub enum Value {
    /// A string.
    S(String),
    /// A number.
    N(String),
}

/// Values by their names: a key, or what an expression refers to.
pub type Values = BTreeMap<&'static str, Value>;

/// The request of a `GetItem`, strongly consistent.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GetItem {
    table_name: String,
    key: Values,
    consistent_read: bool,
}

impl GetItem {
    /// The item of this table with this key.
    #[must_use]
    pub fn new(table_name: String, key: Values) -> Self {
        Self { table_name, key, consistent_read: true }
    }
}
