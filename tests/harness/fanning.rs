//! The fanout function over a world's tables, with queues of its own behind it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    OrganizationId,
    webhooks::{DeliveryTask, EventType, NewWebhook, Secret, Webhook},
};
use fanout::Fanout;
use local::{DeadLetter, Services};
use serde_json::{Value, json};
use store::Store;

use crate::{
    Streams, World,
    queues::{DEAD_LETTERS, fanout, sqs},
    stack,
};

/// The tables whose streams feed the function; the deliveries' last, since it fills that table itself.
const TABLES: [&str; 5] = ["Calls", "Leads", "Appointments", "Webhooks", "Deliveries"];

/// The function `fanout` over a world's tables. Its calls of SQS go over the world's wire as those of
/// DynamoDB do.
pub struct Fanning {
    /// The function itself.
    pub fanout: Fanout,
    services: Services,
    streams: Streams,
    tables: String,
    organizations: Vec<String>,
}

/// An item of a table.
pub type Item = HashMap<String, AttributeValue>;

impl Fanning {
    /// The function over a world's tables, with queues that nobody takes anything from.
    pub async fn new(world: &World) -> Self {
        Self::over(world, &world.store).await
    }

    /// The function over another store of the world's tables.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn over(world: &World, store: &Store) -> Self {
        let services = Services::listen(&stack()).await.expect("a port");
        let fanout = fanout(store, &services, sqs(&services, &world.wire));
        let organizations = vec![world.organization.to_string()];
        Self { fanout, services, streams: Streams::of(world), tables: world.table(""), organizations }
    }

    /// Lets [`Fanning::changes`] return this organization's records too.
    pub fn also(&mut self, organization: OrganizationId) {
        self.organizations.push(organization.to_string());
    }

    /// The changes of a table since the last call of this method.
    pub async fn changes(&mut self, table: &str) -> Vec<Value> {
        let mut changes = self.streams.changes(&format!("{}{table}", self.tables)).await;
        let of =
            |change: &Value| change["dynamodb"]["Keys"]["organization_id"]["S"].as_str().map(str::to_owned);
        changes.retain(|change| of(change).is_some_and(|of| self.organizations.contains(&of)));
        changes
    }

    /// Hands a batch to the function; returns the place of the record from which it has to come again.
    ///
    /// # Panics
    /// When the function answers with something that is not in the batch.
    pub async fn hand(&self, records: &[Value]) -> Option<usize> {
        let answer = self.call(&json!({"Records": records})).await.expect("a batch");
        let failures = answer["batchItemFailures"].as_array().expect("an answer");
        assert!(failures.len() <= 1, "{failures:?}");
        let failed = failures.first()?["itemIdentifier"].as_str().expect("a sequence number");
        let place = records.iter().position(|record| record["dynamodb"]["SequenceNumber"] == failed);
        Some(place.expect("a record of the batch"))
    }

    /// Calls the function as Lambda would.
    ///
    /// # Errors
    /// When the function fails as a whole.
    ///
    /// # Panics
    /// When it takes no such event.
    pub async fn call(&self, event: &Value) -> Result<Value, String> {
        let event = serde_json::from_str(&event.to_string()).expect("an event");
        let answer = self.fanout.handle(event).await.map_err(|error| error.to_string())?;
        Ok(serde_json::to_value(answer).expect("JSON"))
    }

    /// Hands over all changes of the tables, in batches of a hundred.
    ///
    /// # Panics
    /// When a record is not carried out.
    pub async fn follow(&mut self) {
        for table in TABLES {
            for batch in self.changes(table).await.chunks(100) {
                assert_eq!(self.hand(batch).await, None, "{table}");
            }
        }
    }

    /// The tasks in a queue, [`FAST`](crate::FAST) or [`SLOW`](crate::SLOW).
    ///
    /// # Panics
    /// When something else is there.
    #[must_use]
    pub fn tasks(&self, queue: &str) -> Vec<DeliveryTask> {
        let task = |body: String| serde_json::from_str(&body).expect("a task");
        self.services.bodies(queue).into_iter().map(task).collect()
    }

    /// The dead letters: the kind and the record of each.
    ///
    /// # Panics
    /// When one lacks its reason.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<(String, Value)> {
        let letters = self.services.dead_letters(DEAD_LETTERS).into_iter();
        let read = |DeadLetter { kind, reason, body }: DeadLetter| {
            assert!(reason.is_some_and(|reason| reason.len() > 10), "{body}");
            (kind.expect("a kind"), serde_json::from_str(&body).expect("JSON"))
        };
        letters.map(read).collect()
    }
}

/// Creates an endpoint that wants these events.
///
/// # Panics
/// When the organization has too many.
pub async fn endpoint(store: &Store, organization: OrganizationId, events: &[EventType]) -> Webhook {
    let url = "https://example.com/hook".to_owned();
    let new = NewWebhook { url, description: None, events: events.to_vec() };
    let secret = Secret::generate().expect("random bytes");
    store.changes::<Webhook>(organization).create(new, &secret).await.expect("an endpoint")
}

/// Everything that an organization has in a table.
///
/// # Panics
/// When there is no such table.
pub async fn items(world: &World, table: &str, organization: OrganizationId) -> Vec<Item> {
    let query = world.raw_dynamodb().query().table_name(world.table(table));
    let query = query
        .key_condition_expression("organization_id = :organization")
        .expression_attribute_values(":organization", AttributeValue::S(organization.to_string()))
        .consistent_read(true);
    query.into_paginator().items().send().collect::<Result<_, _>>().await.expect("items")
}
