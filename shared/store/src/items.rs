//! One organization's records of one kind: the only door to them.

use std::marker::PhantomData;

use domain::{Error, Kind, OrganizationId, Record, RecordId};

use crate::{
    Store,
    error::internal,
    item::{self, Item},
};

/// The records `T` of one organization.
#[derive(Clone)]
pub struct Items<T> {
    pub(crate) store: Store,
    pub(crate) organization: OrganizationId,
    kind: PhantomData<fn() -> T>,
}

impl Store {
    /// The records of one kind that belong to `organization`.
    #[must_use]
    pub fn items<T>(&self, organization: OrganizationId) -> Items<T> {
        Items { store: self.clone(), organization, kind: PhantomData }
    }
}

impl<T: Record> Items<T> {
    /// One record, as of now (strongly consistent).
    ///
    /// # Errors
    /// [`Error::NotFound`] where this organization has no such record.
    pub async fn get(&self, id: RecordId) -> Result<T, Error> {
        item::into_value(self.get_item(id.to_string()).await?.ok_or(Error::NotFound)?)
    }
}

impl<T: Kind> Items<T> {
    pub(crate) async fn get_item(&self, id: String) -> Result<Option<Item>, Error> {
        self.store
            .client
            .get_item()
            .table_name(self.store.table(T::RESOURCE.table))
            .set_key(Some(item::key(self.organization, id)))
            .consistent_read(true)
            .send()
            .await
            .map(|answer| answer.item)
            .map_err(|error| internal("GetItem", error))
    }
}
