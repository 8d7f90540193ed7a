//! The conversations of calls: apart from the calls, compressed, in pieces that fit an item.

use std::io::Read as _;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use domain::{Call, Error, Message, OrganizationId, RecordId};
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

    async fn messages(&self, id: RecordId) -> Result<Box<RawValue>, Error> {
        let mut compressed = Vec::new();
        let mut start = None;
        let mut expected = None;
        let mut pieces = 0;
        loop {
            let answer = self
                .store
                .client
                .query()
                .table_name(self.store.table(CALL_MESSAGES))
                .key_condition_expression("organization_id = :organization AND begins_with(id, :call)")
                .expression_attribute_values(":organization", s(self.organization.to_string()))
                .expression_attribute_values(":call", s(format!("{id}#")))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| internal("Query", error))?;
            for piece in answer.items.unwrap_or_default() {
                let of = *expected.get_or_insert(pieces_in_all(&piece)?);
                // An import of a shorter conversation over a longer one leaves pieces behind.
                if pieces < of {
                    compressed.extend_from_slice(data(&piece)?);
                    pieces += 1;
                }
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                break;
            }
        }
        match expected {
            None => RawValue::from_string("[]".to_owned()).map_err(Error::internal),
            Some(of) if of == pieces => decompress(&compressed),
            Some(of) => Err(corrupt("Query", format!("{pieces} of {of} pieces of a conversation"))),
        }
    }
}

/// The items that hold a conversation.
pub(crate) fn to_items(
    organization: OrganizationId,
    call: RecordId,
    messages: &[Message],
) -> Result<Vec<Item>, Error> {
    let json = serde_json::to_vec(messages).map_err(Error::internal)?;
    let compressed = zstd::bulk::compress(&json, COMPRESSION_LEVEL).map_err(Error::internal)?;
    let of = compressed.len().div_ceil(PIECE_BYTES);
    let piece = |(at, data): (usize, &[u8])| {
        let mut item = item::key(organization, format!("{call}#{at:02}"));
        item.insert("of".to_owned(), n(of as i64));
        item.insert("data".to_owned(), AttributeValue::B(Blob::new(data)));
        item
    };
    Ok(compressed.chunks(PIECE_BYTES).enumerate().map(piece).collect())
}

fn decompress(compressed: &[u8]) -> Result<Box<RawValue>, Error> {
    let mut json = String::new();
    let decoder = zstd::stream::read::Decoder::new(compressed).map_err(Error::internal)?;
    // Nothing that large was ever written; a bound keeps a damaged item from taking all memory.
    decoder.take(2 * MAX_ANSWER_BYTES as u64).read_to_string(&mut json).map_err(Error::internal)?;
    RawValue::from_string(json).map_err(Error::internal)
}

fn pieces_in_all(piece: &Item) -> Result<usize, Error> {
    match piece.get("of") {
        Some(AttributeValue::N(of)) => of.parse().map_err(Error::internal),
        _ => Err(corrupt("Query", "a piece of a conversation does not say of how many")),
    }
}

fn data(piece: &Item) -> Result<&[u8], Error> {
    match piece.get("data") {
        Some(AttributeValue::B(data)) => Ok(data.as_ref()),
        _ => Err(corrupt("Query", "a piece of a conversation has no data")),
    }
}
