//! The API keys of a check. No output shows any of them.

use std::{collections::HashMap, convert::Infallible, fmt, str::FromStr};

use domain::key::{ApiKey, PREFIX};

use crate::{
    promise::{NotKept, not_seen},
    request::Who,
};

/// The error for a key that no header can carry.
pub const NOT_ONE_WORD: &str = "a key is one word of printable ASCII characters";

/// A key, or another secret, from the command line. Neither `Debug` nor an error of the command line shows it.
#[derive(Clone)]
pub struct Secret(String);

/// The keys of one check, by whose they are.
pub struct Keys(HashMap<Who, Secret>);

impl Keys {
    /// The keys that the command line or the environment names.
    ///
    /// # Errors
    /// Why these are not enough, or cannot be sent.
    pub fn new(given: impl IntoIterator<Item = (Who, Option<Secret>)>) -> Result<Self, &'static str> {
        let given = given.into_iter().filter_map(|(who, key)| Some((who, key?.given()?)));
        let mut keys: HashMap<Who, Secret> = given.collect();
        if !keys.contains_key(&Who::Caller) {
            return Err("a key is needed: give --key or set INBOUNDFLOW_API_KEY");
        }
        let unknown = ApiKey::generate().map_err(|_| "no random numbers")?;
        keys.insert(Who::Unknown, Secret(unknown.reveal().to_owned()));
        if keys.values().all(Secret::fits_a_header) { Ok(Self(keys)) } else { Err(NOT_ONE_WORD) }
    }

    /// The key in clear; none for a request without a key.
    pub(super) fn reveal(&self, who: Who) -> Result<Option<&str>, NotKept> {
        let option = match who {
            Who::Nobody => return Ok(None),
            Who::Caller | Who::Unknown => "",
            Who::Narrow => "--narrow-key",
            Who::Revoked => "--revoked-key",
            Who::Expired => "--expired-key",
            Who::Foreign => "--foreign-key",
        };
        let key = self.0.get(&who).ok_or_else(|| not_seen(format!("needs {option}")))?;
        Ok(Some(key.reveal()))
    }

    /// The text without any key in it, whatever the server repeated.
    pub(super) fn redact(&self, text: &str) -> String {
        self.0.values().fold(text.to_owned(), |text, key| key.redact(&text))
    }
}

impl Secret {
    /// The secret unless it is empty, since CI hands over an empty one in place of a secret that it does not
    /// have.
    #[must_use]
    pub fn given(self) -> Option<Self> {
        (!self.0.is_empty()).then_some(self)
    }

    /// Whether the secret can be a header's value.
    #[must_use]
    pub fn fits_a_header(&self) -> bool {
        self.0.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// The secret in clear.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The text without this secret in it, whatever the server repeated.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        text.replace(&self.0, &format!("{PREFIX}…"))
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
