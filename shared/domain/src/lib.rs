//! What InboundFlow's API talks about: records, ids, phone numbers, scopes, keys, cursors and
//! errors. Nothing here does I/O, knows AWS or knows HTTP.

mod caller;
pub mod catalogue;
pub mod cursor;
mod email;
mod error;
mod id;
pub mod ingest;
pub mod json;
pub mod key;
mod language;
mod list;
mod message;
mod phone;
pub mod plan;
mod problem;
mod rate;
mod records;
mod request_id;
#[cfg(feature = "schema")]
pub mod schema;
mod scope;
mod timestamp;
pub mod webhooks;

pub use catalogue::{Filter, FilterKind, FromFields, Kind, Record, Resource};
pub use cursor::Cursor;
pub use email::Email;
pub use error::{Cause, Conflict, Error, TooSoon, Unauthenticated, chain, shown};
pub use id::{OrganizationId, RecordId};
pub use language::Language;
pub use list::{DEFAULT_LIMIT, ListRequest, MAX_LIMIT};
pub use phone::{Phone, PhoneProblem};
pub use problem::{BodyProblem, EventsProblem, Expected, KeyProblem, Missing, Problem, SizeProblem};
pub use rate::{DEFAULT_REQUESTS_PER_MINUTE, Rate, WINDOW_SECONDS, window_end};
pub use records::{
    Appointment, AppointmentStatus, CalendarDate, Call, CallStatus, Contact, ContactSource, Lead, LeadStatus,
    Message, MessageRole, NewContact, Organization, Urgency,
};
pub use request_id::request_id;
pub use scope::{Scope, Scopes};
pub use timestamp::Timestamp;
