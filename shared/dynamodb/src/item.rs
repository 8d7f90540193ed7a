//! Items as the SDK has them, and conditions on them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

/// An item, its key, or the values that an expression refers to.
pub type Item = HashMap<String, AttributeValue>;

/// A condition on an item, for a write of it.
#[derive(Clone, Default)]
pub struct Condition {
    expression: Option<String>,
    values: Item,
}

impl Condition {
    /// The condition that this expression says.
    pub fn new(expression: impl Into<String>) -> Self {
        Self { expression: Some(expression.into()), values: Item::new() }
    }

    /// Adds a value that the expression names, such as `:old`.
    #[must_use]
    pub fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn into_parts(self) -> (Option<String>, Option<Item>) {
        (self.expression, (!self.values.is_empty()).then_some(self.values))
    }
}

/// A string attribute.
pub fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number attribute.
#[must_use]
pub fn n(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
