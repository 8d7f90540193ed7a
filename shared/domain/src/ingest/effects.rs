//! The effects of a call's event on its records. The same events make the same records, in whatever order and however often they
//! are applied.

use std::cmp::Ordering;

use serde_json::Value;

use super::{
    CallEvent, CallSnapshot, last_call,
    merge::{differ, fill, known, merge, since},
    record::{Fields, Records, Stamp},
};
use crate::{CallStatus, Email, Message, Phone, RecordId, Timestamp, WholeNumber, fields, key::sha256_hex};

/// The attribute that names a call's current conversation. It is hidden from consumers.
pub const MESSAGES_VERSION: &str = "known_messages_version";
/// The attribute with all contacts of a call, where there are more than the one that it is linked to.
pub const CONTACTS: &str = "known_contacts";
/// The fields of a snapshot that are not merged into the call: its id, and the messages, which are stored beside it.
const IN_NO_CALL: [&str; 2] = ["id", "messages"];
/// The attributes from which a call's contact gets its name and e-mail address.
const FIRST_NAME: &str = "known_first_name";
const FIRST_EMAIL: &str = "known_first_email";

impl CallEvent {
    /// The id of the call's lead, whether or not there is one.
    #[must_use]
    pub fn lead_id(&self) -> RecordId {
        self.call.id.derived("lead")
    }

    /// The id of the call's appointment, whether or not there is one.
    #[must_use]
    pub fn appointment_id(&self) -> RecordId {
        self.call.id.derived("appointment")
    }

    /// The conversation that this event brings, if it brings one.
    #[must_use]
    pub fn messages(&self) -> Option<&[Message]> {
        self.call.messages.as_deref().filter(|messages| !messages.is_empty())
    }

    /// A name for the conversation, different for every event.
    #[must_use]
    pub fn messages_version(&self) -> Option<String> {
        let json = serde_json::to_vec(&(self.stamp().as_str(), self.messages()?)).ok()?;
        Some(sha256_hex(&json)[..16].to_owned())
    }

    /// Merges the event into the records. New ones are created `at` that time, and those with a visible change are updated then.
    #[must_use]
    pub fn apply(&self, before: &Records, at: Timestamp) -> Records {
        let stamp = self.stamp();
        let mut after = before.clone();
        let mut call = self.merged_call(before.call.as_ref(), &stamp, at);
        after.contacts = self.contacts_after(before, &mut call, at);
        after.lead = self.lead_after(before.lead.as_ref(), &call, at);
        after.appointment = self.appointment_after(before.appointment.as_ref(), &call, at);
        after.call = Some(call);
        after
    }

    pub(super) fn stamp(&self) -> Stamp {
        Stamp::new(self.occurred_at, &self.event_id)
    }

    fn merged_call(&self, before: Option<&Fields>, stamp: &Stamp, at: Timestamp) -> Fields {
        let mut call = before.cloned().unwrap_or_else(|| created(self.call.id, at));
        let mut snapshot = known(&self.call);
        snapshot.retain(|field, _| !IN_NO_CALL.contains(&field.as_str()));
        if let Some(version) = self.messages_version() {
            snapshot.insert(MESSAGES_VERSION.to_owned(), version.into());
        }
        merge(&mut call, snapshot, stamp, &merged_fields_of_a_call(), at, |field, old, new| match field {
            "status" => is_finished(old).cmp(&is_finished(new)),
            _ => Ordering::Equal,
        });
        fill(&mut call, FIRST_NAME, self.call.caller_name.as_deref(), stamp.as_str());
        let email = self.call.caller_email.as_deref().and_then(Email::parse).map(String::from);
        fill(&mut call, FIRST_EMAIL, email.as_deref(), stamp.as_str());
        last_call::note(&mut call);
        call
    }

    /// The contacts after the event; links the call to the contact of its number. Contacts are filled from the merged call, since
    /// an event that has the name need not have the number.
    fn contacts_after(&self, before: &Records, call: &mut Fields, at: Timestamp) -> Vec<Fields> {
        let mut contacts = before.contacts.clone();
        let has = |contact: &Fields, phone: &str| contact.get("phone").is_some_and(|known| known == phone);
        if let Some(phone) = &self.call.caller_phone
            && !contacts.iter().any(|contact| has(contact, phone.as_str()))
        {
            contacts.push(new_contact(phone, at));
        }
        let phone = call.get("caller_phone").and_then(Value::as_str).unwrap_or_default();
        let current = contacts.iter().position(|contact| has(contact, phone));
        if let Some(current) =
            current.filter(|current| call.get("contact_id") != contacts[*current].get("id"))
        {
            let former = contacts.iter_mut().find(|contact| contact.get("id") == call.get("contact_id"));
            former.into_iter().for_each(|former| count(former, -1));
            count(&mut contacts[current], 1);
            call.insert("contact_id".to_owned(), contacts[current]["id"].clone());
        }
        let listed = call.get(CONTACTS).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut ids: Vec<Value> =
            contacts.iter().map(|contact| contact["id"].clone()).chain(listed).collect();
        ids.sort_by_key(Value::to_string);
        ids.dedup();
        if ids.len() > 1 {
            call.insert(CONTACTS.to_owned(), ids.into());
        }
        let filled = contacts.into_iter().map(|contact| {
            let known = before.contacts.iter().find(|known| known.get("id") == contact.get("id"));
            let mut contact = filled(contact, call);
            last_call::set(&mut contact, call, before, at);
            updated(known, contact, at)
        });
        filled.collect()
    }
}

/// The fields of a call that events write: those of a snapshot, and the version of the messages in their place. API responses
/// leave out `caller_email`, `intent` and `urgency`; webhooks have them.
fn merged_fields_of_a_call() -> Vec<&'static str> {
    let snapshot = fields::of::<CallSnapshot>().iter().filter(|field| !IN_NO_CALL.contains(field));
    snapshot.copied().chain([MESSAGES_VERSION]).collect()
}

pub(super) fn created(id: RecordId, at: Timestamp) -> Fields {
    let mut record = Fields::new();
    record.insert("id".to_owned(), id.to_string().into());
    record.insert("created_at".to_owned(), at.fixed_width().into());
    record
}

/// The record `after` a merge, with a new `updated_at` where consumers can see a change.
pub(super) fn updated(before: Option<&Fields>, mut after: Fields, at: Timestamp) -> Fields {
    if before.is_none_or(|before| differ(before, &after)) {
        after.insert("updated_at".to_owned(), at.to_string().into());
    }
    after
}

fn new_contact(phone: &Phone, at: Timestamp) -> Fields {
    let mut contact = created(RecordId::random(), at);
    contact.insert("phone".to_owned(), phone.as_str().into());
    contact.insert("source".to_owned(), "inbound_call".into());
    contact.insert("total_calls".to_owned(), 0.into());
    contact
}

/// A contact filled with the name and e-mail address of one of its calls.
fn filled(mut contact: Fields, call: &Fields) -> Fields {
    for (field, first) in [("name", FIRST_NAME), ("email", FIRST_EMAIL)] {
        if let Some(since) = since(call, first) {
            fill(&mut contact, field, call.get(first).and_then(Value::as_str), since);
        }
    }
    contact
}

fn count(contact: &mut Fields, calls: i64) {
    let total = contact.get("total_calls").and_then(Value::as_i64).unwrap_or_default();
    let total = total.saturating_add(calls).clamp(0, WholeNumber::MAX as i64);
    contact.insert("total_calls".to_owned(), total.into());
}

fn is_finished(status: &Value) -> bool {
    let finished = [CallStatus::Completed, CallStatus::Failed, CallStatus::Blocked];
    finished.iter().any(|finished| serde_json::to_value(finished).is_ok_and(|finished| finished == *status))
}
