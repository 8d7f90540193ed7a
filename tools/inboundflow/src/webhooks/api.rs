//! Endpoints over HTTP, with an API key.

use std::time::Duration;

use anyhow::Result;
use domain::{
    RecordId, Timestamp, catalogue,
    webhooks::{EventType, ReplayRange},
};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::endpoints::Endpoints;
use crate::{
    cli::{ApiOptions, Cli},
    consumer::{Client, Request, WaitDisplay, Walk, path},
    print::Record,
};

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The API.
pub(super) struct Api(Client);

impl Api {
    pub(super) fn new(options: ApiOptions) -> Result<Self> {
        Ok(Self(Client::new(options, WaitDisplay::Lines)?))
    }

    /// A request that is not sent again once it may have arrived.
    async fn post(&self, path: &str, body: &Value, unclear: &str) -> Result<Record> {
        Ok(self.0.make(&Request::new(Method::POST, path).body(body), unclear).await?.0)
    }
}

fn list() -> &'static str {
    path(&catalogue::WEBHOOKS)
}

fn one(id: RecordId) -> String {
    format!("{}/{id}", list())
}

fn delivery_of(id: RecordId, delivery: RecordId) -> String {
    format!("{}/deliveries/{delivery}", one(id))
}

impl Endpoints for Api {
    async fn create(&self, fields: &Value) -> Result<Record> {
        let unclear = "It may have been made all the same: `inboundflow webhooks list` shows whether. Its secret is not \
                       shown again, so delete it then, and create it anew.";
        self.post(list(), fields, unclear).await
    }

    async fn list(&self, each: impl FnMut(&[Record]) -> Result<()>) -> Result<()> {
        Walk::new(list(), [], None).each(&self.0, usize::MAX, each).await
    }

    async fn get(&self, id: RecordId) -> Result<Record> {
        self.0.get(&one(id)).await
    }

    async fn update(&self, id: RecordId, fields: &Value) -> Result<Record> {
        let request = Request::new(Method::PATCH, one(id)).body(fields);
        self.0.record(&request).await
    }

    async fn delete(&self, id: RecordId) -> Result<Record> {
        let answer = self.0.send(&Request::new(Method::DELETE, one(id))).await?;
        if answer.was_gone_already() {
            return Ok([("id".to_owned(), json!(id)), ("deleted".to_owned(), true.into())]
                .into_iter()
                .collect());
        }
        answer.into_record(&self.0.origin)
    }

    async fn test(&self, id: RecordId, event: Option<EventType>) -> Result<Record> {
        let event: Map<String, Value> =
            event.map(|event| ("event".to_owned(), event.as_str().into())).into_iter().collect();
        let unclear = format!(
            "It may be on its way all the same: `inboundflow webhooks deliveries {id}` shows whether."
        );
        self.post(&format!("{}/test", one(id)), &event.into(), &unclear).await
    }

    async fn rotate_secret(&self, id: RecordId, overlap: Duration) -> Result<Record> {
        if !overlap.as_nanos().is_multiple_of(HOUR.as_nanos()) {
            Cli::refuse("--overlap takes whole hours over HTTP, such as 24h or 0h");
        }
        let hours = overlap.as_secs() / HOUR.as_secs();
        let unclear = format!(
            "It may have been rotated all the same, and nobody knows the new secret then: `inboundflow webhooks get {id}` \
             shows by updated_at whether. The old secret signs for the overlap of {hours} h. Rotate it again when the \
             receiver can take the next one at once: from then on, the old secret signs no more."
        );
        self.post(&format!("{}/rotate-secret", one(id)), &json!({"overlap_hours": hours}), &unclear).await
    }

    async fn deliveries(
        &self,
        id: RecordId,
        filters: Vec<(String, String)>,
        limit: usize,
        each: impl FnMut(&[Record]) -> Result<()>,
    ) -> Result<()> {
        Walk::new(format!("{}/deliveries", one(id)), filters, None).each(&self.0, limit, each).await
    }

    async fn delivery(&self, id: RecordId, delivery: RecordId) -> Result<Record> {
        self.0.get(&delivery_of(id, delivery)).await
    }

    async fn replay_delivery(&self, id: RecordId, delivery: RecordId) -> Result<Record> {
        let unclear = format!(
            "It may be on its way all the same: `inboundflow webhooks delivery {id} {delivery}` shows whether."
        );
        self.post(&format!("{}/replay", delivery_of(id, delivery)), &json!({}), &unclear).await
    }

    async fn replay(&self, id: RecordId, range: &ReplayRange) -> Result<(u64, Option<Timestamp>)> {
        let ReplayRange { since, until, include_succeeded } = range;
        let body = json!({"since": since, "until": until, "include_succeeded": include_succeeded});
        let unclear = "Some may be on their way all the same: those are not sent twice by the same command.";
        let part = self.post(&format!("{}/replay", one(id)), &body, unclear).await?;
        let next_until = part.get("next_until").and_then(|at| Timestamp::parse(at.as_str()?));
        Ok((part.get("replayed").and_then(Value::as_u64).unwrap_or_default(), next_until))
    }
}
