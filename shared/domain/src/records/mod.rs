//! The records of the API, with their fields in the order in which it prints them.

mod appointment;
mod call;
mod contact;
mod lead;
mod organization;

pub use appointment::{Appointment, AppointmentStatus, CalendarDate};
pub use call::{Call, CallStatus, Message, MessageRole};
pub use contact::{Contact, ContactSource, NewContact};
#[cfg(feature = "schema")]
pub(crate) use contact::{MAX_LINE, MAX_NOTES};
pub use lead::{Lead, LeadStatus, Urgency};
pub use organization::Organization;
