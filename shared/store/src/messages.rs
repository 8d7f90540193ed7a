//! The conversations of calls: apart from the calls, compressed, in pieces that fit an item.

use std::{collections::BTreeMap, io::Read as _};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use domain::{Call, Error, Message, OrganizationId, RecordId, key::sha256_hex};
use serde_json::value::RawValue;

use crate::{
    Items,
    error::{corrupt, internal},
    item::{self, Item, n, s},
    tables::CALL_MESSAGES,
};

/// An item ends at 400 KB, its names and keys included.
pub(crate) const PIECE_BYTES: usize = 300 * 1024;
const COMPRESSION_LEVEL: i32 = 3;

/// How large an answer's JSON may become inside Lambda's own JSON, where every quote and backslash
/// takes one byte more. Lambda ends at 6 MB (6 291 556 bytes); the rest is for headers.
pub const MAX_ANSWER_BYTES: usize = 5_500_000;

/// What `json` takes inside Lambda's answer.
pub(crate) fn answer_bytes(json: &str) -> usize {
    json.len() + json.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

impl Items<Call> {
    /// A call and its conversation, as a JSON array.
    ///
    /// # Errors
    /// [`Error::NotFound`] where this organization has no such call.
    pub async fn get_with_messages(&self, id: RecordId) -> Result<(Call, Box<RawValue>), Error> {
        futures_util::try_join!(self.get(id), self.messages(id))
    }

    /// Reads every piece, and puts those together that the head names.
    async fn messages(&self, id: RecordId) -> Result<Box<RawValue>, Error> {
        let mut pages = self
            .store
            .client
            .query()
            .table_name(self.store.table(CALL_MESSAGES))
            .key_condition_expression("organization_id = :organization AND begins_with(id, :call)")
            .expression_attribute_values(":organization", s(self.organization.to_string()))
            .expression_attribute_values(":call", s(format!("{id}#")))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let (mut pieces, mut head) = (BTreeMap::new(), None);
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| internal("Query", error))?;
            let name = item::text(&item, "id")?.to_owned();
            if name == head_id(id) {
                head = Some(item)
            } else {
                drop(pieces.insert(name, item))
            };
        }
        let Some(head) = head else { return RawValue::from_string("[]".to_owned()).map_err(Error::internal) };
        let version = item::text(&head, "version")?;
        let mut compressed = Vec::new();
        for nth in 0..count(&head)? {
            let piece = pieces.get(&piece_id(id, version, nth));
            let piece = piece
                .ok_or_else(|| corrupt("Query", format!("a piece of the messages of {id} is missing")))?;
            compressed.extend_from_slice(data(piece)?);
        }
        decompress(&compressed)
    }
}

/// The items that hold a conversation: its pieces, and the head that names them. The head is to be
/// written after the pieces, so that a reader finds the old conversation or the new one, never a mix.
pub(crate) fn to_items(
    organization: OrganizationId,
    call: RecordId,
    messages: &[Message],
) -> Result<(Vec<Item>, Item), Error> {
    let json = serde_json::to_vec(messages).map_err(Error::internal)?;
    let compressed = zstd::bulk::compress(&json, COMPRESSION_LEVEL).map_err(Error::internal)?;
    let version = &sha256_hex(&json)[..16];
    let pieces = compressed.chunks(PIECE_BYTES).enumerate().map(|(nth, data)| {
        let mut item = item::key(organization, piece_id(call, version, nth));
        item.insert("data".to_owned(), AttributeValue::B(Blob::new(data)));
        item
    });
    let mut head = item::key(organization, head_id(call));
    head.insert("version".to_owned(), s(version));
    head.insert("pieces".to_owned(), n(compressed.len().div_ceil(PIECE_BYTES) as i64));
    Ok((pieces.collect(), head))
}

fn piece_id(call: RecordId, version: &str, nth: usize) -> String {
    format!("{call}#{version}#{nth:02}")
}

fn head_id(call: RecordId) -> String {
    format!("{call}#head")
}

fn decompress(compressed: &[u8]) -> Result<Box<RawValue>, Error> {
    let mut json = String::new();
    let decoder = zstd::stream::read::Decoder::new(compressed).map_err(Error::internal)?;
    // Nothing that large was ever written; a bound keeps a damaged item from taking all memory.
    decoder.take(2 * MAX_ANSWER_BYTES as u64).read_to_string(&mut json).map_err(Error::internal)?;
    RawValue::from_string(json).map_err(Error::internal)
}

fn count(head: &Item) -> Result<usize, Error> {
    match head.get("pieces") {
        Some(AttributeValue::N(pieces)) => pieces.parse().map_err(Error::internal),
        _ => Err(corrupt("Query", "the head of a conversation does not count its pieces")),
    }
}

fn data(piece: &Item) -> Result<&[u8], Error> {
    match piece.get("data") {
        Some(AttributeValue::B(data)) => Ok(data.as_ref()),
        _ => Err(corrupt("Query", "a piece of a conversation has no data")),
    }
}
