//! Everything that is stored: the tables, their items, the pages of a list, and the count of each
//! key's requests. The functions reach DynamoDB through here alone.

mod access;
mod buffered;
mod bulk;
mod client;
mod compressed;
mod contacts;
mod direct;
mod diverted;
mod error;
mod http;
mod intake;
mod issue;
mod item;
mod items;
mod keys;
mod memory;
mod messages;
mod organizations;
mod page;
mod reply;
mod request;
mod signature;
mod tables;
mod transaction;
mod unreadable;
mod update;
mod webhooks;
mod wire;

pub use access::{Admission, Identity, KeyRing, Recall};
pub use bulk::{BulkWriter, Row};
pub use client::{DEFAULT_TABLE_PREFIX, Endpoint, TABLE_PREFIX_VARIABLE, environment};
pub use contacts::{Created, IdempotencyKey};
pub use http::http_client;
pub use intake::NotApplied;
pub use issue::{IssuedKey, KeyRequest, PreparedKey, Rotation};
pub use items::{Changes, Items};
pub use keys::{KeyStanding, KeySummary};
pub use messages::MAX_ANSWER_BYTES;
pub use page::Page;
pub use tables::{Index, StreamView, TABLES, Table};
pub use unreadable::{Examined, Unreadable};
pub use webhooks::{
    Backfilled, Claim, Claimed, Enabled, KEPT, Receiver, Replayable, Replayed, Rotatable, SECRETS, Verdict,
    ticket_to_send,
};

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use direct::Direct;
use domain::Timestamp;

/// Where time comes from; a test sets its own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The tables of one deployment. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    client: Client,
    direct: Option<Arc<Direct>>,
    prefix: Arc<str>,
    clock: Clock,
}

impl Store {
    /// The tables whose names start with `prefix`, reached through `client`.
    #[must_use]
    pub fn new(client: Client, prefix: &str) -> Self {
        Self { client, direct: None, prefix: prefix.into(), clock: Arc::new(Timestamp::now) }
    }

    fn with_direct(self, direct: Option<Direct>) -> Self {
        Self { direct: direct.map(Arc::new), ..self }
    }

    /// The same store with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The same DynamoDB, and tables whose names start otherwise.
    #[must_use]
    pub fn with_table_prefix(&self, prefix: &str) -> Self {
        Self { prefix: prefix.into(), ..self.clone() }
    }

    /// This moment, by the store's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// A table's name without this deployment's prefix; none where the table is another deployment's.
    #[must_use]
    pub fn name_of<'a>(&self, table: &'a str) -> Option<&'a str> {
        table.strip_prefix(&*self.prefix)
    }

    fn table(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}
