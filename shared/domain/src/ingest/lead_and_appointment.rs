//! The leads and appointments of calls: at most one of each per call, changed by its further events and by people.

use std::cmp::Ordering;

use serde::Serialize;

use super::{
    AppointmentSnapshot, CallEvent, EventId, LeadSnapshot,
    effects::{created, updated},
    merge::{known, merge, presume},
    record::{Fields, Stamp},
};
use crate::{RecordId, Timestamp, fields};

const SET_BY_PERSON: &str = "known_status_by_person";

/// How a record is merged of which a call has at most one.
struct PerCallRecord {
    /// The fields that events write.
    fields: fn() -> Vec<&'static str>,
    /// The fields that it copies from the call: its own name for each, and the call's.
    of_call: &'static [(&'static str, &'static str)],
    /// The status of a record whose events name none.
    status: &'static str,
}

const LEAD: PerCallRecord = PerCallRecord {
    fields: || fields::of::<LeadSnapshot>().to_vec(),
    of_call: &[
        ("caller_phone", "caller_phone"),
        ("caller_name", "caller_name"),
        ("caller_email", "caller_email"),
        ("call_summary", "summary"),
        ("contact_id", "contact_id"),
    ],
    status: "new",
};
const APPOINTMENT: PerCallRecord = PerCallRecord {
    fields: || fields::of::<AppointmentSnapshot>().iter().map(|field| stored_name(field)).collect(),
    of_call: &[
        ("caller_phone", "caller_phone"),
        ("caller_name", "caller_name"),
        ("contact_id", "contact_id"),
    ],
    status: "booked",
};

impl CallEvent {
    /// The call's lead after this event.
    pub(super) fn lead_after(&self, before: Option<&Fields>, call: &Fields, at: Timestamp) -> Option<Fields> {
        self.per_call(&LEAD, self.lead_id(), before, self.lead.as_ref().map(known), call, at)
    }

    /// The call's appointment after this event.
    pub(super) fn appointment_after(
        &self,
        before: Option<&Fields>,
        call: &Fields,
        at: Timestamp,
    ) -> Option<Fields> {
        let snapshot = self.appointment.as_ref().map(|snapshot| as_stored(known(snapshot)));
        self.per_call(&APPOINTMENT, self.appointment_id(), before, snapshot, call, at)
    }

    fn per_call(
        &self,
        kind: &PerCallRecord,
        id: RecordId,
        before: Option<&Fields>,
        snapshot: Option<Fields>,
        call: &Fields,
        at: Timestamp,
    ) -> Option<Fields> {
        let mut record = match (before, &snapshot) {
            (None, None) => return None,
            (Some(before), _) => before.clone(),
            (None, Some(_)) => {
                let mut record = created(id, at);
                record.insert("call_log_id".to_owned(), call["id"].clone());
                record
            }
        };
        if let Some(mut snapshot) = snapshot {
            if record.contains_key(SET_BY_PERSON) {
                snapshot.remove("status");
            }
            merge(&mut record, snapshot, &self.stamp(), &(kind.fields)(), at, |_, _, _| Ordering::Equal);
            presume(&mut record, "status", kind.status);
        }
        for (name, of_call) in kind.of_call {
            if let Some(value) = call.get(*of_call) {
                record.insert((*name).to_owned(), value.clone());
            }
        }
        Some(updated(before, record, at))
    }
}

/// Changes the status of a lead or an appointment as a person did. It outranks what the voice pipeline says before or after.
#[must_use]
pub fn change_status(
    before: &Fields,
    status: &impl Serialize,
    occurred_at: Timestamp,
    event_id: &EventId,
    at: Timestamp,
) -> Fields {
    let mut record = before.clone();
    let snapshot = known(&StatusOnly { status });
    let outranks = if before.contains_key(SET_BY_PERSON) { Ordering::Equal } else { Ordering::Less };
    let fields = [(LEAD.fields)(), (APPOINTMENT.fields)()].concat();
    merge(&mut record, snapshot, &Stamp::new(occurred_at, event_id), &fields, at, |_, _, _| outranks);
    record.insert(SET_BY_PERSON.to_owned(), true.into());
    updated(Some(before), record, at)
}

#[derive(Serialize)]
struct StatusOnly<'a, S> {
    status: &'a S,
}

/// Renames an appointment's fields to their stored names.
fn as_stored(snapshot: Fields) -> Fields {
    snapshot.into_iter().map(|(name, value)| (stored_name(&name).to_owned(), value)).collect()
}

pub(super) fn stored_name(field: &str) -> &str {
    match field {
        "date" => "appointment_date",
        "start" => "appointment_time_start",
        "end" => "appointment_time_end",
        field => field,
    }
}
