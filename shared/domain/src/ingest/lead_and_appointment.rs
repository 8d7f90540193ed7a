//! Leads and appointments: made once per call, changed by its further events and by people.

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

/// A record that is made once per call, and repeats something of it.
struct Outcome {
    /// What events can tell of it.
    fields: fn() -> Vec<&'static str>,
    /// Its name for what it repeats, and the call's.
    of_call: &'static [(&'static str, &'static str)],
    /// How it stands where nothing was said of that.
    status: &'static str,
}

const LEAD: Outcome = Outcome {
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
const APPOINTMENT: Outcome = Outcome {
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
        self.outcome(&LEAD, self.lead_id(), before, self.lead.as_ref().map(known), call, at)
    }

    /// The call's appointment after this event.
    pub(super) fn appointment_after(
        &self,
        before: Option<&Fields>,
        call: &Fields,
        at: Timestamp,
    ) -> Option<Fields> {
        let told = self.appointment.as_ref().map(|told| as_stored(known(told)));
        self.outcome(&APPOINTMENT, self.appointment_id(), before, told, call, at)
    }

    fn outcome(
        &self,
        kind: &Outcome,
        id: RecordId,
        before: Option<&Fields>,
        told: Option<Fields>,
        call: &Fields,
        at: Timestamp,
    ) -> Option<Fields> {
        let mut record = match (before, &told) {
            (None, None) => return None,
            (Some(before), _) => before.clone(),
            (None, Some(_)) => {
                let mut record = created(id, at);
                record.insert("call_log_id".to_owned(), call["id"].clone());
                record
            }
        };
        if let Some(mut told) = told {
            if record.contains_key(SET_BY_PERSON) {
                told.remove("status");
            }
            merge(&mut record, told, &self.stamp(), &(kind.fields)(), at, |_, _, _| Ordering::Equal);
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

/// What a lead or an appointment becomes when a person changed its status, which outranks what the
/// pipeline says of it.
#[must_use]
pub fn change_status(
    before: &Fields,
    status: &impl Serialize,
    occurred_at: Timestamp,
    event_id: &EventId,
    at: Timestamp,
) -> Fields {
    let mut record = before.clone();
    let told = known(&StatusOnly { status });
    let outranks = if before.contains_key(SET_BY_PERSON) { Ordering::Equal } else { Ordering::Less };
    let fields = [(LEAD.fields)(), (APPOINTMENT.fields)()].concat();
    merge(&mut record, told, &Stamp::new(occurred_at, event_id), &fields, at, |_, _, _| outranks);
    record.insert(SET_BY_PERSON.to_owned(), true.into());
    updated(Some(before), record, at)
}

#[derive(Serialize)]
struct StatusOnly<'a, S> {
    status: &'a S,
}

/// An appointment's fields by their stored names.
fn as_stored(told: Fields) -> Fields {
    told.into_iter().map(|(name, value)| (stored_name(&name).to_owned(), value)).collect()
}

pub(super) fn stored_name(field: &str) -> &str {
    match field {
        "date" => "appointment_date",
        "start" => "appointment_time_start",
        "end" => "appointment_time_end",
        field => field,
    }
}
