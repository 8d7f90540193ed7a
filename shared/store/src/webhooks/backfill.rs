//! The backfill of events: written afterwards for records that changed while the tables' streams were not followed.

use std::time::Duration;

use domain::{
    Error, OrganizationId, Resource, Timestamp,
    catalogue::{APPOINTMENTS, CALLS, LEADS},
    ingest::{Fields, REVISION},
    webhooks::{Change, Event, Webhook},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;

use crate::{
    Store,
    error::{internal, left_out},
    item::{Item, time},
    tables::BY_CREATED,
};

/// The resources whose changes are published as events.
const PUBLISHED: [&Resource; 3] = [&CALLS, &LEADS, &APPOINTMENTS];
/// How long after a record's creation something may happen to it that is published.
const PUBLISHED_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);
/// How many records are gone through at once.
const AT_ONCE: usize = 16;

/// The figures of a backfill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Backfilled {
    /// How many records voice events had written.
    pub records: u64,
    /// How many events were missing, and have been written.
    pub written: u64,
    /// How many events were there already.
    pub existing: u64,
    /// How many records do not read, and were left out.
    pub unreadable: u64,
}

impl Store {
    /// Writes the events of an organization's records that are missing, with their deliveries to every
    /// endpoint that wants them now: of the records that were created in this time, or a day before it. What
    /// was there before each is not known any more: a record that no longer stands as it stood when
    /// something happened to it tells nothing.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn backfill(
        &self,
        organization: OrganizationId,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Backfilled, Error> {
        let webhooks = self.webhooks(organization).await?;
        let mut done = Backfilled::default();
        for resource in PUBLISHED {
            let query = self
                .query_of(resource.table, organization, " AND created_at BETWEEN :since AND :until")
                .index_name(BY_CREATED)
                .expression_attribute_values(":since", time(since.minus(PUBLISHED_WITHIN)))
                .expression_attribute_values(":until", time(until));
            let mut pages = query.into_paginator().send();
            while let Some(page) = pages.next().await {
                let items = page.map_err(|error| internal(error))?.items.unwrap_or_default();
                let changed = items.into_iter().filter(|item| item.contains_key(REVISION));
                let published = stream::iter(changed)
                    .map(|item| self.publish_missing(resource, organization, item, &webhooks));
                let published: Vec<Backfilled> = published.buffer_unordered(AT_ONCE).try_collect().await?;
                done = published.into_iter().fold(done, Backfilled::plus);
            }
        }
        Ok(done)
    }

    async fn publish_missing(
        &self,
        resource: &Resource,
        organization_id: OrganizationId,
        item: Item,
        webhooks: &[Webhook],
    ) -> Result<Backfilled, Error> {
        let id = item.get("id").and_then(|id| id.as_s().ok().cloned());
        let after: Option<Fields> = serde_dynamo::from_item(item).ok();
        let change = after.as_ref().map(|after| Change { table: resource.table, before: None, after });
        let Some(Ok(occurrences)) = change.map(|change| change.occurrences()) else {
            left_out(resource.table, id.as_deref());
            return Ok(Backfilled { unreadable: 1, ..Backfilled::default() });
        };
        let mut done = Backfilled { records: 1, ..Backfilled::default() };
        for occurrence in occurrences {
            let event = Event {
                id: occurrence.id,
                event: occurrence.event,
                organization_id,
                created_at: self.now(),
                data: occurrence.data,
            };
            match self.publish(&event, webhooks).await? {
                true => done.written += 1,
                false => done.existing += 1,
            }
        }
        Ok(done)
    }
}

impl Backfilled {
    fn plus(self, other: Self) -> Self {
        Self {
            records: self.records + other.records,
            written: self.written + other.written,
            existing: self.existing + other.existing,
            unreadable: self.unreadable + other.unreadable,
        }
    }
}
