//! What can be done about an organization's endpoints, whether over HTTP or in the tables.

use std::time::Duration;

use anyhow::Result;
use domain::{
    RecordId, Timestamp,
    webhooks::{EventType, ReplayRange},
};
use serde_json::Value;

use crate::print::Record;

/// An organization's endpoints and their deliveries, as the API's records.
pub(super) trait Endpoints {
    async fn create(&self, fields: &Value) -> Result<Record>;
    async fn list(&self, each: impl FnMut(&[Record]) -> Result<()>) -> Result<()>;
    async fn get(&self, id: RecordId) -> Result<Record>;
    async fn update(&self, id: RecordId, fields: &Value) -> Result<Record>;
    async fn delete(&self, id: RecordId) -> Result<Record>;
    async fn test(&self, id: RecordId, event: Option<EventType>) -> Result<Record>;
    async fn rotate_secret(&self, id: RecordId, overlap: Duration) -> Result<Record>;
    async fn deliveries(
        &self,
        id: RecordId,
        filters: Vec<(String, String)>,
        limit: usize,
        each: impl FnMut(&[Record]) -> Result<()>,
    ) -> Result<()>;
    async fn delivery(&self, id: RecordId, delivery: RecordId) -> Result<Record>;
    async fn replay_delivery(&self, id: RecordId, delivery: RecordId) -> Result<Record>;
    /// How many deliveries are on their way again, and before which moment to go on.
    async fn replay(&self, id: RecordId, range: &ReplayRange) -> Result<(u64, Option<Timestamp>)>;
}
