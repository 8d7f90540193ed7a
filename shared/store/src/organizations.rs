//! Organizations: read by the API, written and counted by operators.

use domain::{Error, Organization, OrganizationId, Timestamp, catalogue};
use dynamodb::{UpdateExpression, Updated, Value, Values, sdk::types::Select};
use serde::Deserialize;

use crate::{
    Store,
    error::{failed, internal},
    item::{self, Item, s, time},
    tables::{API_KEYS, BY_CREATED, BY_ORGANIZATION},
};

/// An organization in the list of all.
#[derive(Debug, Deserialize)]
pub struct ListedOrganization {
    /// The organization.
    #[serde(flatten)]
    pub organization: Organization,
    /// When the organization was created; none where that was by a version that did not write it down.
    pub created_at: Option<Timestamp>,
}

/// How many keys and records an organization has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// How many keys there are, those that have ended among them.
    pub keys: u64,
    /// Whether there are more keys than were counted.
    pub has_more_keys: bool,
    /// How many calls, contacts, leads and appointments there are.
    pub records: u64,
    /// Whether there are more records than were counted.
    pub has_more_records: bool,
}

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
        self.get_item(catalogue::ME.table, key(id)).await
    }

    /// Writes an organization, new or changed. When it was first written stays.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn put_organization(&self, organization: &Organization) -> Result<(), Error> {
        let Organization { organization_id, organization_name, plan } = organization;
        let write = UpdateExpression::default()
            .set("organization_name", s(organization_name.clone()))
            .set("plan", s(plan.clone()))
            .set_if_missing("created_at", time(self.now()));
        match write.send(self.update_item(catalogue::ME.table, key(*organization_id))).await {
            Ok(Updated::Written(_) | Updated::Refused(_)) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }

    /// Every organization, by name: for operators, since it reads the whole table.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn organizations(&self) -> Result<Vec<ListedOrganization>, Error> {
        let mut pages =
            self.client.scan().table_name(self.table(catalogue::ME.table)).into_paginator().items().send();
        let mut organizations: Vec<ListedOrganization> = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| internal(error))?;
            organizations.extend(item::readable::<ListedOrganization>(item, catalogue::ME.table));
        }
        organizations.sort_by(|a, b| a.organization.organization_name.cmp(&b.organization.organization_name));
        Ok(organizations)
    }

    /// How many keys and how many records an organization has, up to `most` of each: for operators, since counting reads what
    /// it counts.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn holdings(&self, organization: OrganizationId, most: u64) -> Result<Holdings, Error> {
        let (keys, has_more_keys) = self.count(API_KEYS, BY_ORGANIZATION, organization, most).await?;
        let (mut records, mut has_more_records) = (0, false);
        for resource in catalogue::IMPORTED {
            let (found, has_more) =
                self.count(resource.table, BY_CREATED, organization, most - records).await?;
            records += found;
            has_more_records |= has_more;
        }
        Ok(Holdings { keys, has_more_keys, records, has_more_records })
    }

    /// How many of an organization's items an index has, up to `most`, and whether it has more.
    async fn count(
        &self,
        table: &str,
        index: &str,
        organization: OrganizationId,
        most: u64,
    ) -> Result<(u64, bool), Error> {
        let (mut count, mut last) = (0, None);
        loop {
            // One more than is counted says whether there are more. DynamoDB reads a megabyte at a time at the most.
            let limit = i32::try_from((most - count).saturating_add(1)).unwrap_or(i32::MAX);
            let query = self.query_of(table, organization, "").index_name(index).select(Select::Count);
            let reply = query.limit(limit).set_exclusive_start_key(last).send().await;
            let reply = reply.map_err(|error| internal(error))?;
            count += u64::try_from(reply.count).unwrap_or_default();
            last = reply.last_evaluated_key;
            if count > most || last.is_none() {
                return Ok((count.min(most), count > most));
            }
        }
    }
}

fn key(id: OrganizationId) -> Item {
    Item::from([("organization_id".to_owned(), s(id.to_string()))])
}
