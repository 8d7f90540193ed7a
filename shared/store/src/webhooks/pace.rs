//! The rate limit of an endpoint: how many POSTs it is sent in a second, by all workers together. There is a counter for
//! each second in which it is sent something; what comes over the limit waits, and takes nothing from other endpoints.

use std::time::Duration;

use domain::{
    Error, Kind as _, OrganizationId, RecordId,
    webhooks::{Delivery, MAX_POSTS_PER_SECOND, wait_beyond},
};
use dynamodb::{is_throttle, sdk::types::ReturnValue};

use crate::{
    Store,
    error::internal,
    item::{self, n},
    tables::DELETE_AFTER,
};

const POSTS: &str = "posts";
/// How long a second's counter is kept.
const KEPT: Duration = Duration::from_secs(60 * 60);

impl Store {
    /// Counts a POST that an endpoint is to be sent now. Returns how long it has to wait instead, where this second
    /// has as many as it may have.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn pace(
        &self,
        organization: OrganizationId,
        webhook: RecordId,
    ) -> Result<Option<Duration>, Error> {
        let now = self.now();
        let key = item::key(organization, format!("posts#{webhook}#{}", now.unix_seconds()));
        let update = self
            .update_item(Delivery::RESOURCE.table, key)
            .update_expression(format!(
                "SET {POSTS} = if_not_exists({POSTS}, :none) + :one, {DELETE_AFTER} = :end"
            ))
            .expression_attribute_values(":none", n(0))
            .expression_attribute_values(":one", n(1))
            .expression_attribute_values(":end", n(now.plus(KEPT).unix_seconds()))
            .return_values(ReturnValue::UpdatedNew);
        match update.customize().send().await {
            Ok(counted) => Ok(wait_beyond(item::number(&counted.attributes.unwrap_or_default(), POSTS))),
            // More than a thousand writes a second to one item: many times what the endpoint may be sent.
            Err(error) if is_throttle(&error) => Ok(wait_beyond(10 * MAX_POSTS_PER_SECOND)),
            Err(error) => Err(internal(error)),
        }
    }
}
