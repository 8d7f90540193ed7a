//! Deliveries: an event on its way to an endpoint, and the log of its tries.

use serde::{Deserialize, Serialize};

use super::EventType;
use crate::{OrganizationId, Record, RecordId, Timestamp, words};

words! {
    /// How a delivery stands.
    DeliveryStatus {
        /// It is to be tried, or tried again.
        Pending = "pending",
        /// The endpoint took it.
        Succeeded = "succeeded",
        /// The endpoint did not take it at the last try either.
        Failed = "failed",
        /// The endpoint was disabled or deleted before.
        Cancelled = "cancelled",
    }
}

/// How one stands that is to be tried again after a try that failed: a part of those that are pending.
pub(crate) const FAILING: &str = "failing";
/// The words by which deliveries can be listed.
pub(crate) const LISTED: &[&str] = &[
    DeliveryStatus::Pending.as_str(),
    FAILING,
    DeliveryStatus::Succeeded.as_str(),
    DeliveryStatus::Failed.as_str(),
    DeliveryStatus::Cancelled.as_str(),
];

/// How many tries of a delivery are kept.
pub const MAX_ATTEMPTS: usize = 30;

/// A delivery.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delivery {
    /// Its id, which the receiver is sent too.
    pub id: RecordId,
    /// The endpoint.
    pub webhook_id: RecordId,
    /// What happened.
    pub event: EventType,
    /// How it stands.
    pub status: DeliveryStatus,
    /// Whether it is made up, to try the endpoint.
    #[serde(default)]
    pub test: bool,
    /// The tries, the oldest first: the last [`MAX_ATTEMPTS`] of them.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_ATTEMPTS)))]
    pub attempts: Vec<Attempt>,
    /// When it will be tried; null where it will not.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// One try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attempt {
    /// The first is 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub number: u32,
    /// When it began.
    pub attempted_at: Timestamp,
    /// The status that the receiver answered; null where it did not.
    #[cfg_attr(feature = "schema", schemars(range(min = 100, max = 999)))]
    pub status_code: Option<u16>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Why it failed; null where it did not.
    pub error: Option<String>,
}

/// What the queue says of a delivery that is to be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Ticket {
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// The endpoint.
    pub webhook_id: RecordId,
    /// The delivery.
    pub delivery_id: RecordId,
    /// How many tries there had been: where there are more by now, somebody else has made this one.
    pub number: u32,
}

impl Record for Delivery {
    fn id(&self) -> RecordId {
        self.id
    }

    fn created_at(&self) -> Timestamp {
        self.created_at
    }
}
