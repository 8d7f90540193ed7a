//! Endpoints, events and attempts of a test's organization, and its stored items.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    OrganizationId, RecordId, Timestamp,
    webhooks::{Attempt, DeliveryTask, Event, EventType, sample},
};
use serde_json::{Value, json};
use store::{Claim, Claimed, Verdict};

use crate::{Item, World};

/// A route's path with this id in each of its places.
#[must_use]
pub fn path_of(route: &str, id: &str) -> String {
    route.replace("{id}", id).replace("{delivery_id}", id)
}

/// An event of an organization, with the data of the documentation's example.
#[must_use]
pub fn sample_event(organization_id: OrganizationId, event: EventType, created_at: Timestamp) -> Event {
    Event { id: RecordId::random(), event, organization_id, created_at, data: sample(event) }
}

/// An attempt that was answered with this status.
#[must_use]
pub fn attempt(number: u32, status_code: u16) -> Attempt {
    let error = (!(200..300).contains(&status_code)).then(|| format!("the receiver answered {status_code}"));
    Attempt { number, attempted_at: Timestamp::now(), status_code: Some(status_code), duration_ms: 12, error }
}

impl World {
    /// Creates an endpoint that wants these events; returns it with its secret.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn webhook(&self, events: &[&str]) -> Value {
        let body = json!({"url": "https://hooks.example.com/in", "events": events});
        self.client.post("/v1/webhooks", &body).await.ok()["data"].take()
    }

    /// Publishes an event to every endpoint that wants it.
    ///
    /// # Panics
    /// When it is not taken.
    pub async fn happened(&self, event: EventType, at: Timestamp) -> Event {
        let event = sample_event(self.organization, event, at);
        let webhooks = self.store.webhooks(self.organization).await.expect("the endpoints");
        assert!(self.store.publish(&event, &webhooks).await.expect("an event"));
        event
    }

    /// Attempts a delivery, for the last time, and keeps the response.
    ///
    /// # Panics
    /// When its attempts are over, or it is gone.
    pub async fn attempted(&self, webhook: RecordId, delivery: RecordId, status: u16, answer: &str) {
        let verdict = if (200..300).contains(&status) { Verdict::Succeeded } else { Verdict::Failed };
        self.attempted_until(webhook, delivery, status, answer, verdict).await;
    }

    /// Attempts a delivery, with this result.
    ///
    /// # Panics
    /// When its attempts are over, or it is gone.
    pub async fn attempted_until(
        &self,
        webhook: RecordId,
        delivery: RecordId,
        status: u16,
        answer: &str,
        verdict: Verdict,
    ) {
        let claimed = self.claimed(webhook, delivery).await;
        let attempt = attempt(claimed.number, status);
        self.store.settle(&claimed, attempt, answer, verdict).await.expect("what came of it");
    }

    /// A delivery that nobody else has claimed, claimed for its next attempt.
    ///
    /// # Panics
    /// When it is over, or gone.
    pub async fn claimed(&self, webhook: RecordId, delivery: RecordId) -> Claimed {
        let number = self.number_of(delivery).await;
        let task = DeliveryTask {
            organization_id: self.organization,
            webhook_id: webhook,
            delivery_id: delivery,
            number,
        };
        let Claim::Yours(claimed) = self.store.claim(&task).await.expect("a claim") else {
            panic!("{delivery} cannot be attempted")
        };
        *claimed
    }

    async fn number_of(&self, delivery: RecordId) -> u32 {
        let item = self.item("Deliveries", &delivery.to_string()).await.expect("a delivery");
        item["number"].as_n().expect("a number").parse().expect("a number")
    }

    /// An item of the organization as DynamoDB has it, read without the store.
    ///
    /// # Panics
    /// When the engine does not answer.
    pub async fn item(&self, table: &str, id: &str) -> Option<Item> {
        let get = self.raw_dynamodb().get_item().table_name(self.table(table)).consistent_read(true);
        get.set_key(Some(self.key_of(id))).send().await.expect("an answer").item
    }

    /// Writes an item without the store.
    ///
    /// # Panics
    /// When the engine does not take it.
    pub async fn put_item(&self, table: &str, item: Item) {
        let put = self.raw_dynamodb().put_item().table_name(self.table(table));
        put.set_item(Some(item)).send().await.expect("written");
    }

    /// Deletes an item of the organization without the store.
    ///
    /// # Panics
    /// When the engine does not answer.
    pub async fn delete_item(&self, table: &str, id: &str) {
        let delete = self.raw_dynamodb().delete_item().table_name(self.table(table));
        delete.set_key(Some(self.key_of(id))).send().await.expect("deleted");
    }

    /// Changes an attribute of an item of the organization without the store.
    ///
    /// # Panics
    /// When there is no such item.
    pub async fn set_attribute(&self, table: &str, id: &str, name: &str, value: AttributeValue) {
        let mut item = self.item(table, id).await.expect("an item");
        item.insert(name.to_owned(), value);
        self.put_item(table, item).await;
    }

    /// Calls an operation of the engine, with a body in DynamoDB's JSON.
    ///
    /// # Panics
    /// When it refuses.
    pub async fn ask_engine(&self, operation: &str, body: Value) -> Value {
        let ask = reqwest::Client::new().post(self.dynamodb()).body(body.to_string());
        let ask = ask
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20260224/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
            .header("x-amz-date", "20260224T210000Z")
            .header("content-type", "application/x-amz-json-1.0");
        let answer = ask.send().await.expect("an answer");
        assert_eq!(answer.status(), 200, "{operation}");
        answer.json().await.expect("JSON")
    }

    /// The key of an item of the organization.
    #[must_use]
    pub fn key_of(&self, id: &str) -> Item {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let organization = text(&self.organization.to_string());
        [("organization_id".to_owned(), organization), ("id".to_owned(), text(id))].into()
    }
}
