//! Transactions: several writes, all or none.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, TransactWriteItem},
};
use domain::Error;

use crate::{
    Store,
    error::{CONDITION_FAILED, internal},
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

/// Why DynamoDB cancels a transaction that it would carry out a moment later.
const PASSING: [&str; 3] = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];

impl Store {
    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Outcome, Error> {
        let sent = self.client.transact_write_items().set_transact_items(Some(writes)).send().await;
        let Err(error) = sent else { return Ok(Outcome::Written) };
        let Some(reasons) = canceled(&error) else { return Err(internal("TransactWriteItems", error)) };
        let any = |codes: &[&str]| {
            reasons.iter().filter_map(|reason| reason.code()).any(|code| codes.contains(&code))
        };
        if any(&PASSING) {
            return Ok(Outcome::Again(internal("TransactWriteItems", error)));
        }
        if any(&[CONDITION_FAILED]) {
            return Ok(Outcome::Refused(reasons.to_vec()));
        }
        Err(internal("TransactWriteItems", error))
    }
}

fn canceled(error: &SdkError<TransactWriteItemsError>) -> Option<&[CancellationReason]> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(canceled) => {
            Some(canceled.cancellation_reasons())
        }
        _ => None,
    }
}
