//! The tables of one deployment.

use std::sync::Arc;

use domain::{Error, Timestamp};
use dynamodb::{Client, Outcome, sdk::types::TransactWriteItem};

use crate::{
    error::{failed, internal},
    item::s,
    tables::key_of,
};

/// What the tables' names start with unless the deployment says otherwise.
pub const DEFAULT_TABLE_PREFIX: &str = "InboundFlow-";
/// The environment variable that says otherwise.
pub const TABLE_PREFIX_VARIABLE: &str = "TABLE_PREFIX";

/// Where time comes from; a test sets its own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The tables of one deployment. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) client: Client,
    prefix: Arc<str>,
    clock: Clock,
}

impl Store {
    /// The tables whose names start with `prefix`, reached through `client`.
    #[must_use]
    pub fn new(client: Client, prefix: &str) -> Self {
        Self { client, prefix: prefix.into(), clock: Arc::new(Timestamp::now) }
    }

    /// The deployment that a function's environment describes.
    ///
    /// # Errors
    /// As [`Client::from_environment`].
    pub async fn from_environment() -> Result<Self, String> {
        let prefix = std::env::var(TABLE_PREFIX_VARIABLE);
        let client = Client::from_environment().await?;
        Ok(Self::new(client, prefix.as_deref().unwrap_or(DEFAULT_TABLE_PREFIX)))
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

    /// One signed call, awaited before the first request: it opens the connection and runs every
    /// lazy initialiser while Lambda gives a function its full CPU.
    ///
    /// # Errors
    /// When DynamoDB cannot be reached.
    pub async fn warm_up(&self, table: &'static str) -> Result<(), Error> {
        let mut get = self.client.get_item().table_name(self.table(table));
        for attribute in key_of(table) {
            get = get.key(*attribute, s("warm-up"));
        }
        get.send().await.map(|_| ()).map_err(|error| internal("GetItem", error))
    }

    /// Writes all of it, or nothing.
    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Outcome, Error> {
        self.client.transact(writes).await.map_err(failed)
    }

    pub(crate) fn table(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}
