//! The tables and their indexes: the one place where they are written down.

use domain::{Error, Resource, catalogue};
use dynamodb::sdk::{
    error::ProvideErrorMetadata as _,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType, TimeToLiveSpecification,
        TimeToLiveStatus,
    },
};
use futures_util::future::try_join_all;

use crate::{Store, error::internal};

pub(crate) const CALL_MESSAGES: &str = "CallMessages";
pub(crate) const API_KEYS: &str = "ApiKeys";
pub(crate) const WEBHOOK_SECRETS: &str = "WebhookSecrets";
/// When DynamoDB may delete an item, in seconds since 1970.
pub(crate) const DELETE_AFTER: &str = "delete_after";
/// Sorted by creation; every resource's list has it.
pub(crate) const BY_CREATED: &str = "by_created";
pub(crate) const BY_ORGANIZATION: &str = "by_organization";
pub(crate) const BY_KEY_ID: &str = "by_key_id";
/// Deliveries by the time when they are to be looked at again.
pub(crate) const DUE: &str = "due";
pub(crate) const DUE_SHARD: &str = "due_shard";
pub(crate) const DUE_AT: &str = "due_at";

/// A table. Every key attribute is a string.
#[derive(Debug)]
pub struct Table {
    /// Its name without the deployment's prefix.
    pub name: &'static str,
    /// The primary key: partition, then sort where there is one.
    pub key: &'static [&'static str],
    /// The indexes.
    pub indexes: fn() -> Vec<Index>,
    /// The attribute after whose time (in seconds) DynamoDB deletes an item.
    pub ttl: Option<&'static str>,
    /// What its stream tells of each write, where it has one.
    pub stream: Option<StreamView>,
}

/// What a table's stream tells of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamView {
    /// The item before and after.
    BothImages,
    /// The item after.
    NewImage,
}

/// A global secondary index with multi-attribute keys.
#[derive(Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// The attributes of its partition key.
    pub partition: Vec<&'static str>,
    /// The attributes of its sort key.
    pub sort: Vec<&'static str>,
    /// Whether it holds whole items; keys only where not.
    pub whole_items: bool,
}

/// Every table.
pub static TABLES: &[Table] = &[
    Table {
        name: catalogue::CALLS.table,
        key: &["organization_id", "id"],
        indexes: || lists(&catalogue::CALLS),
        ttl: None,
        stream: Some(StreamView::BothImages),
    },
    Table {
        name: CALL_MESSAGES,
        key: &["organization_id", "id"],
        indexes: Vec::new,
        ttl: None,
        stream: None,
    },
    Table {
        name: catalogue::CONTACTS.table,
        key: &["organization_id", "id"],
        indexes: || lists(&catalogue::CONTACTS),
        ttl: Some(DELETE_AFTER),
        stream: None,
    },
    Table {
        name: catalogue::LEADS.table,
        key: &["organization_id", "id"],
        indexes: || lists(&catalogue::LEADS),
        ttl: None,
        stream: Some(StreamView::BothImages),
    },
    Table {
        name: catalogue::APPOINTMENTS.table,
        key: &["organization_id", "id"],
        indexes: || lists(&catalogue::APPOINTMENTS),
        ttl: None,
        stream: Some(StreamView::BothImages),
    },
    Table {
        name: catalogue::ME.table,
        key: &["organization_id"],
        indexes: Vec::new,
        ttl: None,
        stream: None,
    },
    Table {
        name: catalogue::WEBHOOKS.table,
        key: &["organization_id", "id"],
        indexes: || lists(&catalogue::WEBHOOKS),
        ttl: None,
        stream: Some(StreamView::BothImages),
    },
    // Apart from the endpoints, whose stream, index and readers have no use for them.
    Table {
        name: WEBHOOK_SECRETS,
        key: &["organization_id", "id"],
        indexes: Vec::new,
        ttl: None,
        stream: None,
    },
    Table {
        name: catalogue::EVENTS.table,
        key: &["organization_id", "id"],
        indexes: || lists(&catalogue::EVENTS),
        ttl: Some(DELETE_AFTER),
        stream: None,
    },
    Table {
        name: catalogue::DELIVERIES.table,
        key: &["organization_id", "id"],
        indexes: delivery_indexes,
        ttl: Some(DELETE_AFTER),
        stream: Some(StreamView::NewImage),
    },
    Table { name: API_KEYS, key: &["key_hash"], indexes: key_indexes, ttl: None, stream: None },
];

/// The index that answers a list narrowed by `parameter`.
pub(crate) fn index_by(parameter: &str) -> String {
    format!("by_{parameter}")
}

/// The attributes of a table's primary key.
pub(crate) fn key_of(table: &str) -> &'static [&'static str] {
    TABLES.iter().find(|known| known.name == table).map_or(&[], |known| known.key)
}

fn lists(resource: &Resource) -> Vec<Index> {
    let index = |name, filter: Option<&'static str>| Index {
        name,
        partition: std::iter::once("organization_id").chain(filter).collect(),
        sort: vec!["created_at", "id"],
        whole_items: true,
    };
    std::iter::once(index(BY_CREATED.to_owned(), None))
        .chain(
            resource.filters.iter().map(|filter| index(index_by(filter.parameter), Some(filter.attribute))),
        )
        .collect()
}

/// They are listed by their endpoint alone.
fn delivery_indexes() -> Vec<Index> {
    let by_webhook = index_by(catalogue::DELIVERIES.filters[0].parameter);
    let mut indexes: Vec<Index> = lists(&catalogue::DELIVERIES);
    indexes.retain(|index| index.name == by_webhook);
    indexes.push(Index {
        name: DUE.to_owned(),
        partition: vec![DUE_SHARD],
        sort: vec![DUE_AT, "id"],
        whole_items: false,
    });
    indexes
}

fn key_indexes() -> Vec<Index> {
    let index =
        |name: &str, partition, sort| Index { name: name.to_owned(), partition, sort, whole_items: false };
    vec![
        index(BY_ORGANIZATION, vec!["organization_id"], vec!["created_at", "key_id"]),
        index(BY_KEY_ID, vec!["key_id"], Vec::new()),
    ]
}

impl Store {
    /// Creates the tables that are missing, on an engine where a table is there at once: an emulator's.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn create_tables(&self) -> Result<(), Error> {
        for table in TABLES {
            self.create_table(table).await?;
        }
        Ok(())
    }

    async fn create_table(&self, table: &Table) -> Result<(), Error> {
        let indexes = (table.indexes)();
        let mut attributes: Vec<&str> = table.key.to_vec();
        attributes.extend(indexes.iter().flat_map(|index| index.partition.iter().chain(&index.sort)));
        attributes.sort_unstable();
        attributes.dedup();

        let (partition, sort) = table.key.split_at(1);
        let indexes: Vec<_> = indexes.iter().map(index_input).collect();
        let created = self
            .client
            .create_table()
            .table_name(self.table(table.name))
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(key_schema(partition, sort)))
            .set_attribute_definitions(Some(attributes.iter().map(|name| string_attribute(name)).collect()))
            .set_global_secondary_indexes((!indexes.is_empty()).then_some(indexes))
            .set_stream_specification(table.stream.map(stream_specification))
            .send()
            .await;
        match created {
            Err(error) if error.code() != Some("ResourceInUseException") => {
                return Err(internal("CreateTable", error));
            }
            Err(_) => self.enable_stream(table).await?,
            Ok(_) => {}
        }
        self.enable_ttl(table).await
    }

    /// The names of the tables that anybody who may delete a table can delete.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn unprotected_tables(&self) -> Result<Vec<String>, Error> {
        let unprotected = TABLES.iter().map(async |table| {
            let name = self.table(table.name);
            let described = self.client.describe_table().table_name(&name).send().await;
            let described = described.map_err(|error| internal("DescribeTable", error))?.table;
            let is_protected = described.and_then(|table| table.deletion_protection_enabled) == Some(true);
            Ok::<_, Error>((!is_protected).then_some(name))
        });
        Ok(try_join_all(unprotected).await?.into_iter().flatten().collect())
    }

    /// An earlier version may have made the table, without one.
    async fn enable_stream(&self, table: &Table) -> Result<(), Error> {
        let Some(view) = table.stream else { return Ok(()) };
        let name = self.table(table.name);
        let described = self.client.describe_table().table_name(&name).send().await;
        let described = described.map_err(|error| internal("DescribeTable", error))?.table;
        if described
            .is_some_and(|table| table.stream_specification.is_some_and(|stream| stream.stream_enabled))
        {
            return Ok(());
        }
        let update = self.client.update_table().table_name(name);
        let updated = update.stream_specification(stream_specification(view)).send().await;
        updated.map(|_| ()).map_err(|error| internal("UpdateTable", error))
    }

    /// Enabling it a second time is an error on AWS, so it is looked at first.
    async fn enable_ttl(&self, table: &Table) -> Result<(), Error> {
        let Some(attribute) = table.ttl else { return Ok(()) };
        let described = self.client.describe_time_to_live().table_name(self.table(table.name)).send().await;
        let described = described.map_err(|error| internal("DescribeTimeToLive", error))?;
        let status = described.time_to_live_description.and_then(|ttl| ttl.time_to_live_status);
        if matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)) {
            return Ok(());
        }
        let specification =
            TimeToLiveSpecification::builder().attribute_name(attribute).enabled(true).build();
        self.client
            .update_time_to_live()
            .table_name(self.table(table.name))
            .set_time_to_live_specification(specification.ok())
            .send()
            .await
            .map(|_| ())
            .map_err(|error| internal("UpdateTimeToLive", error))
    }
}

fn stream_specification(view: StreamView) -> StreamSpecification {
    let view = match view {
        StreamView::BothImages => StreamViewType::NewAndOldImages,
        StreamView::NewImage => StreamViewType::NewImage,
    };
    #[expect(clippy::expect_used, reason = "the required member is given")]
    StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build().expect("it is enabled")
}

// The SDK's builders fail only where a required member was left out, and none is.
fn key_schema(partition: &[&str], sort: &[&str]) -> Vec<KeySchemaElement> {
    let element = |kind: KeyType| {
        move |name: &&str| {
            KeySchemaElement::builder().attribute_name(*name).key_type(kind.clone()).build().ok()
        }
    };
    partition
        .iter()
        .filter_map(element(KeyType::Hash))
        .chain(sort.iter().filter_map(element(KeyType::Range)))
        .collect()
}

fn string_attribute(name: &str) -> AttributeDefinition {
    #[expect(clippy::expect_used, reason = "both required members are given")]
    AttributeDefinition::builder()
        .attribute_name(name)
        .attribute_type(ScalarAttributeType::S)
        .build()
        .expect("a name and a type")
}

fn index_input(index: &Index) -> GlobalSecondaryIndex {
    let projection = if index.whole_items { ProjectionType::All } else { ProjectionType::KeysOnly };
    #[expect(clippy::expect_used, reason = "both required members are given")]
    GlobalSecondaryIndex::builder()
        .index_name(&index.name)
        .set_key_schema(Some(key_schema(&index.partition, &index.sort)))
        .projection(Projection::builder().projection_type(projection).build())
        .build()
        .expect("a name and a key")
}
