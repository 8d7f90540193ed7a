//! Transactions: several writes or reads, all or none.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::{transact_get_items::TransactGetItemsError, transact_write_items::TransactWriteItemsError},
    types::{AttributeValue, CancellationReason, Get, TransactGetItem, TransactWriteItem},
};

use crate::{CONDITION_FAILED, Client, Error, ErrorKind};

/// An item, or its key.
pub type Item = HashMap<String, AttributeValue>;

/// How a transaction ended.
pub enum Outcome {
    /// Everything is written.
    Written,
    /// Nothing is: a condition did not hold.
    Refused(Vec<CancellationReason>),
    /// Nothing is: another transaction was under way on the same items, or there was no throughput left.
    /// What the other one will leave behind is not known before it ends.
    Again(Error),
}

impl Client {
    /// Writes all of it, or nothing.
    ///
    /// # Errors
    /// When DynamoDB refuses for another reason than a condition, contention or throughput.
    pub async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Outcome, Error> {
        let sent = self.transact_write_items().set_transact_items(Some(writes)).send().await;
        let Err(error) = sent else { return Ok(Outcome::Written) };
        let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error()
        else {
            return Err(Error::of("TransactWriteItems", error));
        };
        let reasons = canceled.cancellation_reasons();
        let error = Error::canceled("TransactWriteItems", reasons);
        match error.kind {
            ErrorKind::Contended | ErrorKind::Busy => Ok(Outcome::Again(error)),
            ErrorKind::Other if reasons.iter().any(|reason| reason.code() == Some(CONDITION_FAILED)) => {
                Ok(Outcome::Refused(reasons.to_vec()))
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
        const OPERATION: &str = "TransactGetItems";
        let gets = places.into_iter().map(|(table, key)| {
            let get = Get::builder().table_name(table).set_key(Some(key)).build();
            get.map(|get| TransactGetItem::builder().get(get).build())
        });
        let gets = gets.collect::<Result<_, _>>().map_err(|error| Error::not_made(OPERATION, error))?;
        match self.transact_get_items().set_transact_items(Some(gets)).send().await {
            Ok(found) => {
                Ok(found.responses.unwrap_or_default().into_iter().map(|found| found.item).collect())
            }
            Err(error) => Err(match error.as_service_error() {
                Some(TransactGetItemsError::TransactionCanceledException(canceled)) => {
                    Error::canceled(OPERATION, canceled.cancellation_reasons())
                }
                _ => Error::of(OPERATION, error),
            }),
        }
    }
}
