//! Ids: UUIDs in their canonical form. New ones are version 4; an imported record keeps its own.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// A new random id.
            #[must_use]
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }

            /// A number below `places`, always the same for this id.
            #[must_use]
            pub fn spread(self, places: usize) -> usize {
                (self.0.as_u128() % places as u128) as usize
            }

            /// The id with these bits.
            #[must_use]
            pub fn from_u128(bits: u128) -> Self {
                Self(Uuid::from_u128(bits))
            }
        }

        impl FromStr for $name {
            type Err = &'static str;

            /// Reads the hyphenated form only, in either case.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let id = Uuid::try_parse(text).ok().filter(|_| text.len() == 36);
                id.map(Self).ok_or("expected a UUID such as dbf31702-3468-4639-a5a4-e07f9bdae9a7")
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    };
}

id! {
    /// The id of an organization: the customer that a key and all its records belong to.
    OrganizationId
}
id! {
    /// The id of a record, such as a call or an endpoint, or of something that a record refers to.
    RecordId
}

impl RecordId {
    /// The id of the one `what` that this record has, such as a call's `lead`: the same each time it is derived.
    #[must_use]
    pub fn derived(self, what: &str) -> Self {
        Self(Uuid::new_v5(&self.0, what.as_bytes()))
    }
}
