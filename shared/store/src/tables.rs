//! The definitions of the tables and their indexes.

use std::time::Duration;

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
    /// Its name without the deployment's prefix.
    pub name: &'static str,
    /// The primary key: partition, then sort where there is one.
    pub key: &'static [&'static str],
    /// The indexes.
    pub indexes: fn() -> Vec<Index>,
    /// The attribute after whose time (in seconds) DynamoDB deletes an item.
    pub ttl: Option<&'static str>,
    /// The images that its stream has of each write, where it has one.
    pub stream: Option<StreamView>,
}

/// The images that a table's stream has of each write.
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

/// A table of organizations' records without indexes; what others of [`TABLES`] start from.
const RECORDS: Table =
    Table { name: "", key: &["organization_id", "id"], indexes: Vec::new, ttl: None, stream: None };

/// Every table.
pub static TABLES: &[Table] = &[
    Table {
        name: catalogue::CALLS.table,
        indexes: || lists(&catalogue::CALLS),
        stream: Some(StreamView::BothImages),
        ..RECORDS
    },
    Table { name: CALL_MESSAGES, ..RECORDS },
    Table {
        name: catalogue::CONTACTS.table,
        indexes: || lists(&catalogue::CONTACTS),
        ttl: Some(DELETE_AFTER),
        ..RECORDS
    },
    Table {
        name: catalogue::LEADS.table,
        indexes: || lists(&catalogue::LEADS),
        stream: Some(StreamView::BothImages),
        ..RECORDS
    },
    Table {
        name: catalogue::APPOINTMENTS.table,
        indexes: || lists(&catalogue::APPOINTMENTS),
        stream: Some(StreamView::BothImages),
        ..RECORDS
    },
    Table { name: catalogue::ME.table, key: &["organization_id"], ..RECORDS },
    Table {
        name: catalogue::WEBHOOKS.table,
        indexes: || lists(&catalogue::WEBHOOKS),
        stream: Some(StreamView::BothImages),
        ..RECORDS
    },
    // Apart from the endpoints, whose stream, index and readers have no use for them.
    Table { name: WEBHOOK_SECRETS, ..RECORDS },
    Table {
        name: catalogue::EVENTS.table,
        indexes: || lists(&catalogue::EVENTS),
        ttl: Some(DELETE_AFTER),
        ..RECORDS
    },
    Table {
        name: catalogue::DELIVERIES.table,
        indexes: delivery_indexes,
        ttl: Some(DELETE_AFTER),
        stream: Some(StreamView::NewImage),
        ..RECORDS
    },
    Table { name: API_KEYS, key: &["key_hash"], indexes: key_indexes, ..RECORDS },
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
