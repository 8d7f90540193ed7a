//! The checks of an event's times: none is far ahead of the service's clock, and no appointment ends before it starts.

use std::time::Duration;

use super::{Body, Rejection, RejectionKind};
use crate::Timestamp;

/// The furthest that a time may be ahead of the service's clock, which allows for a producer's clock and time zone.
pub const MAX_AHEAD: Duration = Duration::from_secs(24 * 60 * 60);

impl Timestamp {
    /// Whether the time is more than [`MAX_AHEAD`] ahead of the clock, and so a mistake.
    #[must_use]
    pub fn is_ahead_of(self, now: Self) -> bool {
        self > now.plus(MAX_AHEAD)
    }
}

impl Body {
    /// Refuses an event from far in the future: it would overrule all events until then.
    ///
    /// # Errors
    /// A rejection that names the field. The event is accepted once its time has come near.
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

    /// Refuses an appointment that ends before it starts. A call that does so is accepted, since its times may be of two clocks.
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
