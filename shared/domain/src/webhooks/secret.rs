//! The signing secrets of endpoints: `whsec_`, then base64 of random bytes.

use std::{fmt, str::FromStr, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::Timestamp;

const PREFIX: &str = "whsec_";
const GENERATED_BYTES: usize = 32;
/// The lengths that the Standard Webhooks specification allows.
const MIN_BYTES: usize = 24;
const MAX_BYTES: usize = 64;

/// A signing secret in clear, since signing takes it. Its `Debug` shows nothing: it is never logged.
/// It has no `Serialize`, so that no response can hold one by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    text: String,
    key: Vec<u8>,
}

impl Secret {
    /// A new secret from the operating system's random source.
    ///
    /// # Errors
    /// When that source fails.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut key = vec![0; GENERATED_BYTES];
        getrandom::fill(&mut key)?;
        Ok(Self { text: format!("{PREFIX}{}", STANDARD.encode(&key)), key })
    }

    /// Reads a secret, prefix included.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let key = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        (MIN_BYTES..=MAX_BYTES).contains(&key.len()).then(|| Self { text: text.to_owned(), key })
    }

    /// The secret in clear: to be shown once, and to be stored.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The bytes that stand in base64 after the prefix: the key of Standard Webhooks.
    pub(super) fn decoded(&self) -> &[u8] {
        &self.key
    }
}

impl FromStr for Secret {
    type Err = &'static str;

    /// The text is not repeated in the error, since it may be a secret with a typing error.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or(
            "expected whsec_ and base64 of 24 to 64 bytes, as it was shown when the endpoint was made or its \
             secret rotated",
        )
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

fn in_clear<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.reveal())
}

/// The secrets of one endpoint, in their stored form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secrets {
    /// The current secret.
    #[serde(serialize_with = "in_clear")]
    pub current: Secret,
    /// The secret before the last rotation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<PreviousSecret>,
}

/// The secret before a rotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// The previous secret itself.
    #[serde(serialize_with = "in_clear")]
    pub secret: Secret,
    /// The end of the overlap, from which on the previous secret signs nothing.
    pub until: Timestamp,
}

impl Secrets {
    /// The secrets of a new endpoint.
    #[must_use]
    pub fn new(current: Secret) -> Self {
        Self { current, previous: None }
    }

    /// Rotates to `next`; the current secret stays beside it for `overlap`. A previous one that still overlapped is dropped.
    #[must_use]
    pub fn rotated(self, next: Secret, at: Timestamp, overlap: Duration) -> Self {
        let previous = PreviousSecret { secret: self.current, until: at.plus(overlap) };
        Self { current: next, previous: (!overlap.is_zero()).then_some(previous) }
    }

    /// The previous secret, if its overlap has not ended.
    #[must_use]
    pub fn previous_at(&self, at: Timestamp) -> Option<&Secret> {
        self.previous.as_ref().filter(|previous| at < previous.until).map(|previous| &previous.secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generated() -> Secret {
        Secret::generate().expect("random bytes")
    }

    fn of_bytes(len: usize) -> String {
        format!("whsec_{}", STANDARD.encode(vec![b'x'; len]))
    }

    #[test]
    fn a_generated_secret_is_read_back_and_differs_from_the_next() {
        let secret = generated();
        assert_eq!(Secret::parse(secret.reveal()).as_ref(), Some(&secret));
        assert_eq!((secret.reveal().len(), secret.decoded().len()), (50, 32));
        assert_ne!(secret, generated());
    }

    #[test]
    fn only_the_prefix_and_base64_of_24_to_64_bytes_is_a_secret() {
        for len in [24, 32, 64] {
            assert!(Secret::parse(&of_bytes(len)).is_some(), "{len}");
        }
        for text in [
            of_bytes(0),
            of_bytes(23),
            of_bytes(65),
            of_bytes(24).replace("whsec_", ""),
            of_bytes(24).replace("whsec_", "WHSEC_"),
            of_bytes(25).trim_end_matches('=').to_owned(),
            format!(" {}", of_bytes(24)),
            format!("{}\n", of_bytes(24)),
            of_bytes(24).replace("4e", "-_"),
        ] {
            assert!(text.parse::<Secret>().is_err(), "{text}");
        }
    }

    #[test]
    fn debugging_shows_no_secret() {
        let secrets =
            Secrets::new(generated()).rotated(generated(), Timestamp::now(), Duration::from_secs(9));
        let shown = format!("{secrets:?}");
        for secret in [Some(&secrets.current), secrets.previous_at(Timestamp::now())] {
            assert!(!shown.contains(&secret.expect("two secrets").reveal()["whsec_".len()..]), "{shown}");
        }
    }

    #[test]
    fn a_rotation_overlaps_to_the_millisecond() {
        let (first, second, now) = (generated(), generated(), Timestamp::now());
        let secrets = Secrets::new(first.clone()).rotated(second.clone(), now, Duration::from_secs(1));
        assert_eq!(secrets.current, second);
        assert_eq!(secrets.previous_at(now.plus(Duration::from_millis(999))), Some(&first));
        assert_eq!(secrets.previous_at(now.plus(Duration::from_secs(1))), None);

        let third = generated();
        let secrets = secrets.rotated(third.clone(), now, Duration::from_secs(1));
        assert_eq!((&secrets.current, secrets.previous_at(now)), (&third, Some(&second)));
        assert_eq!(secrets.rotated(first.clone(), now, Duration::ZERO), Secrets::new(first));
    }

    #[test]
    fn the_stored_form_is_read_back() {
        let now = Timestamp::now();
        let one = Secrets::new(generated());
        let two = one.clone().rotated(generated(), now, Duration::from_secs(86_400));
        for secrets in [one, two] {
            let stored = serde_json::to_string(&secrets).expect("JSON");
            assert_eq!(serde_json::from_str::<Secrets>(&stored).expect("its own form"), secrets);
        }
    }
}
