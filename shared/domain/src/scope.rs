//! The scopes of keys.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One permission of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Scope {
    /// Read calls.
    #[serde(rename = "calls:read")]
    CallsRead,
    /// Read contacts.
    #[serde(rename = "contacts:read")]
    ContactsRead,
    /// Create contacts.
    #[serde(rename = "contacts:write")]
    ContactsWrite,
    /// Read appointments.
    #[serde(rename = "appointments:read")]
    AppointmentsRead,
    /// Read leads.
    #[serde(rename = "leads:read")]
    LeadsRead,
    /// Read endpoints, their deliveries, and events.
    #[serde(rename = "webhooks:read")]
    WebhooksRead,
    /// Create, change and delete endpoints, and have events delivered again.
    #[serde(rename = "webhooks:write")]
    WebhooksWrite,
}

/// The permissions of a key, in the documented order.
pub type Scopes = BTreeSet<Scope>;

impl Scope {
    /// Every scope: the documented ones in their order, then additions.
    pub const ALL: [Self; 7] = [
        Self::CallsRead,
        Self::ContactsRead,
        Self::ContactsWrite,
        Self::AppointmentsRead,
        Self::LeadsRead,
        Self::WebhooksRead,
        Self::WebhooksWrite,
    ];

    /// The scope as it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CallsRead => "calls:read",
            Self::ContactsRead => "contacts:read",
            Self::ContactsWrite => "contacts:write",
            Self::AppointmentsRead => "appointments:read",
            Self::LeadsRead => "leads:read",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksWrite => "webhooks:write",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("expected one of {}", Self::ALL.map(Self::as_str).join(", "));
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or_else(expected)
    }
}
