//! The limit of replays: how many deliveries an organization may have replayed in an hour. It is one counter beside its
//! deliveries.
//!
//! Replays are taken off the hour before anything is written, so that requests side by side take no more together than
//! there are, and what was not needed is given back. The counter has no `created_at`, and so is in no index and no list.

use std::time::Duration;

use domain::{
    Error, Kind as _, OrganizationId, TooSoon,
    webhooks::{Delivery, MAX_REPLAYS_PER_HOUR},
};
use dynamodb::{
    Updated,
    sdk::{
        config::{Config, retry::RetryConfig},
        types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
    },
};

use crate::{
    Store,
    error::{failed, internal},
    item::{self, Item, n},
    tables::DELETE_AFTER,
};

const HOUR_SECONDS: i64 = 60 * 60;
/// How long an hour's counter is kept.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);
/// How many attempts there are while others change the counter.
const ATTEMPTS: usize = 5;
const REPLAYS: &str = "replays";

/// Replays that were taken off an hour.
pub(super) struct ReplayBudget<'a> {
    store: &'a Store,
    counter: Item,
    /// How many of the replays have not been made.
    pub(super) left: u64,
}

impl Store {
    /// Takes as many replays off this hour as are wanted, or as there are.
    ///
    /// # Errors
    /// [`TooSoon::ReplaysSpent`] where there are none.
    pub(super) async fn take_replays(
        &self,
        organization: OrganizationId,
        wanted: u64,
    ) -> Result<ReplayBudget<'_>, Error> {
        let now = self.now();
        let hour = now.unix_seconds().div_euclid(HOUR_SECONDS);
        let counter = item::key(organization, format!("replays#{hour}"));
        let (mut left, mut attempts) = (MAX_REPLAYS_PER_HOUR, ATTEMPTS);
        while left > 0 && attempts > 0 {
            let taken = wanted.min(left);
            let update = self
                .update_item(Delivery::RESOURCE.table, counter.clone())
                .update_expression(format!(
                    "SET {REPLAYS} = if_not_exists({REPLAYS}, :none) + :taken, {DELETE_AFTER} = :end"
                ))
                .condition_expression(format!("attribute_not_exists({REPLAYS}) OR {REPLAYS} <= :most"))
                .expression_attribute_values(":none", n(0))
                .expression_attribute_values(":taken", number(taken))
                .expression_attribute_values(":most", number(MAX_REPLAYS_PER_HOUR - taken))
                .expression_attribute_values(":end", n(now.plus(KEPT).unix_seconds()))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            match dynamodb::update(update).await.map_err(|error| failed(error))? {
                Updated::Written(_) => return Ok(ReplayBudget { store: self, counter, left: taken }),
                Updated::Refused(old) => {
                    left = MAX_REPLAYS_PER_HOUR.saturating_sub(item::number(&old, REPLAYS).into());
                }
            }
            attempts -= 1;
        }
        log_spent(organization);
        let seconds = (hour + 1) * HOUR_SECONDS - now.unix_seconds();
        Err(Error::TooSoon { reason: TooSoon::ReplaysSpent, seconds: seconds.unsigned_abs().max(1) })
    }
}

impl ReplayBudget<'_> {
    /// Gives back what was not needed, if that works at the first attempt: made twice it would give too much.
    pub(super) async fn give_back(self) {
        if self.left == 0 {
            return;
        }
        let update = self
            .store
            .update_item(Delivery::RESOURCE.table, self.counter)
            .update_expression(format!("SET {REPLAYS} = {REPLAYS} - :left"))
            .condition_expression(format!("{REPLAYS} >= :left"))
            .expression_attribute_values(":left", number(self.left));
        let once = Config::builder().retry_config(RetryConfig::disabled());
        if let Err(error) = update.customize().config_override(once).send().await {
            let error = internal(error).for_log();
            tracing::warn!(error, "replays_not_returned");
        }
    }
}

/// Logs that an organization's replays are used up: the operators' alarm goes by this line.
pub(super) fn log_spent(organization_id: OrganizationId) {
    tracing::error!(%organization_id, "replays_spent");
}

fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
