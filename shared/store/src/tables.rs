//! The definitions of the tables and their indexes.

use std::{iter, sync::LazyLock, time::Duration};

use domain::{Resource, catalogue};

pub(crate) const CALL_MESSAGES: &str = "CallMessages";
pub(crate) const API_KEYS: &str = "ApiKeys";
pub(crate) const WEBHOOK_SECRETS: &str = "WebhookSecrets";
/// The attribute after whose time, in seconds since 1970, DynamoDB may delete an item.
pub(crate) const DELETE_AFTER: &str = "delete_after";
/// How long events and deliveries are kept.
pub const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The index that is sorted by creation; every resource's list has it.
pub(crate) const BY_CREATED: &str = "by_created";
pub(crate) const BY_ORGANIZATION: &str = "by_organization";
pub(crate) const BY_KEY_ID: &str = "by_key_id";
/// The index of deliveries by the time when they are due.
pub(crate) const DUE: &str = "due";
pub(crate) const DUE_SHARD: &str = "due_shard";
pub(crate) const DUE_AT: &str = "due_at";

/// A table. Every key attribute is a string.
#[derive(Debug)]
pub struct Table {
    /// The table's name without the deployment's prefix.
    pub name: &'static str,
    /// The kind of items in the table, as an operator names it.
    pub kind: &'static str,
    /// The primary key: partition, then sort where there is one.
    pub key: &'static [&'static str],
    /// The table's indexes.
    pub indexes: Vec<Index>,
    /// The attribute after whose time (in seconds) DynamoDB deletes an item.
    pub ttl: Option<&'static str>,
    /// The images that the table's stream has of each write, where the table has a stream.
    pub stream: Option<StreamView>,
}

/// The images that a table's stream has of each write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamView {
    /// The item before and after the write.
    BothImages,
    /// The item after the write.
    NewImage,
}

/// A global secondary index with multi-attribute keys.
#[derive(Debug, PartialEq, Eq)]
pub struct Index {
    /// The index's name.
    pub name: String,
    /// The attributes of the index's partition key.
    pub partition: Vec<&'static str>,
    /// The attributes of the index's sort key.
    pub sort: Vec<&'static str>,
    /// Whether the index holds whole items; keys only where not.
    pub whole_items: bool,
}

/// Every table: one for each resource, and what stands beside it; those with a key of their own come last.
pub static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    let of_records = catalogue::ALL.iter().filter(|resource| resource.name != catalogue::ME.name);
    let mut tables: Vec<Table> =
        of_records.flat_map(|resource| iter::once(listed(resource)).chain(beside(resource))).collect();
    tables.push(plain("organizations", catalogue::ME.table));
    tables.push(Table { indexes: key_indexes(), ..plain("keys", API_KEYS) });
    tables
});

/// The table of a resource that has a list.
fn listed(resource: &Resource) -> Table {
    let published = matches!(resource.name, "calls" | "leads" | "appointments" | "webhooks");
    Table {
        indexes: lists(resource),
        ttl: matches!(resource.name, "contacts" | "events").then_some(DELETE_AFTER),
        stream: published.then_some(StreamView::BothImages),
        ..plain(resource.name, resource.table)
    }
}

/// The table that belongs to a resource besides its own.
fn beside(resource: &Resource) -> Option<Table> {
    match resource.name {
        "calls" => Some(plain("messages", CALL_MESSAGES)),
        // Apart from the endpoints, whose stream, index and readers have no use for them.
        "webhooks" => Some(plain("secrets", WEBHOOK_SECRETS)),
        "events" => Some(Table {
            indexes: delivery_indexes(),
            ttl: Some(DELETE_AFTER),
            stream: Some(StreamView::NewImage),
            ..plain(catalogue::DELIVERIES.name, catalogue::DELIVERIES.table)
        }),
        _ => None,
    }
}

/// A table of organizations' records without indexes.
fn plain(kind: &'static str, name: &'static str) -> Table {
    Table { kind, name, key: key_of(name), indexes: Vec::new(), ttl: None, stream: None }
}

/// The index that answers a list narrowed by `parameter`.
pub(crate) fn index_by(parameter: &str) -> String {
    format!("by_{parameter}")
}

/// The attributes of a table's primary key.
pub(crate) fn key_of(table: &str) -> &'static [&'static str] {
    match table {
        API_KEYS => &["key_hash"],
        "Organizations" => &["organization_id"],
        _ => &["organization_id", "id"],
    }
}

fn lists(resource: &Resource) -> Vec<Index> {
    let index = |name, filter: Option<&'static str>| Index {
        name,
        partition: iter::once("organization_id").chain(filter).collect(),
        sort: vec!["created_at", "id"],
        whole_items: true,
    };
    iter::once(index(BY_CREATED.to_owned(), None))
        .chain(
            resource.filters.iter().map(|filter| index(index_by(filter.parameter), Some(filter.attribute))),
        )
        .collect()
}

/// The indexes of deliveries, which are listed by their endpoint alone.
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
