//! Cursors: where the next page of a list begins.
//!
//! The text is base64url JSON, `{"created_at", "id", "v", "f"}`: the attributes of DynamoDB's
//! `LastEvaluatedKey` without the organization, which the server always takes from the caller's
//! key. `f` binds the cursor to its list and filters, and shows when it was garbled.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{RecordId, Timestamp, key::sha256_hex};

const VERSION: u8 = 1;
/// The longest text that is read as a cursor, in bytes. Cursors have about 150.
pub(crate) const MAX_LEN: usize = 512;

/// The last record of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The time when the record was created.
    pub created_at: Timestamp,
    /// The id of the record, which breaks ties.
    pub id: RecordId,
}

/// Why a cursor was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCursor {
    /// The text is no cursor, or one that was cut or changed.
    Unreadable,
    /// The cursor is from another list, or from this list with other filters.
    OtherList,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    created_at: String,
    id: RecordId,
    v: u8,
    f: String,
}

impl Cursor {
    /// The cursor as text, bound to `list`, which names the list and its filters.
    #[must_use]
    pub fn encode(&self, list: &str) -> String {
        let created_at = self.created_at.fixed_width();
        // The second half detects a changed character, which would otherwise be another valid place.
        let f = format!("{}{}", short_hash(list), short_hash(&format!("{list} {created_at} {}", self.id)));
        let wire = Wire { created_at, id: self.id, v: VERSION, f };
        // A struct of strings and a number always has a JSON form.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&wire).unwrap_or_default())
    }

    /// Reads a cursor that was made for the same `list`.
    ///
    /// # Errors
    /// [`BadCursor`] says what is wrong with it.
    pub fn decode(text: &str, list: &str) -> Result<Self, BadCursor> {
        if text.len() > MAX_LEN {
            return Err(BadCursor::Unreadable);
        }
        let json = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor::Unreadable)?;
        let wire: Wire = serde_json::from_slice(&json).map_err(|_| BadCursor::Unreadable)?;
        let created_at = Timestamp::parse(&wire.created_at).ok_or(BadCursor::Unreadable)?;
        let cursor = Self { created_at, id: wire.id };
        if cursor.encode(list) == text {
            return Ok(cursor);
        }
        Err(if wire.f.starts_with(&short_hash(list)) { BadCursor::Unreadable } else { BadCursor::OtherList })
    }
}

fn short_hash(text: &str) -> String {
    let mut hash = sha256_hex(text.as_bytes());
    hash.truncate(8);
    hash
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cursor() -> Cursor {
        Cursor {
            created_at: Timestamp::parse("2026-02-24T20:59:00.5Z").expect("a time"),
            id: RecordId::from_u128(7),
        }
    }

    #[test]
    fn it_starts_with_created_at_and_names_no_organization() {
        let text = cursor().encode("calls");
        assert!(text.starts_with("eyJjcmVhdGVkX2F0Ijo"), "{text}");
        let json = String::from_utf8(URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("UTF-8");
        assert!(json.starts_with(r#"{"created_at":"2026-02-24T20:59:00.500Z","id":"00000000-"#), "{json}");
        assert!(!json.contains("organization"));
    }

    #[test]
    fn it_opens_only_the_list_it_was_made_for() {
        let text = cursor().encode("calls");
        assert_eq!(Cursor::decode(&text, "calls"), Ok(cursor()));
        assert_eq!(Cursor::decode(&text, "leads"), Err(BadCursor::OtherList));
    }

    #[test]
    fn every_truncation_is_refused() {
        let text = cursor().encode("calls");
        for end in 0..text.len() {
            assert_eq!(Cursor::decode(&text[..end], "calls"), Err(BadCursor::Unreadable), "{end}");
        }
    }

    #[test]
    fn every_changed_character_is_refused() {
        let text = cursor().encode("calls");
        for at in 0..text.len() {
            let mut garbled = text.clone().into_bytes();
            garbled[at] = if garbled[at] == b'A' { b'B' } else { b'A' };
            let garbled = String::from_utf8(garbled).expect("ASCII");
            assert!(Cursor::decode(&garbled, "calls").is_err(), "{garbled}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_decoding_panic(text in ".{0,600}") {
            let _ = Cursor::decode(&text, "calls");
        }
    }
}
