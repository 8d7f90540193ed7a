//! Appointments.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{Phone, RecordId, Timestamp, timestamp::date, words};

words! {
    /// How an appointment stands.
    AppointmentStatus {
        /// The assistant booked it.
        Booked = "booked",
        /// Both sides agreed.
        Confirmed = "confirmed",
        /// It will not take place.
        Cancelled = "cancelled",
        /// It took place.
        Completed = "completed",
        /// The caller did not come.
        NoShow = "no_show",
    }
}

/// An appointment that a caller booked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Appointment {
    /// The appointment's id.
    pub id: RecordId,
    /// The caller's phone number.
    pub caller_phone: Option<Phone>,
    /// The caller's name.
    pub caller_name: Option<String>,
    /// The calendar date, in the firm's own time zone.
    pub appointment_date: CalendarDate,
    /// The time when the appointment begins.
    pub appointment_time_start: Option<Timestamp>,
    /// The time when the appointment ends.
    pub appointment_time_end: Option<Timestamp>,
    /// The service that the appointment is for.
    pub service_type: Option<String>,
    /// The appointment's status.
    pub status: AppointmentStatus,
    /// The link to the appointment in the firm's calendar.
    pub calendar_event_link: Option<String>,
    /// The id of the call in which the appointment was booked.
    pub call_log_id: Option<RecordId>,
    /// The id of the caller's contact.
    pub contact_id: Option<RecordId>,
    /// The time when the record was first written.
    pub created_at: Timestamp,
    /// The time when the record last changed.
    pub updated_at: Timestamp,
}

/// A calendar date such as `2026-02-25`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarDate(NaiveDate);

impl Serialize for CalendarDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for CalendarDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        date(&text).map(Self).ok_or_else(|| D::Error::custom("expected a date such as 2026-02-25"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appointments_date_has_a_year_of_four_digits() {
        let read = |text: &str| serde_json::from_value::<CalendarDate>(text.into());
        assert!(read("2026-02-25").is_ok());
        for text in ["+12026-01-01", "12026-01-01", "-2026-01-01", "226-01-01", "2026-2-25", "2026-02-30"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
