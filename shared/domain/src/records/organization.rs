//! Organizations: the customers.

use serde::{Deserialize, Serialize};

use crate::OrganizationId;

/// An organization: a customer, to which everything else belongs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Organization {
    /// The organization's id.
    pub organization_id: OrganizationId,
    /// The organization's name.
    pub organization_name: String,
    /// The plan that the organization pays for.
    pub plan: String,
}
