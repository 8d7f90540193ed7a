//! The pointer to an object in S3 that holds an event too large for the queue.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::Version;

/// The length of a bucket's name, in bytes.
const BUCKET_BYTES: std::ops::RangeInclusive<usize> = 3..=63;
/// The longest key of an object, in bytes.
pub(crate) const MAX_KEY_BYTES: usize = 1024;

/// Where an event is that is too large for the queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pointer {
    /// The format's version.
    pub version: Version,
    /// The object that holds the event, as JSON.
    pub s3: S3Object,
}

/// An object in S3.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct S3Object {
    /// Its bucket: the name, no ARN.
    pub bucket: BucketName,
    /// Its key: 1 to 1 024 bytes.
    pub key: ObjectKey,
}

/// The name of an S3 bucket: 3 to 63 lower-case letters, digits, dots and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct BucketName(String);

/// The key of an S3 object: 1 to 1 024 bytes of UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ObjectKey(String);

impl BucketName {
    /// The bucket's name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ObjectKey {
    /// The object's key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BucketName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let valid = BUCKET_BYTES.contains(&text.len())
            && text.bytes().all(|byte| alphanumeric(&byte) || matches!(byte, b'.' | b'-'))
            && text.bytes().next().is_some_and(|first| alphanumeric(&first))
            && text.bytes().last().is_some_and(|last| alphanumeric(&last))
            && !text.contains("..");
        valid.then(|| Self(text.to_owned())).ok_or(
            "expected a bucket's name, not its ARN or URL: 3 to 63 lower-case letters, digits, single dots and \
             hyphens, a letter or digit first and last",
        )
    }
}

impl FromStr for ObjectKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid = (1..=MAX_KEY_BYTES).contains(&text.len());
        valid.then(|| Self(text.to_owned())).ok_or("expected an object's key: 1 to 1024 bytes of UTF-8")
    }
}

impl<'de> Deserialize<'de> for BucketName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for ObjectKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_has_the_name_that_s3_allows_and_no_arn() {
        for name in ["abc", "a-b.c-9", "inboundflow-eventsbucket-1a2b3c4d5e6f", &"a".repeat(63)] {
            assert!(name.parse::<BucketName>().is_ok(), "{name}");
        }
        for name in [
            "",
            "ab",
            "arn:aws:s3:::bucket",
            "arn:aws:s3:eu-central-1:123456789012:accesspoint/events",
            "Bucket",
            "a_b",
            "a..b",
            "-abc",
            "abc-",
            ".abc",
            "bücket",
            "a/b",
            "https://bucket",
            &"a".repeat(64),
        ] {
            assert!(name.parse::<BucketName>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_key_has_1_to_1024_bytes() {
        let (longest, umlauts) = ("k".repeat(1024), "ü".repeat(513));
        for (key, is_one) in [("k", true), (&longest, true), ("", false), (&umlauts, false)] {
            assert_eq!(key.parse::<ObjectKey>().is_ok(), is_one, "{} bytes", key.len());
        }
    }
}
