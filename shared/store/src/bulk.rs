//! Writes of many records, for imports: in batches, and again what DynamoDB left undone.

use std::{collections::HashMap, time::Duration};

use domain::{Call, Error, Message, OrganizationId, Record, SizeProblem, key::sha256_hex};
use dynamodb::{
    is_throttle,
    sdk::types::{AttributeValue, PutRequest, WriteRequest},
};

use crate::{
    Store,
    error::{busy, internal},
    item::{self, Item},
    messages::{self, Conversation, answer_bytes},
    tables::CALL_MESSAGES,
};

/// The most items that a `BatchWriteItem` takes.
const MAX_ITEMS: usize = 25;
/// A batch may have 16 MB; items are measured roughly, so stop well before.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// The most bytes that an item may have, names and values together.
pub(crate) const MAX_ITEM_BYTES: usize = 400 * 1024;
const ATTEMPTS: u32 = 12;
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// An item that is ready to be written.
#[derive(Debug)]
pub struct Row {
    table: &'static str,
    id: String,
    item: Item,
    bytes: usize,
}

impl Row {
    /// A record's row.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it is too large for an item.
    pub fn of<T: Record>(organization: OrganizationId, record: &T) -> Result<Self, Error> {
        let item = item::from_record(organization, record)?;
        let bytes = fitting_bytes(&item)?;
        Self::new(T::RESOURCE.table, item, bytes)
    }

    /// The rows of a call's conversation, and the one that is to be written after them.
    ///
    /// # Errors
    /// [`Error::Invalid`] where no answer could hold the call with it.
    pub fn of_messages(
        organization: OrganizationId,
        call: &Call,
        messages: &[Message],
    ) -> Result<(Vec<Self>, Self), Error> {
        let json = serde_json::to_string(&(call, messages)).map_err(|error| Error::internal(error))?;
        if answer_bytes(json.as_bytes()) > crate::MAX_ANSWER_BYTES {
            let max = crate::MAX_ANSWER_BYTES;
            return Err(Error::invalid("messages", SizeProblem::Conversation { max }));
        }
        let content = serde_json::to_vec(messages).map_err(|error| Error::internal(error))?;
        let name = &sha256_hex(&content)[..16];
        let Conversation { pieces, head } = messages::to_items(organization, call.id, messages, name)?;
        let row = |piece| Self::new(CALL_MESSAGES, piece, messages::PIECE_BYTES);
        let head = Self::new(CALL_MESSAGES, head, messages::HEAD_BYTES)?;
        Ok((pieces.into_iter().map(row).collect::<Result<_, _>>()?, head))
    }

    fn new(table: &'static str, item: Item, bytes: usize) -> Result<Self, Error> {
        let id = format!("{} {}", item::text(&item, "organization_id")?, item::text(&item, "id")?);
        Ok(Self { table, id, item, bytes })
    }
}

/// The bytes of an item, or an error where DynamoDB would not take it.
pub(crate) fn fitting_bytes(item: &Item) -> Result<usize, Error> {
    let bytes: usize = item.iter().map(|(name, value)| name.len() + value_bytes(value)).sum();
    if bytes > MAX_ITEM_BYTES {
        return Err(Error::invalid_whole(SizeProblem::Record { bytes, max: MAX_ITEM_BYTES }));
    }
    Ok(bytes)
}

/// A value's size as DynamoDB counts it; a number takes 21 bytes at the most.
fn value_bytes(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::M(map) => {
            3 + map.iter().map(|(name, value)| 1 + name.len() + value_bytes(value)).sum::<usize>()
        }
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + value_bytes(value)).sum::<usize>(),
        _ => 21,
    }
}

/// Collects rows and sends them in batches.
pub struct BulkWriter {
    store: Store,
    /// The rows to be sent, by table and id: a batch that names an item twice is refused whole, so the later
    /// one counts.
    pending: HashMap<(&'static str, String), Item>,
    bytes: usize,
}

impl BulkWriter {
    /// A writer that has no rows yet.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store, pending: HashMap::new(), bytes: 0 }
    }

    /// Adds a row, and sends a batch that is full without it.
    ///
    /// # Errors
    /// When that batch could not be written.
    pub async fn add(&mut self, row: Row) -> Result<(), Error> {
        if self.pending.len() == MAX_ITEMS || self.bytes + row.bytes > MAX_BYTES {
            self.flush().await?;
        }
        self.pending.insert((row.table, row.id), row.item);
        self.bytes += row.bytes;
        Ok(())
    }

    /// Sends what is pending.
    ///
    /// # Errors
    /// When DynamoDB refuses, or still leaves something undone after many attempts.
    pub async fn flush(&mut self) -> Result<(), Error> {
        let mut requests: HashMap<String, Vec<WriteRequest>> = HashMap::new();
        for ((table, _), item) in std::mem::take(&mut self.pending) {
            let put =
                PutRequest::builder().set_item(Some(item)).build().map_err(|error| Error::internal(error))?;
            requests
                .entry(self.store.table(table))
                .or_default()
                .push(WriteRequest::builder().put_request(put).build());
        }
        self.bytes = 0;
        let mut pause = FIRST_PAUSE;
        for _ in 0..ATTEMPTS {
            if requests.is_empty() {
                return Ok(());
            }
            let write = self.store.client.batch_write_item().set_request_items(Some(requests.clone()));
            match write.customize().send().await {
                Ok(reply) => requests = reply.unprocessed_items.unwrap_or_default(),
                Err(error) if is_throttle(&error) => {}
                Err(error) => return Err(internal(error)),
            }
            if !requests.is_empty() {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        match requests.is_empty() {
            true => Ok(()),
            false => Err(busy("BatchWriteItem", "items are still unprocessed after many attempts")),
        }
    }
}
