//! The deliveries that are due: their next attempt was further off than the queue can delay, or their message was lost.

use domain::{
    Error, Kind as _, Timestamp,
    webhooks::{Delivery, DeliveryTask},
};
use dynamodb::{
    UpdateExpression, Updated,
    sdk::types::{AttributeValue, ReturnValue},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::deliveries::{DUE_SHARDS, LOST_AFTER, NUMBER, SEND};
use crate::{
    Store,
    error::{failed, internal, left_out},
    item::{self, Item, s, time},
    tables::{DUE, DUE_AT, DUE_SHARD},
};

/// How many deliveries one query takes of each part of the index.
const TAKEN_AT_ONCE: i32 = 100;
/// How many deliveries are postponed at once.
const AT_ONCE: usize = 16;

impl Store {
    /// Takes deliveries that are due, some hundreds at the most; none where nothing is. There may be more
    /// even where all that was found had been taken: the index follows a moment later. Each is due again
    /// after a while, unless it is attempted before.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn take_due(&self) -> Result<Option<Vec<DeliveryTask>>, Error> {
        let now = self.now();
        let found: Vec<Vec<Item>> = stream::iter(0..DUE_SHARDS)
            .map(|shard| self.due(shard, now))
            .buffered(DUE_SHARDS)
            .try_collect()
            .await?;
        if found.iter().all(Vec::is_empty) {
            return Ok(None);
        }
        let postponed = stream::iter(found.into_iter().flatten()).map(|key| self.postpone(key, now));
        let mut postponed = postponed.buffer_unordered(AT_ONCE);
        let mut tasks = Vec::new();
        let mut failed = None;
        while let Some(taken) = postponed.next().await {
            match taken {
                Ok(taken) => tasks.extend(taken),
                Err(error) => failed = Some(error),
            }
        }
        // Those that were taken are not held up by one that could not be.
        match failed {
            Some(error) if tasks.is_empty() => return Err(error),
            Some(error) => tracing::error!(error = error.for_log(), "sweep_incomplete"),
            None => {}
        }
        Ok(Some(tasks))
    }

    async fn due(&self, shard: usize, now: Timestamp) -> Result<Vec<Item>, Error> {
        let query = self.client.query().table_name(self.table(Delivery::RESOURCE.table)).index_name(DUE);
        let found = query
            .key_condition_expression(format!("{DUE_SHARD} = :shard AND {DUE_AT} <= :now"))
            .expression_attribute_values(":shard", s(shard.to_string()))
            .expression_attribute_values(":now", time(now))
            .limit(TAKEN_AT_ONCE)
            .customize()
            .send()
            .await;
        Ok(found.map_err(|error| internal(error))?.items.unwrap_or_default())
    }

    /// Takes a delivery; none where somebody else did, it has been attempted, or it does not read.
    async fn postpone(&self, key: Item, now: Timestamp) -> Result<Option<DeliveryTask>, Error> {
        let due_at = key.get(DUE_AT).cloned().unwrap_or(AttributeValue::Null(true));
        let change = UpdateExpression::default()
            .set(DUE_AT, time(now.plus(LOST_AFTER)))
            // Else the stream would put it on the queue as well.
            .remove(&[SEND])
            .only_if("#due_at = :seen")
            .value("seen", due_at);
        // By the key as it is: what does not read would be in the way of the others for ever.
        let key = ["organization_id", "id"].map(|name| Some((name.to_owned(), key.get(name)?.clone())));
        let update = self.update_item(Delivery::RESOURCE.table, key.into_iter().flatten().collect());
        match change.send(update.return_values(ReturnValue::AllNew)).await.map_err(|error| failed(error))? {
            Updated::Written(item) => Ok(task(&item)),
            Updated::Refused(_) => Ok(None),
        }
    }
}

fn task(item: &Item) -> Option<DeliveryTask> {
    let id = |name| item::text(item, name).ok();
    let read = || {
        Some(DeliveryTask {
            organization_id: id("organization_id")?.parse().ok()?,
            webhook_id: id("webhook_id")?.parse().ok()?,
            delivery_id: id("id")?.parse().ok()?,
            number: item::number(item, NUMBER),
        })
    };
    let read = read();
    if read.is_none() {
        left_out(Delivery::RESOURCE.table, id("id"));
    }
    read
}
