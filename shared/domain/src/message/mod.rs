//! What went wrong, in words: one file for each language, each of which has to have all of them.

pub(crate) mod english;
mod french;
mod german;
mod spanish;

use std::fmt;

use crate::{Error, Language, webhooks::EventType};

/// What messages show of the things that they ask for, the same in every language.
mod example {
    pub(super) const PHONE: &str = "+14155551234";
    pub(super) const EMAIL: &str = "john@example.com";
    pub(super) const ID: &str = "dbf31702-3468-4639-a5a4-e07f9bdae9a7";
    pub(super) const TIME: &str = "2026-02-24T20:59:00Z";
    pub(super) const DATE: &str = "2026-02-24";
    pub(super) const URL: &str = "https://example.com/webhooks";
    pub(super) const HOST: &str = "hooks.example.com";
}

impl Error {
    /// What went wrong, for whoever sent the request. [`fmt::Display`] says it in English.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let write = match language {
            Language::English => english::error,
            Language::German => german::error,
            Language::French => french::error,
            Language::Spanish => spanish::error,
        };
        fmt::from_fn(|f| write(self, f)).to_string()
    }
}

/// What an endpoint can be told of, as it is listed.
fn event_types() -> String {
    EventType::VALUES.join(", ")
}

/// Ports, as they are listed.
fn ports(ports: &[u16]) -> String {
    ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

/// A character and its place in Unicode; of one that cannot be seen only that.
fn character(character: char) -> String {
    let code = format!("U+{:04X}", u32::from(character));
    let is_seen = character.is_ascii_graphic() || character.escape_debug().count() == 1;
    if is_seen { format!("\"{character}\" ({code})") } else { code }
}

#[cfg(test)]
mod tests;
