//! The store: the tables of one deployment, and the calls that any of them takes.

use std::{sync::Arc, time::Duration};

use domain::{Error, OrganizationId, Timestamp};
use dynamodb::{
    Client, Transacted,
    sdk::{
        operation::{query::builders::QueryFluentBuilder, update_item::builders::UpdateItemFluentBuilder},
        types::TransactWriteItem,
    },
};

use crate::{
    error::{failed, internal},
    item::{Item, s},
    tables::key_of,
};

/// The prefix of the tables' names unless the deployment says otherwise.
pub const DEFAULT_TABLE_PREFIX: &str = "InboundFlow-";
/// The environment variable with the prefix of the tables' names.
pub const TABLE_PREFIX_VARIABLE: &str = "TABLE_PREFIX";

/// How often a transaction is attempted while others write to the same items, and how long until the second time.
const ATTEMPTS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// The source of time; a test sets its own.
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

    /// The tables of the deployment that a function's environment describes.
    ///
    /// # Errors
    /// As [`Client::from_environment`].
    pub async fn from_environment() -> Result<Self, String> {
        let prefix = std::env::var(TABLE_PREFIX_VARIABLE);
        let client = Client::from_environment().await?;
        Ok(Self::new(client, prefix.as_deref().unwrap_or(DEFAULT_TABLE_PREFIX)))
    }

    /// This store with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The store of other tables of the same DynamoDB, whose names start with `prefix`.
    #[must_use]
    pub fn with_table_prefix(&self, prefix: &str) -> Self {
        Self { prefix: prefix.into(), ..self.clone() }
    }

    /// The current time, by the store's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// A table's name without this deployment's prefix; none where the table is another deployment's.
    #[must_use]
    pub fn name_of<'a>(&self, table: &'a str) -> Option<&'a str> {
        table.strip_prefix(&*self.prefix)
    }

    /// Makes one signed call, awaited before the first request: it opens the connection and runs every
    /// lazy initialiser while Lambda gives a function its full CPU.
    ///
    /// # Errors
    /// When DynamoDB cannot be reached.
    pub async fn warm_up(&self, table: &'static str) -> Result<(), Error> {
        let key = key_of(table).iter().map(|name| ((*name).to_owned(), s("warm-up")));
        self.get_item(table, key.collect()).await.map(|_| ())
    }

    /// A table's name with this deployment's prefix.
    pub(crate) fn table(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The item with this key, as of now.
    pub(crate) async fn get_item(&self, table: &str, key: Item) -> Result<Option<Item>, Error> {
        let get = self.client.get_item().table_name(self.table(table)).set_key(Some(key));
        Ok(get.consistent_read(true).customize().send().await.map_err(|error| internal(error))?.item)
    }

    /// Writes an item, whatever is there.
    pub(crate) async fn put_item(&self, table: &str, item: Item) -> Result<(), Error> {
        let put = self.client.put_item().table_name(self.table(table)).set_item(Some(item));
        put.customize().send().await.map(|_| ()).map_err(|error| internal(error))
    }

    /// The update of the item with this key, to be completed.
    pub(crate) fn update_item(&self, table: &str, key: Item) -> UpdateItemFluentBuilder {
        self.client.update_item().table_name(self.table(table)).set_key(Some(key))
    }

    /// The query of an organization's items, of those alone for which the rest of the condition holds.
    pub(crate) fn query_of(
        &self,
        table: &str,
        organization: OrganizationId,
        rest: &str,
    ) -> QueryFluentBuilder {
        let query = self.client.query().table_name(self.table(table));
        query
            .key_condition_expression(format!("organization_id = :organization{rest}"))
            .expression_attribute_values(":organization", s(organization.to_string()))
    }

    /// Makes all of these writes, or none.
    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Transacted, Error> {
        self.client.transact(writes).await.map_err(|error| failed(error))
    }

    /// Makes all of these writes, or none; again where another transaction was under way on the same items.
    pub(crate) async fn transact_patiently(
        &self,
        writes: Vec<TransactWriteItem>,
    ) -> Result<Transacted, Error> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS {
            let ended = self.transact(writes.clone()).await?;
            let Transacted::Retryable(_) = ended else { return Ok(ended) };
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.transact(writes).await
    }
}
