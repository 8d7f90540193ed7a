//! Organizations: read by the API, written by operators.

use domain::{Error, Organization, OrganizationId, catalogue};
use dynamodb::{Value, Values};

use crate::{
    Store,
    error::internal,
    item::{self, Item, s},
};

impl Store {
    /// One organization, as of now.
    ///
    /// # Errors
    /// [`Error::NotFound`] where there is none with that id.
    pub async fn organization(&self, id: OrganizationId) -> Result<Organization, Error> {
        let key = Values::from([("organization_id", Value::S(id.to_string()))]);
        self.read(catalogue::ME.table, key).await?.ok_or(Error::NotFound)
    }

    pub(crate) async fn organization_item(&self, id: OrganizationId) -> Result<Option<Item>, Error> {
        let key = Item::from([("organization_id".to_owned(), s(id.to_string()))]);
        self.get_item(catalogue::ME.table, key).await
    }

    /// Writes an organization, new or changed.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn put_organization(&self, organization: &Organization) -> Result<(), Error> {
        self.put_item(catalogue::ME.table, item::from_value(organization)?).await
    }

    /// Every organization, by name: for operators, since it reads the whole table.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn organizations(&self) -> Result<Vec<Organization>, Error> {
        let mut pages =
            self.client.scan().table_name(self.table(catalogue::ME.table)).into_paginator().items().send();
        let mut organizations = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| internal(error))?;
            organizations.extend(item::readable::<Organization>(item, catalogue::ME.table));
        }
        organizations.sort_by(|a, b| a.organization_name.cmp(&b.organization_name));
        Ok(organizations)
    }
}
