//! The parts of messages that are the same in every language.

use crate::webhooks::EventType;

/// What messages show of the things that they ask for, the same in every language.
pub(super) mod example {
    pub(in crate::message) const PHONE: &str = "+14155551234";
    pub(in crate::message) const EMAIL: &str = "john@example.com";
    pub(in crate::message) const ID: &str = "dbf31702-3468-4639-a5a4-e07f9bdae9a7";
    pub(in crate::message) const TIME: &str = "2026-02-24T20:59:00Z";
    pub(in crate::message) const DATE: &str = "2026-02-24";
    pub(in crate::message) const URL: &str = "https://example.com/webhooks";
    pub(in crate::message) const HOST: &str = "hooks.example.com";
}

/// The events of endpoints, as messages list them.
pub(super) fn event_types() -> String {
    EventType::VALUES.join(", ")
}

/// Ports, as messages list them.
pub(super) fn ports(ports: &[u16]) -> String {
    ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")
}

/// A character and its place in Unicode; of one that cannot be seen only that.
pub(super) fn character(character: char) -> String {
    let code = format!("U+{:04X}", u32::from(character));
    let is_seen = character.is_ascii_graphic() || character.escape_debug().count() == 1;
    if is_seen { format!("\"{character}\" ({code})") } else { code }
}
