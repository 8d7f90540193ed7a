//! Several items as they were at one moment: what one transaction wrote is seen whole or not at all.

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata as _, SdkError},
    operation::transact_get_items::TransactGetItemsError,
    types::{Get, TransactGetItem},
};
use domain::Error;

use super::Stopped;
use crate::{Store, error::internal, item::Item};

/// A table, and the key of an item in it.
pub(super) type Place = (&'static str, Item);

impl Store {
    /// The items at `places`, in that order; none where there is nothing. No place may be named twice.
    pub(super) async fn items_at(&self, places: Vec<Place>) -> Result<Vec<Option<Item>>, Stopped> {
        let gets = places.into_iter().map(|(table, key)| {
            let get = Get::builder().table_name(self.table(table)).set_key(Some(key)).build();
            get.map(|get| TransactGetItem::builder().get(get).build())
        });
        let gets = gets.collect::<Result<_, _>>().map_err(Error::internal)?;
        match self.client.transact_get_items().set_transact_items(Some(gets)).send().await {
            Ok(answer) => {
                Ok(answer.responses.unwrap_or_default().into_iter().map(|found| found.item).collect())
            }
            Err(error) if is_in_the_way(&error) => Err(Stopped::Again(internal("TransactGetItems", error))),
            Err(error) => Err(internal("TransactGetItems", error).into()),
        }
    }
}

/// Whether somebody's transaction writes there at this moment.
fn is_in_the_way(error: &SdkError<TransactGetItemsError>) -> bool {
    match error.as_service_error() {
        Some(TransactGetItemsError::TransactionCanceledException(canceled)) => {
            canceled.cancellation_reasons().iter().any(|reason| reason.code() == Some("TransactionConflict"))
        }
        _ => error.code() == Some("TransactionConflictException"),
    }
}
