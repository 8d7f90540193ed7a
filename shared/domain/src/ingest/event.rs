//! The events of the voice pipeline, as they come over the queue.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::{
    AppointmentStatus, CalendarDate, CallStatus, LeadStatus, Message, OrganizationId, Phone, RecordId,
    Timestamp, Urgency, WholeNumber,
};

/// The version of the format, in each event's `version`.
pub const VERSION: u64 = 1;
/// The most that an event may have on the queue, in bytes; a larger one goes over S3.
pub const MAX_QUEUED_BYTES: usize = 256 * 1024;
const MAX_EVENT_ID: usize = 64;

/// A step of a call: what is known of it so far, and what came out of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallEvent {
    /// The format's version.
    pub version: Version,
    /// Names the event: 1 to 64 visible ASCII characters, the same ones however often it is sent.
    pub event_id: EventId,
    /// Whose call it is.
    pub organization_id: OrganizationId,
    /// When this was so: at most 24 hours ahead. Of two events the later one knows better, in whatever order they come.
    pub occurred_at: Timestamp,
    /// The call.
    pub call: CallSnapshot,
    /// The lead that came out of it. A call has one at the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<LeadSnapshot>,
    /// The appointment that was booked in it. A call has one at the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment: Option<AppointmentSnapshot>,
}

/// A call as far as it is known. Null, or left out, is "not known (yet)": it erases nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallSnapshot {
    /// Its id, the same in all of its events.
    pub id: RecordId,
    /// The caller's number; null where it was withheld.
    #[serde(default, deserialize_with = "crate::caller::number")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::caller"))]
    pub caller_phone: Option<Phone>,
    /// The caller's name.
    pub caller_name: Option<String>,
    /// The caller's e-mail address, as it was understood. The contact gets it only if it is a valid one.
    pub caller_email: Option<String>,
    /// How it stands. Once it is completed, failed or blocked, it does not go back.
    pub status: CallStatus,
    /// How long it took, in seconds.
    pub duration_seconds: Option<WholeNumber>,
    /// What it was about.
    pub summary: Option<String>,
    /// What was said, as text.
    pub transcript: Option<String>,
    /// The whole conversation so far. An empty one is "not known".
    pub messages: Option<Vec<Message>>,
    /// Where the recording is.
    pub recording_url: Option<String>,
    /// How handing it to a person went.
    pub transfer_status: Option<String>,
    /// The assistant that answered.
    pub assistant_id: Option<RecordId>,
    /// What the caller wanted, in a few words.
    pub intent: Option<String>,
    /// How soon somebody should act.
    pub urgency: Option<Urgency>,
    /// When it began. Where no event says so, the latest `occurred_at` counts for when the contact last called.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// A lead as far as it is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeadSnapshot {
    /// What the caller wants.
    pub interest: Option<String>,
    /// Why this is a lead.
    pub qualification_reason: Option<String>,
    /// How soon somebody should act.
    pub urgency: Option<Urgency>,
    /// How far it has come; `new` where nothing else was ever said.
    pub status: Option<LeadStatus>,
}

/// An appointment as far as it is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppointmentSnapshot {
    /// What it is for.
    pub service_type: Option<String>,
    /// The calendar date, in the firm's own time zone.
    pub date: CalendarDate,
    /// When it begins.
    pub start: Option<Timestamp>,
    /// When it ends: not before `start`.
    pub end: Option<Timestamp>,
    /// Where it stands in the firm's calendar.
    pub calendar_event_link: Option<String>,
    /// How it stands; `booked` where nothing else was ever said.
    pub status: Option<AppointmentStatus>,
}

/// Somebody changed a lead's status.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LeadEvent {
    /// The format's version.
    pub version: Version,
    /// Names the event: 1 to 64 visible ASCII characters, the same ones however often it is sent.
    pub event_id: EventId,
    /// Whose lead it is.
    pub organization_id: OrganizationId,
    /// When it was changed.
    pub occurred_at: Timestamp,
    /// The lead.
    pub lead: StatusChange<LeadStatus>,
}

/// Somebody changed an appointment's status.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AppointmentEvent {
    /// The format's version.
    pub version: Version,
    /// Names the event: 1 to 64 visible ASCII characters, the same ones however often it is sent.
    pub event_id: EventId,
    /// Whose appointment it is.
    pub organization_id: OrganizationId,
    /// When it was changed.
    pub occurred_at: Timestamp,
    /// The appointment.
    pub appointment: StatusChange<AppointmentStatus>,
}

/// A record's new status.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "{S}Change"))]
pub struct StatusChange<S> {
    /// The record's id, as the API names it.
    pub id: RecordId,
    /// How it stands now.
    pub status: S,
}

/// The one version that there is.
#[derive(Clone, Copy, Debug)]
pub struct Version;

/// A producer's name for an event: 1 to 64 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct EventId(String);

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(VERSION)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match WholeNumber::deserialize(deserializer)?.get() {
            VERSION => Ok(Self),
            _ => Err(D::Error::custom(format_args!("expected {VERSION}"))),
        }
    }
}

impl<'de> Deserialize<'de> for EventId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let valid = (1..=MAX_EVENT_ID).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        valid.then_some(Self(text)).ok_or_else(|| {
            D::Error::custom(format_args!("expected 1 to {MAX_EVENT_ID} visible ASCII characters"))
        })
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
