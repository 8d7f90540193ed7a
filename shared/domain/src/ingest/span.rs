//! The rule for an appointment whose end and start came with different events and contradict each other: the newer one counts.

use serde_json::{Map, Value};

use super::record::{Fields, told_since};
use crate::Timestamp;

const START: &str = "appointment_time_start";
const END: &str = "appointment_time_end";
/// The attribute with the value that contradicts a newer one. It is kept, since a later event may resolve the contradiction.
const SET_ASIDE: &str = "known_set_aside";

/// Puts the value back that was set aside, before an event is merged.
pub(super) fn put_back(record: &mut Fields) {
    if let Some(Value::Object(set_aside)) = record.remove(SET_ASIDE) {
        record.extend(set_aside);
    }
}

/// Sets the older of start and end aside where the end is before the start.
pub(super) fn set_aside(record: &mut Fields) {
    let time = |field: &str| record.get(field).and_then(Value::as_str).and_then(Timestamp::parse);
    if time(END) >= time(START) || time(END).is_none() {
        return;
    }
    let older = if told_since(record, START) < told_since(record, END) { START } else { END };
    let set_aside: Map<String, Value> = record.remove_entry(older).into_iter().collect();
    record.insert(SET_ASIDE.to_owned(), set_aside.into());
}
