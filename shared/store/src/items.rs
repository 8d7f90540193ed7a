//! One organization's records of one kind: [`Items`] reads them, [`Changes`] writes them too.

use std::{marker::PhantomData, ops::Deref};

use domain::{Error, Kind, OrganizationId, Record, RecordId};
use dynamodb::{GetItem, Values};
use serde::de::DeserializeOwned;

use crate::{
    Store,
    error::internal,
    item::{self, Item},
    raw_item,
};

/// The records `T` of one organization, to be read.
#[derive(Clone)]
pub struct Items<T> {
    pub(crate) store: Store,
    pub(crate) organization: OrganizationId,
    kind: PhantomData<fn() -> T>,
}

/// The records `T` of one organization, to be read and changed.
pub struct Changes<T>(Items<T>);

impl<T> Deref for Changes<T> {
    type Target = Items<T>;

    fn deref(&self) -> &Items<T> {
        &self.0
    }
}

impl Store {
    /// The records of one kind that belong to `organization`.
    #[must_use]
    pub fn items<T>(&self, organization: OrganizationId) -> Items<T> {
        Items { store: self.clone(), organization, kind: PhantomData }
    }

    /// The records of one kind that belong to `organization`, to be read and changed.
    #[must_use]
    pub fn changes<T>(&self, organization: OrganizationId) -> Changes<T> {
        Changes(self.items(organization))
    }

    /// Reads the item with this key, as of now.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        table: &str,
        key: Values,
    ) -> Result<Option<T>, Error> {
        let reply = self.client.get_item_json(&GetItem::new(self.table(table), key)).await;
        let reply = reply.map_err(|error| internal(error))?;
        let item = dynamodb::item(&reply).map_err(|error| Error::internal(error))?;
        item.map(raw_item::read).transpose()
    }
}

impl<T: Record> Items<T> {
    /// One record, as of now (strongly consistent).
    ///
    /// # Errors
    /// [`Error::NotFound`] where this organization has no such record.
    pub async fn get(&self, id: RecordId) -> Result<T, Error> {
        let key = raw_item::key(self.organization, id.to_string());
        self.store.read(T::RESOURCE.table, key).await?.ok_or(Error::NotFound)
    }
}

impl<T: Kind> Items<T> {
    pub(crate) async fn get_item(&self, id: String) -> Result<Option<Item>, Error> {
        self.store.get_item(T::RESOURCE.table, item::key(self.organization, id)).await
    }
}
