//! Organizations: the customers.

use serde::{Deserialize, Serialize};

use crate::OrganizationId;

/// A customer: everything else belongs to one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Organization {
    /// Its id.
    pub organization_id: OrganizationId,
    /// What it calls itself.
    pub organization_name: String,
    /// What it pays for.
    pub plan: String,
}
