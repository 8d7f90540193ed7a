//! The events of a change: a pure function of the stored record before and after.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, value::RawValue};

use super::{DisabledReason, EventType, Webhook, WebhookStatus};
use crate::{
    Appointment, AppointmentStatus, Call, CallStatus, Lead, RecordId, Timestamp, catalogue,
    ingest::{Fields, REVISION},
};

/// The fields of a call in `call.completed`, beside its id.
const CALL: [&str; 10] = [
    "caller_phone",
    "caller_name",
    "caller_email",
    "duration_seconds",
    "summary",
    "intent",
    "urgency",
    "recording_url",
    "started_at",
    "ended_at",
];
const TRANSFER: &str = "transfer_status";

/// A write of a stored record.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The table, without the deployment's prefix.
    pub table: &'a str,
    /// The record before the change, unless it is new.
    pub before: Option<&'a Fields>,
    /// The record after the change.
    pub after: &'a Fields,
}

/// An event of a record, before it is published.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// The id of the event.
    pub id: RecordId,
    /// The event's type.
    pub event: EventType,
    /// The event's `data`.
    pub data: Box<RawValue>,
}

impl Change<'_> {
    /// The events that the change makes. An imported record is no news: only what voice events wrote is.
    ///
    /// # Errors
    /// When the record is none that we would have stored.
    pub fn occurrences(&self) -> Result<Vec<Occurrence>, serde_json::Error> {
        let is_by_event = self.after.contains_key(REVISION);
        match self.table {
            table if table == catalogue::CALLS.table && is_by_event => self.of_call(),
            table if table == catalogue::LEADS.table && is_by_event => self.of_lead(),
            table if table == catalogue::APPOINTMENTS.table && is_by_event => self.of_appointment(),
            table if table == catalogue::WEBHOOKS.table => self.of_webhook(),
            _ => Ok(Vec::new()),
        }
    }

    fn of_call(&self) -> Result<Vec<Occurrence>, serde_json::Error> {
        let is_completed = |call: &Fields| has_word(call, "status", &[CallStatus::Completed.as_str()]);
        let is_transferred = |call: &Fields| {
            call.contains_key(TRANSFER) || has_word(call, "status", &[CallStatus::Forwarding.as_str()])
        };
        let mut happened = Vec::new();
        if self.is_first(is_transferred) {
            let fields = CALL.into_iter().chain([TRANSFER]);
            happened.push(self.occurrence(EventType::CallTransferred, call_data(self.after, fields))?);
        }
        if self.is_first(is_completed) {
            happened.push(self.occurrence(EventType::CallCompleted, call_data(self.after, CALL))?);
        }
        if !happened.is_empty() {
            // Receivers are sent nothing that the API could not print.
            typed::<Call>(self.after)?;
        }
        Ok(happened)
    }

    fn of_lead(&self) -> Result<Vec<Occurrence>, serde_json::Error> {
        if self.before.is_some() {
            return Ok(Vec::new());
        }
        let data = data::<Lead>(self.after, "lead_id")?;
        Ok(vec![self.occurrence(EventType::LeadCreated, data)?])
    }

    fn of_appointment(&self) -> Result<Vec<Occurrence>, serde_json::Error> {
        let stands = [AppointmentStatus::Booked.as_str(), AppointmentStatus::Confirmed.as_str()];
        if !self.is_first(|appointment| has_word(appointment, "status", &stands)) {
            return Ok(Vec::new());
        }
        let data = data::<Appointment>(self.after, "appointment_id")?;
        Ok(vec![self.occurrence(EventType::AppointmentBooked, data)?])
    }

    /// The event that an endpoint was disabled, unless its owner did it.
    fn of_webhook(&self) -> Result<Vec<Occurrence>, serde_json::Error> {
        let is_disabled = |webhook: &Fields| has_word(webhook, "status", &[WebhookStatus::Disabled.as_str()]);
        let ours = [DisabledReason::Gone.as_str(), DisabledReason::Failing.as_str()];
        if !self.is_first(is_disabled) || !has_word(self.after, "disabled_reason", &ours) {
            return Ok(Vec::new());
        }
        let webhook: Webhook = typed(self.after)?;
        let mut data = Map::new();
        data.insert("webhook_id".to_owned(), webhook.id.to_string().into());
        data.insert("url".to_owned(), webhook.url.clone().into());
        data.insert("reason".to_owned(), self.after["disabled_reason"].clone());
        data.insert("failing_since".to_owned(), webhook.failing_since.map(|at| at.to_string()).into());
        data.insert("disabled_at".to_owned(), webhook.updated_at.to_string().into());
        // An endpoint that was enabled again may be disabled again.
        let what = format!("{}#{}", EventType::WebhookDisabled.as_str(), webhook.updated_at);
        let data = serde_json::value::to_raw_value(&data)?;
        Ok(vec![Occurrence { id: webhook.id.derived(&what), event: EventType::WebhookDisabled, data }])
    }

    fn is_first(&self, holds: impl Fn(&Fields) -> bool) -> bool {
        holds(self.after) && !self.before.is_some_and(holds)
    }

    fn occurrence(&self, event: EventType, data: Fields) -> Result<Occurrence, serde_json::Error> {
        let id: RecordId = serde_json::from_value(self.after.get("id").cloned().unwrap_or_default())?;
        let data = serde_json::value::to_raw_value(&data)?;
        Ok(Occurrence { id: id.derived(event.as_str()), event, data })
    }
}

fn has_word(record: &Fields, field: &str, words: &[&str]) -> bool {
    record.get(field).and_then(Value::as_str).is_some_and(|word| words.contains(&word))
}

fn call_data(call: &Fields, fields: impl IntoIterator<Item = &'static str>) -> Fields {
    let value = |name: &str| call.get(name).cloned().unwrap_or_default();
    let fields = fields.into_iter().map(|name| {
        let value = match name {
            "started_at" | "ended_at" => as_printed(value(name)),
            _ => value(name),
        };
        (name.to_owned(), value)
    });
    std::iter::once(("call_id".to_owned(), value("id"))).chain(fields).collect()
}

/// A time as the API prints it, in whatever form it is stored.
fn as_printed(time: Value) -> Value {
    let parsed = time.as_str().and_then(Timestamp::parse);
    parsed.map_or(time, |time| time.to_string().into())
}

/// A stored record as the API prints it, but for the ids, which have other names in events: `id` that of its own.
pub(super) fn data<T: Serialize + DeserializeOwned>(
    stored: &Fields,
    id: &str,
) -> Result<Fields, serde_json::Error> {
    let printed: Fields = serde_json::from_value(serde_json::to_value(typed::<T>(stored)?)?)?;
    let name = |name: String| match name.as_str() {
        "id" => id.to_owned(),
        "call_log_id" => "call_id".to_owned(),
        _ => name,
    };
    Ok(printed.into_iter().map(|(field, value)| (name(field), value)).collect())
}

fn typed<T: DeserializeOwned>(stored: &Fields) -> Result<T, serde_json::Error> {
    serde_json::from_value(Value::Object(stored.clone()))
}

#[cfg(test)]
mod tests;
