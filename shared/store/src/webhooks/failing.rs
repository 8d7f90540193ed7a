//! The endpoints of all organizations that fail or are disabled, for operators.

use domain::{Error, Kind as _, OrganizationId, RecordId, webhooks::Webhook};
use serde::Deserialize;

use crate::{
    Store,
    error::internal,
    item::{self, s},
};

/// The most items that one call of DynamoDB looks at.
const LOOKED_AT: i32 = 500;

/// An endpoint that fails or is disabled, and whose it is.
#[derive(Debug, Deserialize)]
pub struct FailingWebhook {
    /// The organization that the endpoint belongs to.
    pub organization_id: OrganizationId,
    /// The endpoint.
    #[serde(flatten)]
    pub webhook: Webhook,
}

/// A part of the endpoints that fail or are disabled.
#[derive(Debug)]
pub struct FailingPage {
    /// The endpoints, in the table's order.
    pub webhooks: Vec<FailingWebhook>,
    /// Whether there may be more after the last.
    pub has_more: bool,
}

impl Store {
    /// Up to `limit` endpoints of any organization that fail or are disabled, after the one with this key: for operators,
    /// since it reads the table until it has found as many.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn failing_webhooks(
        &self,
        limit: usize,
        after: Option<(OrganizationId, RecordId)>,
    ) -> Result<FailingPage, Error> {
        let table = Webhook::RESOURCE.table;
        let mut last = after.map(|(organization, id)| item::key(organization, id.to_string()));
        let mut webhooks = Vec::new();
        loop {
            let scan = self.client.scan().table_name(self.table(table)).limit(LOOKED_AT);
            let reply = scan
                .filter_expression("attribute_exists(failing_since) OR #status = :disabled")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":disabled", s("disabled"))
                .set_exclusive_start_key(last)
                .send()
                .await
                .map_err(|error| internal(error))?;
            let found = reply.items.unwrap_or_default();
            webhooks
                .extend(found.into_iter().filter_map(|item| item::readable::<FailingWebhook>(item, table)));
            last = reply.last_evaluated_key;
            if webhooks.len() > limit || last.is_none() {
                let has_more = webhooks.len() > limit;
                webhooks.truncate(limit);
                return Ok(FailingPage { webhooks, has_more });
            }
        }
    }
}
