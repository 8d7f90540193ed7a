//! The publication of events: each is written once, with all its deliveries, in one transaction.

use std::time::Duration;

use domain::{
    Cursor, Error, Kind as _, ListRequest, OrganizationId, Problem, RecordId, Timestamp,
    webhooks::{Delivery, Event, EventType, MAX_WEBHOOKS, Webhook},
};
use dynamodb::{
    Bytes, Condition, Transacted, put,
    sdk::{primitives::Blob, types::AttributeValue},
};
use futures_util::try_join;
use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::value::RawValue;

use super::deliveries::new_delivery;
use crate::{
    Items, Page, Store,
    compressed::{compress, decompress},
    error::failed,
    item::{self, Item, n, s, time},
    tables::{DELETE_AFTER, KEPT},
};

/// How long a delivery's attempts take at the most. Its event is kept that much longer: it may be replayed on its last day.
const ALL_ATTEMPTS: Duration = Duration::from_secs(5 * 24 * 60 * 60);
/// The most bytes of an event's data: its record was an item, and so is smaller than this.
const MAX_DATA_BYTES: u64 = 4 * 1024 * 1024;

/// An event as it is stored.
#[derive(Deserialize)]
pub(crate) struct StoredEvent {
    id: RecordId,
    event: EventType,
    organization_id: OrganizationId,
    /// When the event happened.
    timestamp: Timestamp,
    /// The event's place in the list, which is when it happened; none of a made-up event, which is in no list.
    created_at: Option<Timestamp>,
    #[serde(deserialize_with = "decompressed")]
    data: Box<RawValue>,
}

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
        let is_new = Condition::new("attribute_not_exists(id)");
        let event = put(self.table(Event::RESOURCE.table), event, is_new);
        let put = |delivery| put(self.table(Delivery::RESOURCE.table), delivery, Condition::default());
        let writes = std::iter::once(event).chain(deliveries.into_iter().map(put)).collect();
        match self.transact(writes).await? {
            Transacted::Written => Ok(true),
            Transacted::Refused(_) => Ok(false),
            Transacted::Retryable(error) => Err(failed(error)),
        }
    }

    /// The event with this id, if it is kept still.
    ///
    /// # Errors
    /// When DynamoDB cannot be asked.
    pub async fn event(&self, organization: OrganizationId, id: RecordId) -> Result<Option<Event>, Error> {
        let item = self.items::<Event>(organization).get_item(id.to_string()).await?;
        item.map(from_item).transpose()
    }
}

impl Items<Event> {
    /// A page of the events, newest first, each as the body that an endpoint is sent.
    ///
    /// # Errors
    /// [`Error::Invalid`] where they are to be shown to an endpoint that this organization does not have.
    pub async fn bodies(&self, request: &ListRequest) -> Result<Page, Error> {
        let page = self.page_of(request, |stored: StoredEvent, json| {
            let at = stored.created_at;
            let event = Event::from(stored);
            // Without an endpoint it is to nobody's delivery, and has an id all the same.
            let delivery = request.shown_to.map_or(event.id, |webhook| event.delivery_id(webhook));
            json.extend_from_slice(event.body(delivery).as_bytes());
            Ok(Cursor { created_at: at.unwrap_or(event.created_at), id: event.id })
        });
        let Some(webhook) = request.shown_to else { return page.await };
        let webhooks = self.store.items::<Webhook>(self.organization);
        match try_join!(webhooks.get(webhook), page) {
            Err(Error::NotFound) => Err(Error::invalid("webhook_id", Problem::NoSuchWebhook)),
            found => found.map(|(_, page)| page),
        }
    }
}

fn to_item(event: &Event) -> Result<Item, Error> {
    let data = compress(event.data.get().as_bytes())?;
    let mut item = item::key(event.organization_id, event.id.to_string());
    item.extend(Item::from([
        ("event".to_owned(), s(event.event.as_str())),
        ("timestamp".to_owned(), time(event.created_at)),
        ("data".to_owned(), AttributeValue::B(Blob::new(data))),
        (DELETE_AFTER.to_owned(), n(event.created_at.plus(KEPT + ALL_ATTEMPTS).unix_seconds())),
    ]));
    Ok(item)
}

/// Reads an event of several; one that does not read is left out.
pub(super) fn readable(item: Item) -> Option<Event> {
    item::readable::<StoredEvent>(item, Event::RESOURCE.table).map(Event::from)
}

fn from_item(item: Item) -> Result<Event, Error> {
    item::into_value::<StoredEvent>(item).map(Event::from)
}

impl From<StoredEvent> for Event {
    fn from(stored: StoredEvent) -> Self {
        let StoredEvent { id, event, organization_id, timestamp, data, .. } = stored;
        Self { id, event, organization_id, created_at: timestamp, data }
    }
}

/// Reads compressed JSON.
fn decompressed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Box<RawValue>, D::Error> {
    let Bytes(data) = Bytes::deserialize(deserializer)?;
    decompress(&data, MAX_DATA_BYTES).map_err(|error| D::Error::custom(error.for_log()))
}
