//! Transactions: several writes or reads, all or none.

use aws_sdk_dynamodb::{
    error::BuildError,
    operation::{transact_get_items::TransactGetItemsError, transact_write_items::TransactWriteItemsError},
    types::{
        CancellationReason, ConditionCheck, Delete, Get, Put, ReturnValuesOnConditionCheckFailure,
        TransactGetItem, TransactWriteItem,
    },
};

use crate::{Client, Condition, Error, ErrorKind, Item};

/// DynamoDB's code for a condition that did not hold, in a transaction.
const CONDITION_FAILED: &str = "ConditionalCheckFailed";

/// How a transaction ended.
pub enum Transacted {
    /// All writes are made.
    Written,
    /// No write is made, since a condition did not hold.
    Refused(Vec<CancellationReason>),
    /// No write is made, since another transaction was under way on the same items, or there was no
    /// throughput left. What the other one will leave behind is not known before it ends.
    Retryable(Error),
}

impl Client {
    /// Makes several writes in one transaction: all of them, or none.
    ///
    /// # Errors
    /// When DynamoDB refuses for another reason than a condition, contention or throughput.
    pub async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Transacted, Error> {
        let sent = self.transact_write_items().set_transact_items(Some(writes)).customize().send().await;
        let Err(error) = sent else { return Ok(Transacted::Written) };
        let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error()
        else {
            return Err(error.into());
        };
        let reasons = canceled.cancellation_reasons();
        let error = Error::canceled("TransactWriteItems", reasons);
        match error.kind {
            ErrorKind::Contended | ErrorKind::Busy => Ok(Transacted::Retryable(error)),
            ErrorKind::Other if reasons.iter().any(|reason| reason.code() == Some(CONDITION_FAILED)) => {
                Ok(Transacted::Refused(reasons.to_vec()))
            }
            ErrorKind::Other => Err(error),
        }
    }

    /// Several items as they were at one moment, by table and key, in that order; none where there is nothing. No item
    /// may be named twice.
    ///
    /// # Errors
    /// When DynamoDB refuses; [`ErrorKind::Contended`] where somebody's transaction writes there at this moment.
    pub async fn snapshot(
        &self,
        places: impl IntoIterator<Item = (String, Item)>,
    ) -> Result<Vec<Option<Item>>, Error> {
        let gets = places.into_iter().map(|(table, key)| {
            let get = Get::builder().table_name(table).set_key(Some(key));
            TransactGetItem::builder().get(whole(get.build())).build()
        });
        match self.transact_get_items().set_transact_items(Some(gets.collect())).customize().send().await {
            Ok(found) => {
                Ok(found.responses.unwrap_or_default().into_iter().map(|found| found.item).collect())
            }
            Err(error) => Err(match error.as_service_error() {
                Some(TransactGetItemsError::TransactionCanceledException(canceled)) => {
                    Error::canceled("TransactGetItems", canceled.cancellation_reasons())
                }
                _ => error.into(),
            }),
        }
    }
}

/// Puts an item as a part of a transaction. Where the condition does not hold, the reason has the item that is there.
#[must_use]
pub fn put(table: String, item: Item, condition: Condition) -> TransactWriteItem {
    let (expression, values) = condition.into_parts();
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .set_condition_expression(expression)
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    TransactWriteItem::builder().put(whole(put.build())).build()
}

/// Deletes an item as a part of a transaction.
#[must_use]
pub fn delete(table: String, key: Item, condition: Condition) -> TransactWriteItem {
    let (expression, values) = condition.into_parts();
    let delete = Delete::builder()
        .table_name(table)
        .set_key(Some(key))
        .set_condition_expression(expression)
        .set_expression_attribute_values(values);
    TransactWriteItem::builder().delete(whole(delete.build())).build()
}

/// Checks that there is no item with this key, as a part of a transaction.
#[must_use]
pub fn check_missing(table: String, key: Item, attribute: &str) -> TransactWriteItem {
    let check = ConditionCheck::builder()
        .table_name(table)
        .set_key(Some(key))
        .condition_expression(format!("attribute_not_exists({attribute})"));
    TransactWriteItem::builder().condition_check(whole(check.build())).build()
}

/// A part of a request whose required members are given, of which the SDK makes sure.
#[expect(clippy::expect_used, reason = "the SDK's builders fail only where a required member is missing")]
pub(crate) fn whole<T>(built: Result<T, BuildError>) -> T {
    built.expect("every required member")
}

/// The reason that one write's condition canceled the transaction, if it did.
#[must_use]
pub fn condition_failed(reasons: &[CancellationReason], at: usize) -> Option<&CancellationReason> {
    reasons.get(at).filter(|reason| reason.code() == Some(CONDITION_FAILED))
}
