//! Endpoints, events and attempts of a test's organization, and its stored items.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    RecordId, Timestamp,
    webhooks::{Attempt, DeliveryTask, Event, EventType, sample},
};
use serde_json::{Value, json};
use store::{Claim, Claimed, Verdict};

use crate::World;

/// A route's path with this id in each of its places.
#[must_use]
pub fn path_of(route: &str, id: &str) -> String {
    route.replace("{id}", id).replace("{delivery_id}", id)
}

/// A try that was answered with this status.
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

    /// Something that happened, written for every endpoint that wants it.
    ///
    /// # Panics
    /// When it is not taken.
    pub async fn happened(&self, event: EventType, at: Timestamp) -> Event {
        let event = Event {
            id: RecordId::random(),
            event,
            organization_id: self.organization,
            created_at: at,
            data: sample(event),
        };
        let webhooks = self.store.webhooks(self.organization).await.expect("the endpoints");
        assert!(self.store.publish(&event, &webhooks).await.expect("an event"));
        event
    }

    /// Attempts a delivery, for the last time, and keeps what was answered.
    ///
    /// # Panics
    /// When its attempts are over, or it is gone.
    pub async fn attempted(&self, webhook: RecordId, delivery: RecordId, status: u16, answer: &str) {
        let verdict = if (200..300).contains(&status) { Verdict::Succeeded } else { Verdict::Failed };
        self.attempted_until(webhook, delivery, status, answer, verdict).await;
    }

    /// Attempts a delivery, with what comes of it.
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

    /// A delivery that nobody else is at, claimed for its next try.
    ///
    /// # Panics
    /// When it is over, or gone.
    pub async fn claimed(&self, webhook: RecordId, delivery: RecordId) -> Claimed {
        let number = self.number_of(delivery).await;
        let ticket = DeliveryTask {
            organization_id: self.organization,
            webhook_id: webhook,
            delivery_id: delivery,
            number,
        };
        let Claim::Yours(claimed) = self.store.claim(&ticket).await.expect("a claim") else {
            panic!("{delivery} cannot be tried")
        };
        *claimed
    }

    async fn number_of(&self, delivery: RecordId) -> u32 {
        let item = self.item("Deliveries", &delivery.to_string()).await.expect("a delivery");
        item["number"].as_n().expect("a number").parse().expect("a number")
    }

    /// An item of the organization, past everything of ours.
    ///
    /// # Panics
    /// When the engine does not answer.
    pub async fn item(&self, table: &str, id: &str) -> Option<HashMap<String, AttributeValue>> {
        let organization = AttributeValue::S(self.organization.to_string());
        let get = self.raw_dynamodb().get_item().table_name(self.table(table)).consistent_read(true);
        let get = get.key("organization_id", organization).key("id", AttributeValue::S(id.to_owned()));
        get.send().await.expect("an answer").item
    }
}
