//! What the times of an event may be: what happened is not far ahead of the service's clock, and no appointment
//! ends before it begins.

use std::time::Duration;

use super::{Body, Rejection, RejectionKind};
use crate::Timestamp;

/// How far ahead of the service's clock something may have happened, by a producer's clock or time zone.
pub const MAX_AHEAD: Duration = Duration::from_secs(24 * 60 * 60);

impl Timestamp {
    /// Whether it is so far ahead of the clock that it can only be a mistake.
    #[must_use]
    pub fn is_ahead_of(self, now: Self) -> bool {
        self > now.plus(MAX_AHEAD)
    }
}

impl Body {
    /// Refuses what is said to have happened far in the future: it would be newer than all that is still
    /// to come.
    ///
    /// # Errors
    /// A rejection that names the field; the same event is taken once its time has come nearer.
    pub fn check_clock(&self, now: Timestamp) -> Result<(), Rejection> {
        let (occurred_at, call) = match self {
            Self::Call(event) => (event.occurred_at, Some(&event.call)),
            Self::Lead(event) => (event.occurred_at, None),
            Self::Appointment(event) => (event.occurred_at, None),
            Self::Pointer(_) => return Ok(()),
        };
        let happened = [
            ("occurred_at", Some(occurred_at)),
            ("call.started_at", call.and_then(|call| call.started_at)),
            ("call.ended_at", call.and_then(|call| call.ended_at)),
        ];
        let ahead =
            happened.into_iter().find_map(|(field, at)| Some((field, at.filter(|at| at.is_ahead_of(now))?)));
        ahead.map_or(Ok(()), |(field, at)| {
            let message =
                format!("{field}: {at} is more than 24 hours ahead of the service's clock, which says {now}");
            Err(Rejection::new(RejectionKind::InTheFuture, message))
        })
    }

    /// Refuses an appointment that ends before it begins. Of a call the clocks of two machines may say so, and nothing
    /// is gained by losing it.
    pub(super) fn check_order(&self) -> Result<(), Rejection> {
        let Self::Call(event) = self else { return Ok(()) };
        let appointment = event.appointment.as_ref();
        match appointment.and_then(|it| it.start.zip(it.end)).filter(|(start, end)| end < start) {
            Some((start, end)) => Err(Rejection::invalid(format!(
                "appointment.end: {end} is before appointment.start, {start}"
            ))),
            None => Ok(()),
        }
    }
}
