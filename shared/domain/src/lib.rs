//! The domain of InboundFlow's API: records, ids, phone numbers, scopes, keys, cursors, webhooks and errors. Nothing here does
//! I/O.

mod body;
mod caller;
pub mod catalogue;
pub mod cursor;
mod email;
mod error;
pub mod fields;
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
mod resource;
#[cfg(feature = "schema")]
pub mod schema;
mod scope;
mod timestamp;
pub mod webhooks;
mod whole_number;
mod words;

pub use body::FromFields;
pub use cursor::Cursor;
pub use email::Email;
pub use error::{Cause, Conflict, Error, TooSoon, chain, shown};
pub use id::{OrganizationId, RecordId};
pub use key::Unauthenticated;
pub use language::Language;
pub use list::{DEFAULT_LIMIT, ListRequest, MAX_LIMIT};
pub use phone::{Phone, PhoneProblem};
pub use problem::{BodyProblem, EventsProblem, Expected, KeyProblem, Missing, Problem, SizeProblem};
pub use rate::{DEFAULT_REQUESTS_PER_MINUTE, Rate, WINDOW_SECONDS, window_end};
pub use records::*;
pub use request_id::request_id;
pub use resource::{Filter, FilterKind, Kind, Record, Resource};
pub use scope::{Scope, Scopes};
pub use timestamp::Timestamp;
pub use whole_number::WholeNumber;

pub(crate) use body::only;
pub(crate) use words::words;
