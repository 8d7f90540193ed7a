//! API keys: `sk_live_`, 32 random base62 characters, 6 characters of checksum.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The prefix of every key.
pub const PREFIX: &str = "sk_live_";
const RANDOM_LEN: usize = 32;
const CHECKSUM_LEN: usize = 6;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// An API key in clear. Its `Debug` shows nothing: a key is never logged.
pub struct ApiKey(String);

/// Why the key of a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unauthenticated {
    /// No key was sent.
    Missing,
    /// The text is no API key: prefix, length or checksum is wrong.
    Malformed,
    /// More than one key was sent.
    Ambiguous,
    /// The key has the right form, but was never issued.
    Unknown,
    /// The key was revoked.
    Revoked,
    /// The key has expired.
    Expired,
}

/// The SHA-256 of an API key, which is all that is stored of it. Its `Debug` shows nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 32]);

impl ApiKey {
    /// A new key from the operating system's random source.
    ///
    /// # Errors
    /// When that source fails.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut text = String::with_capacity(PREFIX.len() + RANDOM_LEN + CHECKSUM_LEN);
        text.push_str(PREFIX);
        let mut bytes = [0; 64];
        while text.len() < PREFIX.len() + RANDOM_LEN {
            getrandom::fill(&mut bytes)?;
            // 248 = 4 × 62: the bytes above it would favour the alphabet's first letters.
            let fair = bytes.iter().filter(|byte| **byte < 248);
            for byte in fair.take(PREFIX.len() + RANDOM_LEN - text.len()) {
                text.push(char::from(ALPHABET[usize::from(byte % 62)]));
            }
        }
        text.push_str(&checksum(&text[PREFIX.len()..]));
        Ok(Self(text))
    }

    /// Reads a key, and refuses one that was mistyped or made up.
    ///
    /// # Errors
    /// [`Unauthenticated::Malformed`] when prefix, length, alphabet or checksum is wrong.
    pub fn parse(text: &str) -> Result<Self, Unauthenticated> {
        let rest = text.strip_prefix(PREFIX).ok_or(Unauthenticated::Malformed)?;
        if rest.len() != RANDOM_LEN + CHECKSUM_LEN || !rest.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Unauthenticated::Malformed);
        }
        let (random, sum) = rest.split_at(RANDOM_LEN);
        if checksum(random) != sum {
            return Err(Unauthenticated::Malformed);
        }
        Ok(Self(text.to_owned()))
    }

    /// Reads the key that a request's `Authorization` headers bring.
    ///
    /// # Errors
    /// Where there is no such header, more than one, or one that is not `Bearer` and a key of ours.
    pub fn from_authorization<'a>(
        values: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Unauthenticated> {
        let mut values = values.into_iter();
        let value = values.next().ok_or(Unauthenticated::Missing)?;
        if values.next().is_some() {
            return Err(Unauthenticated::Ambiguous);
        }
        let (scheme, key) = value.trim().split_once(' ').ok_or(Unauthenticated::Malformed)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Unauthenticated::Malformed);
        }
        Self::parse(key.trim())
    }

    /// The key in clear, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The hash that is stored in the key's place.
    #[must_use]
    pub fn hash(&self) -> KeyHash {
        KeyHash(Sha256::digest(self.0.as_bytes()).into())
    }

    /// The form in which lists show a key: `sk_live_abcd…wxyz`.
    #[must_use]
    pub fn hint(&self) -> String {
        let (start, end) = (&self.0[..PREFIX.len() + 4], &self.0[self.0.len() - 4..]);
        format!("{start}…{end}")
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

impl KeyHash {
    /// The stored form of the hash: 64 lower-case hex digits, which is also a legal value of an API Gateway
    /// key.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Reads the stored form of a hash.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }

    /// A number below `places`, always the same for this hash.
    #[must_use]
    pub fn spread(&self, places: u16) -> u16 {
        u16::from_be_bytes([self.0[0], self.0[1]]) % places
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(…)")
    }
}

/// SHA-256 as 64 lower-case hex digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Reads 64 lower-case hex digits.
pub(crate) fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    (hex::encode(bytes) == text).then_some(bytes)
}

fn checksum(random: &str) -> String {
    let mut rest = crc32fast::hash(random.as_bytes());
    let mut sum = [ALPHABET[0]; CHECKSUM_LEN];
    for place in sum.iter_mut().rev() {
        *place = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    sum.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_generated_key_is_read_back() {
        let key = ApiKey::generate().expect("random bytes");
        assert_eq!(key.reveal().len(), 46);
        assert_eq!(ApiKey::parse(key.reveal()).expect("its own key").hash(), key.hash());
    }

    #[test]
    fn every_single_mistyped_character_is_noticed() {
        let key = ApiKey::generate().expect("random bytes");
        for at in 0..key.reveal().len() {
            let mut typed = key.reveal().as_bytes().to_vec();
            typed[at] = if typed[at] == b'x' { b'y' } else { b'x' };
            let typed = String::from_utf8(typed).expect("ASCII");
            assert_eq!(ApiKey::parse(&typed).err(), Some(Unauthenticated::Malformed), "at {at}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "sk_live_", "sk_live_your_key_here", "sk_test_abc", "sk_live_ééééééééééééééééééé"]
        {
            assert!(ApiKey::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn keys_differ_and_use_the_whole_alphabet() {
        let keys: Vec<ApiKey> = (0..200).map(|_| ApiKey::generate().expect("random bytes")).collect();
        let distinct: HashSet<&str> = keys.iter().map(ApiKey::reveal).collect();
        assert_eq!(distinct.len(), keys.len());
        let letters: HashSet<u8> =
            keys.iter().flat_map(|key| key.reveal().bytes().skip(PREFIX.len())).collect();
        assert_eq!(letters.len(), 62);
    }

    #[test]
    fn a_hash_is_read_back_from_its_stored_form_and_from_no_other() {
        let hash = ApiKey::generate().expect("random bytes").hash();
        let hex = hash.to_hex();
        assert!(KeyHash::from_hex(&hex) == Some(hash));
        for text in [&hex[1..], &format!("{hex}0"), &"A".repeat(64), &"g".repeat(64), &"é".repeat(32), ""] {
            assert!(KeyHash::from_hex(text).is_none(), "{text}");
        }
    }

    #[test]
    fn neither_a_key_nor_its_hash_shows_in_debug_output() {
        let key = ApiKey::generate().expect("random bytes");
        assert_eq!(format!("{key:?} {:?}", key.hash()), "ApiKey(…) KeyHash(…)");
    }
}
