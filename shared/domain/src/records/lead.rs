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
    /// Its id.
    pub id: RecordId,
    /// The caller's number.
    pub caller_phone: Option<Phone>,
    /// The caller's name.
    pub caller_name: Option<String>,
    /// The caller's e-mail address.
    pub caller_email: Option<String>,
    /// How far it has come.
    pub status: LeadStatus,
    /// How soon somebody should act.
    pub urgency: Option<Urgency>,
    /// What the caller wants.
    pub interest: Option<String>,
    /// Why this is a lead.
    pub qualification_reason: Option<String>,
    /// What the call was about.
    pub call_summary: Option<String>,
    /// The call it came out of.
    pub call_log_id: Option<RecordId>,
    /// The caller's contact.
    pub contact_id: Option<RecordId>,
    /// When we first wrote it.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}
