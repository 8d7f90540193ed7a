//! An appointment's beginning and end of which each came with another event, and which do not fit: the newer one counts.

use serde_json::{Map, Value};

use super::record::{Fields, told_since};
use crate::Timestamp;

const START: &str = "appointment_time_start";
const END: &str = "appointment_time_end";
/// What was told and does not fit what is newer. It is kept, since an event that is still to come may change
/// what it does not fit.
const SET_ASIDE: &str = "known_set_aside";

/// Puts back what did not fit, to be merged with what an event tells.
pub(super) fn put_back(record: &mut Fields) {
    if let Some(Value::Object(set_aside)) = record.remove(SET_ASIDE) {
        record.extend(set_aside);
    }
}

/// Where an end is before its beginning, takes out the one that the older event told.
pub(super) fn set_aside(record: &mut Fields) {
    let time = |field: &str| record.get(field).and_then(Value::as_str).and_then(Timestamp::parse);
    if time(END) >= time(START) || time(END).is_none() {
        return;
    }
    let older = if told_since(record, START) < told_since(record, END) { START } else { END };
    let set_aside: Map<String, Value> = record.remove_entry(older).into_iter().collect();
    record.insert(SET_ASIDE.to_owned(), set_aside.into());
}
