//! The keys that a check works with, none of which it ever shows.

use std::{convert::Infallible, fmt, str::FromStr};

use domain::key::{ApiKey, PREFIX};

use crate::{
    promise::{Miss, not_seen},
    request::Who,
};

/// What is said of a key that no header could carry.
pub const NOT_ONE_WORD: &str = "a key is one word of printable ASCII characters";

/// A key, or another secret, from the command line. Neither `Debug` nor an error of the command line shows it.
#[derive(Clone)]
pub struct Secret(String);

/// The keys that a check is given, each where there is one.
#[derive(Clone, Debug, Default)]
pub struct GivenKeys {
    /// The key to ask with.
    pub caller: Option<Secret>,
    /// A key of the same organization with one scope.
    pub narrow: Option<Secret>,
    /// A key that was revoked.
    pub revoked: Option<Secret>,
    /// A key that has expired.
    pub expired: Option<Secret>,
    /// A key of another organization.
    pub foreign: Option<Secret>,
}

/// The keys of one check.
pub struct Keys {
    caller: Secret,
    narrow: Option<Secret>,
    revoked: Option<Secret>,
    expired: Option<Secret>,
    foreign: Option<Secret>,
    unknown: Secret,
}

impl Keys {
    /// The keys that the command line or the environment names.
    ///
    /// # Errors
    /// Which of them no header could carry.
    pub fn read(keys: GivenKeys) -> Result<Self, &'static str> {
        let given = |key: Option<Secret>| key.and_then(Secret::given);
        let keys = Self {
            caller: given(keys.caller).ok_or("a key is needed: give --key or set INBOUNDFLOW_API_KEY")?,
            narrow: given(keys.narrow),
            revoked: given(keys.revoked),
            expired: given(keys.expired),
            foreign: given(keys.foreign),
            unknown: Secret(ApiKey::generate().map_err(|_| "no random numbers")?.reveal().to_owned()),
        };
        let plain = keys.all().all(Secret::fits_a_header);
        plain.then_some(keys).ok_or(NOT_ONE_WORD)
    }

    /// The key in clear; none for nobody.
    pub(super) fn reveal(&self, who: Who) -> Result<Option<&str>, Miss> {
        let (key, option) = match who {
            Who::Nobody => return Ok(None),
            Who::Caller => (Some(&self.caller), ""),
            Who::Unknown => (Some(&self.unknown), ""),
            Who::Narrow => (self.narrow.as_ref(), "--narrow-key"),
            Who::Revoked => (self.revoked.as_ref(), "--revoked-key"),
            Who::Expired => (self.expired.as_ref(), "--expired-key"),
            Who::Foreign => (self.foreign.as_ref(), "--foreign-key"),
        };
        key.map(|key| Some(key.0.as_str())).ok_or_else(|| not_seen(format!("needs {option}")))
    }

    /// The text without any key in it, whatever the server repeated.
    pub(super) fn redact(&self, text: &str) -> String {
        self.all().fold(text.to_owned(), |text, key| key.redact(&text))
    }

    fn all(&self) -> impl Iterator<Item = &Secret> {
        let further = [&self.narrow, &self.revoked, &self.expired, &self.foreign];
        further.into_iter().flatten().chain([&self.caller, &self.unknown])
    }
}

impl Secret {
    /// An empty one counts as none, since that is how CI hands over a secret that it does not have.
    #[must_use]
    pub fn given(self) -> Option<Self> {
        (!self.0.is_empty()).then_some(self)
    }

    /// Whether it can be a header's value.
    #[must_use]
    pub fn fits_a_header(&self) -> bool {
        self.0.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// The secret in clear.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The text without this in it, whatever the server repeated.
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
