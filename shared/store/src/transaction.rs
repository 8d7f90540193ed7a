//! Transactions: several writes, all or none.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, TransactWriteItem},
};
use domain::Error;

use crate::{
    Store,
    error::{CONDITION_FAILED, canceled, internal},
};

/// How a transaction ended.
pub(crate) enum Outcome {
    /// Everything is written.
    Written,
    /// Nothing is: a condition did not hold.
    Refused(Vec<CancellationReason>),
    /// Nothing is: another transaction was under way on the same items, or there was no throughput left.
    /// What the other one will leave behind is not known before it ends.
    Again(Error),
}

impl Store {
    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Outcome, Error> {
        let sent = self.client.transact_write_items().set_transact_items(Some(writes)).send().await;
        let Err(error) = sent else { return Ok(Outcome::Written) };
        let Some(reasons) = reasons(&error) else { return Err(internal("TransactWriteItems", error)) };
        match canceled("TransactWriteItems", reasons) {
            again @ (Error::Contended(_) | Error::Busy(_)) => Ok(Outcome::Again(again)),
            _ if reasons.iter().any(|reason| reason.code() == Some(CONDITION_FAILED)) => {
                Ok(Outcome::Refused(reasons.to_vec()))
            }
            error => Err(error),
        }
    }
}

fn reasons(error: &SdkError<TransactWriteItemsError>) -> Option<&[CancellationReason]> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(canceled) => {
            Some(canceled.cancellation_reasons())
        }
        _ => None,
    }
}
