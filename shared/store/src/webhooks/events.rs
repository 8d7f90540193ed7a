//! Events: each written once, with all its deliveries, in one transaction.

use std::{io::Read as _, time::Duration};

use aws_sdk_dynamodb::{
    primitives::Blob,
    types::{AttributeValue, Put, TransactWriteItem},
};
use domain::{
    Cursor, Error, Kind as _, ListRequest, OrganizationId, RecordId, Timestamp,
    webhooks::{Delivery, Event, EventType, MAX_WEBHOOKS, Webhook},
};
use futures_util::try_join;
use serde_json::value::RawValue;

use super::{KEPT, deliveries::new_delivery, time};
use crate::{
    Items, Page, Store,
    error::corrupt,
    item::{self, Item, n, s},
    page::Listed,
    tables::DELETE_AFTER,
    transaction::Outcome,
};

/// A delivery that is replayed as long as it is kept has its event for as long as it is tried.
const ALL_TRIES: Duration = Duration::from_secs(5 * 24 * 60 * 60);
const COMPRESSION_LEVEL: i32 = 3;
/// An event's record was an item, and so is smaller than this.
const MAX_DATA_BYTES: u64 = 4 * 1024 * 1024;
/// When it happened. A made-up event has no `created_at`, and so is in no list.
const TIMESTAMP: &str = "timestamp";

impl Store {
    /// Writes an event and its deliveries to those of `webhooks` that want it. Returns whether it was
    /// new: what is there already is left as it is.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn publish(&self, event: &Event, webhooks: &[Webhook]) -> Result<bool, Error> {
        let mut item = to_item(event)?;
        item.insert("created_at".to_owned(), time(event.created_at));
        let mut wanting: Vec<_> = webhooks.iter().filter(|webhook| webhook.wants(event.event)).collect();
        // An organization may have a few more for a moment, and a transaction does not take any number.
        wanting.sort_by_key(|webhook| (webhook.created_at, webhook.id));
        let deliveries = wanting
            .into_iter()
            .take(MAX_WEBHOOKS)
            .map(|webhook| new_delivery(event, webhook.id, false, self.now()));
        self.write_event(item, deliveries.collect()).await
    }

    /// Writes a made-up event with its one delivery.
    pub(super) async fn publish_test(&self, event: &Event, webhook: RecordId) -> Result<Delivery, Error> {
        let delivery = new_delivery(event, webhook, true, self.now());
        self.write_event(to_item(event)?, vec![delivery.clone()]).await?;
        item::into_value(delivery)
    }

    async fn write_event(&self, event: Item, deliveries: Vec<Item>) -> Result<bool, Error> {
        let put = |table: &str, item| Put::builder().table_name(self.table(table)).set_item(Some(item));
        let first = put(Event::RESOURCE.table, event).condition_expression("attribute_not_exists(id)");
        let rest = deliveries.into_iter().map(|item| put(Delivery::RESOURCE.table, item));
        let writes = std::iter::once(first).chain(rest).map(|put| {
            put.build().map(|put| TransactWriteItem::builder().put(put).build()).map_err(Error::internal)
        });
        match self.transact(writes.collect::<Result<_, _>>()?).await? {
            Outcome::Written => Ok(true),
            Outcome::Refused(_) => Ok(false),
            Outcome::Again(error) => Err(error),
        }
    }

    /// An event, if it is kept still.
    ///
    /// # Errors
    /// When DynamoDB cannot be asked.
    pub async fn event(&self, organization: OrganizationId, id: RecordId) -> Result<Option<Event>, Error> {
        let item = self.items::<Event>(organization).get_item(id.to_string()).await?;
        item.as_ref().map(from_item).transpose()
    }
}

impl Items<Event> {
    /// A page of the events, newest first, each as the body that an endpoint is sent.
    ///
    /// # Errors
    /// [`Error::Invalid`] where they are to be shown to an endpoint that this organization does not have.
    pub async fn bodies(&self, request: &ListRequest) -> Result<Page, Error> {
        let page = self.page_of(request, |item| {
            let event = from_item(&item)?;
            // Without an endpoint it is to nobody's delivery, and has an id all the same.
            let delivery = request.shown_to.map_or(event.id, |webhook| event.delivery_id(webhook));
            let json = RawValue::from_string(event.body(delivery)).map_err(Error::internal)?;
            Ok(Listed { json, at: Cursor { created_at: event.created_at, id: event.id } })
        });
        let Some(webhook) = request.shown_to else { return page.await };
        let webhooks = self.store.items::<Webhook>(self.organization);
        match try_join!(webhooks.get(webhook), page) {
            Err(Error::NotFound) => Err(Error::invalid(
                "webhook_id",
                "webhook_id: there is no such endpoint in your organization.",
            )),
            found => found.map(|(_, page)| page),
        }
    }
}

fn to_item(event: &Event) -> Result<Item, Error> {
    let data =
        zstd::bulk::compress(event.data.get().as_bytes(), COMPRESSION_LEVEL).map_err(Error::internal)?;
    let mut item = item::key(event.organization_id, event.id.to_string());
    item.extend(Item::from([
        ("event".to_owned(), s(event.event.as_str())),
        (TIMESTAMP.to_owned(), time(event.created_at)),
        ("data".to_owned(), AttributeValue::B(Blob::new(data))),
        (DELETE_AFTER.to_owned(), n(event.created_at.plus(KEPT + ALL_TRIES).unix_seconds())),
    ]));
    Ok(item)
}

pub(super) fn from_item(item: &Item) -> Result<Event, Error> {
    let unreadable = |what: &str| corrupt("item", format!("an event's {what} does not read"));
    let word = serde_json::Value::from(item::text(item, "event")?);
    let event: EventType = serde_json::from_value(word).map_err(|_| unreadable("event"))?;
    let data = match item.get("data") {
        Some(AttributeValue::B(data)) => decompressed(data.as_ref()).ok_or_else(|| unreadable("data"))?,
        _ => return Err(unreadable("data")),
    };
    Ok(Event {
        id: item::text(item, "id")?.parse().map_err(|_| unreadable("id"))?,
        event,
        organization_id: item::text(item, "organization_id")?
            .parse()
            .map_err(|_| unreadable("organization"))?,
        created_at: Timestamp::parse(item::text(item, TIMESTAMP)?).ok_or_else(|| unreadable("timestamp"))?,
        data,
    })
}

fn decompressed(data: &[u8]) -> Option<Box<RawValue>> {
    let mut json = String::new();
    zstd::Decoder::new(data).ok()?.take(MAX_DATA_BYTES).read_to_string(&mut json).ok()?;
    RawValue::from_string(json).ok()
}
