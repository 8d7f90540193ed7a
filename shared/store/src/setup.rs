//! The creation of an emulator's tables, as [`TABLES`] describes them.

use domain::Error;
use dynamodb::sdk::{
    error::ProvideErrorMetadata as _,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType, TableDescription,
        TimeToLiveSpecification, TimeToLiveStatus,
    },
};
use futures_util::future::try_join_all;

use crate::{
    Store,
    error::internal,
    tables::{Index, StreamView, TABLES, Table},
};

impl Store {
    /// Creates the tables that are missing, on an engine where a table is there at once: an emulator's.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn create_tables(&self) -> Result<(), Error> {
        for table in TABLES.iter() {
            self.create_table(table).await?;
        }
        Ok(())
    }

    async fn create_table(&self, table: &Table) -> Result<(), Error> {
        let mut attributes: Vec<&str> = table.key.to_vec();
        attributes.extend(table.indexes.iter().flat_map(|index| index.partition.iter().chain(&index.sort)));
        attributes.sort_unstable();
        attributes.dedup();

        let (partition, sort) = table.key.split_at(1);
        let indexes: Vec<_> = table.indexes.iter().map(index_input).collect();
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
                return Err(internal(error));
            }
            Err(_) => self.enable_stream(table).await?,
            Ok(_) => {}
        }
        self.enable_ttl(table).await
    }

    /// The names of the tables without deletion protection.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn unprotected_tables(&self) -> Result<Vec<String>, Error> {
        let unprotected = TABLES.iter().map(async |table| {
            let name = self.table(table.name);
            let described = self.describe(&name).await?;
            let is_protected = described.and_then(|table| table.deletion_protection_enabled) == Some(true);
            Ok::<_, Error>((!is_protected).then_some(name))
        });
        Ok(try_join_all(unprotected).await?.into_iter().flatten().collect())
    }

    async fn describe(&self, name: &str) -> Result<Option<TableDescription>, Error> {
        let described = self.client.describe_table().table_name(name).send().await;
        Ok(described.map_err(|error| internal(error))?.table)
    }

    /// Enables a table's stream: an earlier version may have created the table without one.
    async fn enable_stream(&self, table: &Table) -> Result<(), Error> {
        let Some(view) = table.stream else { return Ok(()) };
        let name = self.table(table.name);
        let described = self.describe(&name).await?;
        let stream = described.and_then(|table| table.stream_specification);
        if stream.is_some_and(|stream| stream.stream_enabled) {
            return Ok(());
        }
        let update = self.client.update_table().table_name(name);
        let updated = update.stream_specification(stream_specification(view)).send().await;
        updated.map(|_| ()).map_err(|error| internal(error))
    }

    /// Enables a table's time to live. A second time is an error on AWS, so it is looked up first.
    async fn enable_ttl(&self, table: &Table) -> Result<(), Error> {
        let Some(attribute) = table.ttl else { return Ok(()) };
        let described = self.client.describe_time_to_live().table_name(self.table(table.name)).send().await;
        let described = described.map_err(|error| internal(error))?;
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
            .map_err(|error| internal(error))
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
