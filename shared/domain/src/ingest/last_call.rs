//! The time of a contact's last call. It goes back where a call turns out to have been earlier, or another contact's.

use serde_json::Value;

use super::record::{Fields, Records, as_of};
use crate::Timestamp;

/// The attribute with the time of a call that its contact's `last_call_at` uses. Calls that no event wrote lack it.
pub const CALLED_AT: &str = "known_called_at";
const LAST_CALL_AT: &str = "last_call_at";

/// The time of a stored call, as far as it is known.
#[must_use]
pub fn called_at(call: &Fields) -> Option<Timestamp> {
    [CALLED_AT, "started_at", "created_at"].into_iter().find_map(|field| time(call, field))
}

/// Sets the time of a call: its start, or else the time of its newest event.
pub(super) fn note(call: &mut Fields) {
    let at = time(call, "started_at").or_else(|| as_of(call));
    call.extend(at.map(|at| (CALLED_AT.to_owned(), at.to_string().into())));
}

/// Sets `last_call_at` of a contact. Where its other calls were not looked up, it does not go back.
pub(super) fn set(contact: &mut Fields, call: &Fields, records: &Records, now: Timestamp) {
    let own = called_at(call).filter(|at| is_of(contact, call) && !at.is_ahead_of(now));
    let others = match phone(contact).and_then(|phone| records.other_calls.get(phone)) {
        Some(others) => *others,
        None => time(contact, LAST_CALL_AT),
    };
    match own.max(others) {
        Some(last) => contact.insert(LAST_CALL_AT.to_owned(), last.to_string().into()),
        None => contact.shift_remove(LAST_CALL_AT),
    };
}

impl Records {
    /// The phone numbers of contacts whose other calls must be looked up to know `last_call_at`: this call was the last one, and is
    /// now earlier or another contact's, or the stored time is far ahead of the clock. `self` is the state after the event.
    #[must_use]
    pub fn with_last_call_in_doubt(&self, before: &Self, now: Timestamp) -> Vec<String> {
        let Some(call) = &self.call else { return Vec::new() };
        let (was, is) = (before.call.as_ref().and_then(called_at), called_at(call));
        let in_doubt = |contact: &&Fields| {
            time(contact, LAST_CALL_AT).is_some_and(|last| {
                last.is_ahead_of(now) || (Some(last) == was && !(is_of(contact, call) && is >= was))
            })
        };
        let contacts = before.contacts.iter().filter(in_doubt);
        contacts.filter_map(|contact| phone(contact).map(str::to_owned)).collect()
    }
}

fn is_of(contact: &Fields, call: &Fields) -> bool {
    contact.get("id") == call.get("contact_id")
}

fn phone(contact: &Fields) -> Option<&str> {
    contact.get("phone").and_then(Value::as_str)
}

fn time(record: &Fields, field: &str) -> Option<Timestamp> {
    record.get(field).and_then(Value::as_str).and_then(Timestamp::parse)
}
