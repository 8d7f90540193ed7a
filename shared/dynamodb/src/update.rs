//! Updates of an item: their expressions, attribute by attribute, and how they end.

use std::collections::HashMap;

use crate::{Error, Item, transaction::whole};
use aws_sdk_dynamodb::{
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::{AttributeValue, TransactWriteItem, Update},
};

/// How an update on a condition ended.
pub enum Updated {
    /// The update is made. The item's attributes, as far as they were asked for.
    Written(Item),
    /// The condition did not hold. The item as it is, if it was asked for.
    Refused(Item),
}

/// Makes an update.
///
/// # Errors
/// When DynamoDB refuses for another reason than the condition.
pub async fn update(update: UpdateItemFluentBuilder) -> Result<Updated, Error> {
    match update.customize().send().await {
        Ok(updated) => Ok(Updated::Written(updated.attributes.unwrap_or_default())),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                Ok(Updated::Refused(failed.item.clone().unwrap_or_default()))
            }
            _ => Err(error.into()),
        },
    }
}

/// The expression of an update: what it changes of an item, and on which condition.
#[derive(Default)]
pub struct UpdateExpression {
    sets: Vec<String>,
    removes: Vec<String>,
    conditions: Vec<String>,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl UpdateExpression {
    /// Sets an attribute.
    #[must_use]
    pub fn set(mut self, name: &str, value: AttributeValue) -> Self {
        self.sets.push(format!("#{name} = :{name}"));
        self.name(name).value(name, value)
    }

    /// Sets an attribute that the item does not have.
    #[must_use]
    pub fn set_if_missing(mut self, name: &str, value: AttributeValue) -> Self {
        self.sets.push(format!("#{name} = if_not_exists(#{name}, :{name})"));
        self.name(name).value(name, value)
    }

    /// Removes attributes.
    #[must_use]
    pub fn remove(mut self, names: &[&str]) -> Self {
        for name in names {
            self.removes.push(format!("#{name}"));
            self = self.name(name);
        }
        self
    }

    /// Adds a condition; it may name attributes as `#name`, which [`Self::name`] declares.
    #[must_use]
    pub fn only_if(mut self, condition: &str) -> Self {
        self.conditions.push(format!("({condition})"));
        self
    }

    /// Makes `#name` stand for an attribute.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.names.insert(format!("#{name}"), name.to_owned());
        self
    }

    /// Makes `:name` stand for a value.
    #[must_use]
    pub fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(format!(":{name}"), value);
        self
    }

    /// Adds the expression to an update.
    #[must_use]
    pub fn apply(self, update: UpdateItemFluentBuilder) -> UpdateItemFluentBuilder {
        update
            .update_expression(self.expression())
            .set_condition_expression(self.condition())
            .set_expression_attribute_names((!self.names.is_empty()).then_some(self.names))
            .set_expression_attribute_values((!self.values.is_empty()).then_some(self.values))
    }

    /// Updates the item that `update` names.
    ///
    /// # Errors
    /// When DynamoDB refuses for another reason than the condition.
    pub async fn send(self, update: UpdateItemFluentBuilder) -> Result<Updated, Error> {
        self::update(self.apply(update)).await
    }

    /// The update of the item with this key as a part of a transaction.
    #[must_use]
    pub fn in_transaction(self, table: String, key: Item) -> TransactWriteItem {
        let update = Update::builder()
            .table_name(table)
            .set_key(Some(key))
            .update_expression(self.expression())
            .set_condition_expression(self.condition())
            .set_expression_attribute_names((!self.names.is_empty()).then_some(self.names))
            .set_expression_attribute_values((!self.values.is_empty()).then_some(self.values));
        TransactWriteItem::builder().update(whole(update.build())).build()
    }

    fn expression(&self) -> String {
        let clause = |keyword: &str, parts: &[String]| match parts.is_empty() {
            true => String::new(),
            false => format!("{keyword} {} ", parts.join(", ")),
        };
        let expression = format!("{}{}", clause("SET", &self.sets), clause("REMOVE", &self.removes));
        expression.trim_end().to_owned()
    }

    fn condition(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" AND "))
    }
}
