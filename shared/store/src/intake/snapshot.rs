//! Several items as they were at one moment: what one transaction wrote is seen whole or not at all.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_get_items::TransactGetItemsError,
    types::{Get, TransactGetItem},
};
use domain::Error;

use super::Stopped;
use crate::{
    Store,
    error::{canceled, internal},
    item::Item,
};

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
            Err(error) => Err(match failed(error) {
                // Somebody's transaction writes there at this moment.
                error @ Error::Contended(_) => Stopped::Again(error),
                error => error.into(),
            }),
        }
    }
}

fn failed(error: SdkError<TransactGetItemsError>) -> Error {
    match error.as_service_error() {
        Some(TransactGetItemsError::TransactionCanceledException(parts)) => {
            canceled("TransactGetItems", parts.cancellation_reasons())
        }
        _ => internal("TransactGetItems", error),
    }
}
