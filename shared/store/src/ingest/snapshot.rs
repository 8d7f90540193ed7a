//! Several items as they were at one moment: what one transaction wrote is seen whole or not at all.

use dynamodb::ErrorKind;

use super::not_applied::Stopped;
use crate::{Store, error::failed, item::Item};

/// A table, and the key of an item in it.
pub(super) type Place = (&'static str, Item);

impl Store {
    /// The items at `places`, in that order; none where there is nothing. No place may be named twice.
    pub(super) async fn items_at(&self, places: Vec<Place>) -> Result<Vec<Option<Item>>, Stopped> {
        let places = places.into_iter().map(|(table, key)| (self.table(table), key));
        self.client.snapshot(places).await.map_err(|error| match error.kind {
            // Somebody's transaction writes there at this moment.
            ErrorKind::Contended => Stopped::Again(failed(error)),
            _ => failed(error).into(),
        })
    }
}
