//! The merge of voice events into records: pure functions from events and records to records.

mod body;
mod effects;
mod event;
mod last_call;
mod lead_and_appointment;
mod merge;
mod nullable;

mod pointer;
mod record;
mod rejection;
mod span;
mod times;

pub use body::Body;
#[cfg(feature = "schema")]
pub(crate) use body::PARTS;
pub use effects::{CONTACTS, MESSAGES_VERSION};
pub use event::{
    AppointmentEvent, AppointmentSnapshot, CallEvent, CallSnapshot, EventId, LeadEvent, LeadSnapshot,
    MAX_QUEUED_BYTES, StatusChange, VERSION, Version,
};
pub use last_call::{CALLED_AT, called_at};
pub use lead_and_appointment::change_status;
#[cfg(feature = "schema")]
pub(crate) use pointer::MAX_KEY_BYTES;
pub use pointer::{BucketName, ObjectKey, Pointer, S3Object};
pub use record::{Fields, Records};
pub use rejection::{Rejection, RejectionKind};
pub use times::MAX_AHEAD;

/// The attribute that counts how often events have written a record. Records that no event wrote lack it.
pub const REVISION: &str = "revision";

#[cfg(test)]
mod tests;
