//! Deliveries of events to endpoints, and their attempts.

use serde::{Deserialize, Serialize};

use super::EventType;
use crate::{OrganizationId, RecordId, Timestamp, words};

words! {
    /// The status of a delivery.
    DeliveryStatus {
        /// The delivery has an attempt to come.
        Pending = "pending",
        /// The receiver answered with a 2xx status.
        Succeeded = "succeeded",
        /// The last attempt failed too.
        Failed = "failed",
        /// The endpoint was disabled or deleted before the delivery succeeded.
        Cancelled = "cancelled",
    }
}

/// The word that lists pending deliveries with a failed attempt.
pub(crate) const FAILING: &str = "failing";
/// The words by which deliveries can be listed.
pub(crate) const LISTED: &[&str] = &[
    DeliveryStatus::Pending.as_str(),
    FAILING,
    DeliveryStatus::Succeeded.as_str(),
    DeliveryStatus::Failed.as_str(),
    DeliveryStatus::Cancelled.as_str(),
];

/// The number of attempts that are kept of a delivery.
pub const MAX_ATTEMPTS: usize = 30;

/// A delivery: one event for one endpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Delivery {
    /// The delivery's id, which the receiver is sent too.
    pub id: RecordId,
    /// The id of the endpoint.
    pub webhook_id: RecordId,
    /// The type of the event.
    pub event: EventType,
    /// The delivery's status.
    pub status: DeliveryStatus,
    /// Whether the delivery is a test.
    #[serde(default)]
    pub test: bool,
    /// The attempts, the oldest first: the last [`MAX_ATTEMPTS`] of them.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_ATTEMPTS)))]
    pub attempts: Vec<Attempt>,
    /// The time of the next attempt; null where there is none.
    pub next_attempt_at: Option<Timestamp>,
    /// The time when the delivery was made.
    pub created_at: Timestamp,
}

/// One attempt of a delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attempt {
    /// The attempt's number, counted from 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub number: u32,
    /// The time when the attempt began.
    pub attempted_at: Timestamp,
    /// The status that the receiver answered; null where it did not.
    #[cfg_attr(feature = "schema", schemars(range(min = 100, max = 999)))]
    pub status_code: Option<u16>,
    /// The attempt's duration, in milliseconds.
    pub duration_ms: u64,
    /// The error of the attempt; null where it did not fail.
    pub error: Option<String>,
}

/// The message on a deliveries queue that names a delivery to attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeliveryTask {
    /// The organization of the endpoint.
    pub organization_id: OrganizationId,
    /// The id of the endpoint.
    pub webhook_id: RecordId,
    /// The id of the delivery.
    pub delivery_id: RecordId,
    /// The number of attempts before this one. If the delivery has more by now, this attempt has been made already.
    pub number: u32,
}
