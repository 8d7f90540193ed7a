//! Records as they are stored, and the stamps that say since when their fields are known.
//!
//! A record's item holds the stamp of the newest event (`known_as_of`), and the stamps of those fields that only an earlier
//! event gave (`known_earlier`). Where each snapshot repeats what the one before it said, there are none of the latter.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::EventId;
use crate::Timestamp;

/// A record as it is stored, by attribute, without nulls.
pub type Fields = Map<String, Value>;

/// The prefix of attributes that no consumer sees.
pub(super) const HIDDEN: &str = "known_";
pub(super) const AS_OF: &str = "known_as_of";
pub(super) const EARLIER: &str = "known_earlier";
/// A stamp before every other: that of values from no event, such as an import's.
pub(super) const NEVER: &str = "-";

/// An event's place in time: stamps sort as `occurred_at` does, ties by the event's id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stamp(String);

impl Stamp {
    pub(super) fn new(occurred_at: Timestamp, event_id: &EventId) -> Self {
        Self(format!("{} {event_id}", occurred_at.fixed_width()))
    }

    /// The time of a stamp.
    pub(super) fn time(stamp: &str) -> Option<Timestamp> {
        Timestamp::parse(stamp.split(' ').next()?)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The stamp of a field's value.
pub(super) fn told_since<'a>(record: &'a Fields, field: &str) -> &'a str {
    let earlier = record.get(EARLIER).and_then(|earlier| earlier.get(field)?.as_str());
    earlier.or(record.get(AS_OF).and_then(Value::as_str)).unwrap_or(NEVER)
}

/// The time of the newest event of a record.
pub(super) fn as_of(record: &Fields) -> Option<Timestamp> {
    record.get(AS_OF).and_then(Value::as_str).and_then(Stamp::time)
}

/// The records that an event of a call can change, as far as they exist.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// The call.
    pub call: Option<Fields>,
    /// The contacts of every phone number that events of the call have named: nearly always one.
    pub contacts: Vec<Fields>,
    /// The lead of the call.
    pub lead: Option<Fields>,
    /// The appointment of the call.
    pub appointment: Option<Fields>,
    /// The time of the latest other call by a contact's phone number, for the contacts of [`Records::with_last_call_in_doubt`].
    pub other_calls: BTreeMap<String, Option<Timestamp>>,
}
