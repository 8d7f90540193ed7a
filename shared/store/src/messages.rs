//! The conversations of calls, stored apart from the calls: compressed, in pieces that fit an item.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use domain::{Call, Error, Message, OrganizationId, RecordId, catalogue::CALLS};
use dynamodb::sdk::{primitives::Blob, types::AttributeValue};
use dynamodb::{Bytes, Values};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    Items,
    compressed::{compress, decompress},
    error::{busy, corrupt, internal},
    item::{self, Item, n, s},
    raw_item,
    tables::CALL_MESSAGES,
};

/// The size of a piece: an item ends at 400 KB, its names and keys included.
pub(crate) const PIECE_BYTES: usize = 300 * 1024;
/// The size up to which the head holds the conversation itself: most are a tenth of it.
pub(crate) const HEAD_BYTES: usize = 32 * 1024;
/// How many attempts there are to read a conversation that is replaced in that moment.
const READS: usize = 3;
/// How many attempts there are to read what a busy DynamoDB leaves.
const BATCHES: usize = 3;
/// How long until the second attempt; then twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// How large a response's JSON may become inside Lambda's own JSON, where every quote and backslash
/// takes one byte more. Lambda ends at 6 MB (6 291 556 bytes); the rest is for headers.
pub const MAX_ANSWER_BYTES: usize = 5_500_000;

/// The bytes that `json` takes inside Lambda's response. Counted in pieces whose count fits a byte, which the compiler
/// makes vector instructions of.
pub(crate) fn answer_bytes(json: &[u8]) -> usize {
    let doubled = |piece: &[u8]| piece.iter().map(|byte| u8::from(matches!(byte, b'"' | b'\\'))).sum::<u8>();
    json.len() + json.chunks(u8::MAX.into()).map(|piece| usize::from(doubled(piece))).sum::<usize>()
}

/// The request of a `BatchGetItem`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BatchGet<'a> {
    request_items: &'a RawValue,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Keys {
    keys: [Values; 1],
    consistent_read: bool,
}

/// The reply of a `BatchGetItem`: items by table, and the keys that a busy DynamoDB left for another attempt.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchGetReply<'a> {
    #[serde(borrow)]
    responses: HashMap<&'a str, Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    unprocessed_keys: HashMap<&'a str, &'a RawValue>,
}

/// The item of a conversation's head.
#[derive(Deserialize)]
pub(crate) struct Head {
    pieces: usize,
    data: Option<Bytes>,
}

/// The item of a part of a conversation that is too large for its head.
#[derive(Deserialize)]
pub(crate) struct Piece {
    #[serde(rename = "data")]
    _data: Bytes,
}

impl Items<Call> {
    /// A call and its conversation, as a JSON array.
    ///
    /// # Errors
    /// [`Error::NotFound`] where this organization has no such call.
    pub async fn get_with_messages(&self, id: RecordId) -> Result<(Call, Box<RawValue>), Error> {
        let (call, head) = self.call_and_head(id).await?;
        Ok((call.ok_or(Error::NotFound)?, self.messages(id, head).await?))
    }

    /// A call and its conversation's head as of now, in one round trip.
    async fn call_and_head(&self, id: RecordId) -> Result<(Option<Call>, Option<Head>), Error> {
        let [calls, messages] = [CALLS.table, CALL_MESSAGES].map(|table| self.store.table(table));
        let keys = |id| Keys { keys: [raw_item::key(self.organization, id)], consistent_read: true };
        let both = BTreeMap::from([(&calls, keys(id.to_string())), (&messages, keys(head_id(id)))]);
        let mut wanted = to_raw_value(&both).map_err(|error| Error::internal(error))?;
        let (mut call, mut head, mut pause) = (None, None, FIRST_PAUSE);
        for left in (0..BATCHES).rev() {
            let reply = self.store.client.batch_get_item_json(&BatchGet { request_items: &wanted }).await;
            let reply = reply.map_err(|error| internal(error))?;
            let BatchGetReply { responses, unprocessed_keys } =
                serde_json::from_slice(&reply).map_err(|error| Error::internal(error))?;
            let item = |table: &String| responses.get(table.as_str()).and_then(|items| items.first());
            call = item(&calls).map(|item| raw_item::read(item)).transpose()?.or(call);
            head = item(&messages).map(|item| raw_item::read(item)).transpose()?.or(head);
            if unprocessed_keys.is_empty() {
                return Ok((call, head));
            }
            if left > 0 {
                wanted = to_raw_value(&unprocessed_keys).map_err(|error| Error::internal(error))?;
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
        }
        Err(busy("BatchGetItem", "keys were left unprocessed at each attempt"))
    }

    /// The conversation that `head` holds or names, read again where another one took its place meanwhile.
    pub(crate) async fn messages(&self, id: RecordId, head: Option<Head>) -> Result<Box<RawValue>, Error> {
        match head {
            None => return RawValue::from_string("[]".to_owned()).map_err(|error| Error::internal(error)),
            Some(Head { pieces: 0, data: Some(Bytes(data)) }) => return conversation(&data),
            Some(_) => {}
        }
        for _ in 0..READS {
            if let Some(messages) = self.read_pieces(id).await? {
                return Ok(messages);
            }
        }
        Err(corrupt("Query", format!("a piece of the messages of {id} is missing")))
    }

    /// Reads every piece, and puts those together that the head names; none where one is not there.
    async fn read_pieces(&self, id: RecordId) -> Result<Option<Box<RawValue>>, Error> {
        let query = self.store.query_of(CALL_MESSAGES, self.organization, " AND begins_with(id, :call)");
        let query = query.expression_attribute_values(":call", s(format!("{id}#"))).consistent_read(true);
        let mut pages = query.into_paginator().items().send();
        let mut items = BTreeMap::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| internal(error))?;
            items.insert(item::text(&item, "id")?.to_owned(), item);
        }
        let Some(head) = items.get(&head_id(id)) else { return Ok(None) };
        let current = Version::of(head)?;
        if current.pieces == 0 {
            return conversation(data(head)?).map(Some);
        }
        let mut compressed = Vec::new();
        for id in current.piece_ids(id) {
            let Some(piece) = items.get(&id) else { return Ok(None) };
            compressed.extend_from_slice(data(piece)?);
        }
        conversation(&compressed).map(Some)
    }
}

/// A conversation as it is stored.
pub(crate) struct Conversation {
    /// What is too large for the head, piece by piece.
    pub(crate) pieces: Vec<Item>,
    /// The item that holds the conversation, or names its pieces. It is to be written after them, so that
    /// a reader finds the old conversation or the new one, never a mix.
    pub(crate) head: Item,
}

/// One of the conversations that a call has had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) name: String,
    /// How many pieces it has; 0 where the head holds it all.
    pub(crate) pieces: usize,
}

impl Version {
    /// The version that a head names.
    pub(crate) fn of(head: &Item) -> Result<Self, Error> {
        let pieces = match head.get("pieces") {
            Some(AttributeValue::N(pieces)) => pieces.parse().map_err(|error| Error::internal(error))?,
            _ => return Err(corrupt("item", "the head of a conversation does not count its pieces")),
        };
        Ok(Self { name: item::text(head, "version")?.to_owned(), pieces })
    }

    pub(crate) fn piece_ids(&self, call: RecordId) -> impl Iterator<Item = String> {
        (0..self.pieces).map(move |nth| format!("{call}#{}#{nth:02}", self.name))
    }
}

/// Makes the items of a conversation, under a name that no other one of the call has.
pub(crate) fn to_items(
    organization: OrganizationId,
    call: RecordId,
    messages: &[Message],
    name: &str,
) -> Result<Conversation, Error> {
    let json = serde_json::to_vec(messages).map_err(|error| Error::internal(error))?;
    let compressed = compress(&json)?;
    let whole = compressed.len() <= HEAD_BYTES;
    let pieces = if whole { 0 } else { compressed.len().div_ceil(PIECE_BYTES) };
    let mut head = item::key(organization, head_id(call));
    head.insert("version".to_owned(), s(name));
    head.insert("pieces".to_owned(), n(pieces as i64));
    if whole {
        head.insert("data".to_owned(), AttributeValue::B(Blob::new(compressed)));
        return Ok(Conversation { pieces: Vec::new(), head });
    }
    let version = Version { name: name.to_owned(), pieces };
    let pieces = version.piece_ids(call).zip(compressed.chunks(PIECE_BYTES)).map(|(id, data)| {
        let mut item = item::key(organization, id);
        item.insert("data".to_owned(), AttributeValue::B(Blob::new(data)));
        item
    });
    Ok(Conversation { pieces: pieces.collect(), head })
}

pub(crate) fn head_id(call: RecordId) -> String {
    format!("{call}#head")
}

fn conversation(compressed: &[u8]) -> Result<Box<RawValue>, Error> {
    decompress(compressed, 2 * MAX_ANSWER_BYTES as u64)
}

fn data(piece: &Item) -> Result<&[u8], Error> {
    match piece.get("data") {
        Some(AttributeValue::B(data)) => Ok(data.as_ref()),
        _ => Err(corrupt("Query", "a piece of a conversation has no data")),
    }
}
