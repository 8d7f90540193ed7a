//! Leads.

use serde::{Deserialize, Serialize};

use crate::{Phone, RecordId, Timestamp, words};

words! {
    /// How far a lead has come.
    LeadStatus {
        /// Nobody has looked at it.
        New = "new",
        /// Somebody got in touch.
        Contacted = "contacted",
        /// It is worth pursuing.
        Qualified = "qualified",
        /// It became a customer.
        Converted = "converted",
        /// It did not.
        Lost = "lost",
    }
}

words! {
    /// How soon somebody should act.
    Urgency {
        /// Whenever it suits.
        Low = "low",
        /// Soon.
        Medium = "medium",
        /// Now.
        High = "high",
    }
}

/// A caller who may become a customer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Lead {
    /// The lead's id.
    pub id: RecordId,
    /// The caller's phone number.
    pub caller_phone: Option<Phone>,
    /// The caller's name.
    pub caller_name: Option<String>,
    /// The caller's e-mail address.
    pub caller_email: Option<String>,
    /// The lead's status.
    pub status: LeadStatus,
    /// How soon somebody should act.
    pub urgency: Option<Urgency>,
    /// What the caller wants.
    pub interest: Option<String>,
    /// The reason why the call is a lead.
    pub qualification_reason: Option<String>,
    /// A summary of the call.
    pub call_summary: Option<String>,
    /// The id of the call that the lead came out of.
    pub call_log_id: Option<RecordId>,
    /// The id of the caller's contact.
    pub contact_id: Option<RecordId>,
    /// The time when the record was first written.
    pub created_at: Timestamp,
    /// The time when the record last changed.
    pub updated_at: Timestamp,
}
