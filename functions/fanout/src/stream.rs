//! A stream's batch: its items are worked on side by side, the records of one item in their order.

use std::collections::HashMap;

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use domain::webhooks::DeliveryTask;
use futures_util::{StreamExt as _, stream};
use serde_json::value::RawValue;
use worker::{Interruption, MAX_ENTRIES, TimeBudget};

use crate::{
    endpoints::Endpoints,
    function::Fanout,
    record::{ItemKey, Refusal, StreamRecord, Work},
};

/// How many items are worked on at once.
const AT_ONCE: usize = 16;

/// A stream's batch, with what its records need.
struct StreamBatch<'a> {
    fanout: &'a Fanout,
    records: Vec<StreamRecord<'a>>,
    endpoints: Endpoints<'a>,
    budget: TimeBudget,
}

impl Fanout {
    /// Carries out the records of a batch; the response names the first that was not, if there is one.
    pub(crate) async fn carry_out(&self, records: &[Box<RawValue>]) -> DynamoDbEventResponse {
        let batch = StreamBatch {
            fanout: self,
            records: records.iter().map(|json| StreamRecord::read(json, &self.store)).collect(),
            endpoints: Endpoints::new(&self.store),
            budget: TimeBudget::in_turn(),
        };
        let mut response = DynamoDbEventResponse::default();
        if let Some(first) = batch.first_failure().await {
            // Without a name the whole batch comes again.
            let sequence_number = &batch.records[first].sequence_number;
            tracing::warn!(sequence_number, done = first, of = records.len(), "records_retried");
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(sequence_number.clone());
            response.batch_item_failures.push(failure);
        }
        response
    }
}

impl StreamBatch<'_> {
    /// The place of the first record that has to come again. What of those after it is done stays done.
    async fn first_failure(&self) -> Option<usize> {
        let items = stream::iter(self.places_by_item()).map(|places| self.follow(places));
        let failed = items.buffer_unordered(AT_ONCE).filter_map(std::future::ready);
        let mut failed: Vec<usize> = failed.collect().await;
        failed.extend(self.send_tasks().await);
        failed.into_iter().min()
    }

    /// The places of the records to publish or to make dead letters of, item by item.
    fn places_by_item(&self) -> Vec<Vec<usize>> {
        let mut items = HashMap::<(Option<&ItemKey>, usize), Vec<usize>>::new();
        for (place, record) in self.records.iter().enumerate() {
            if matches!(record.work, Ok(Work::Nothing | Work::Send(_))) {
                continue;
            }
            // A record whose item is unknown is on its own.
            let apart = if record.item.is_some() { 0 } else { place };
            items.entry((record.item.as_ref(), apart)).or_default().push(place);
        }
        let mut items: Vec<_> = items.into_values().collect();
        items.sort_unstable();
        items
    }

    /// Carries out the records of one item in turn; returns the place of the first that failed.
    async fn follow(&self, places: Vec<usize>) -> Option<usize> {
        for place in places {
            if !self.is_settled(&self.records[place]).await {
                return Some(place);
            }
        }
        None
    }

    /// Publishes a record's events, or makes a dead letter of it; false where it has to come again.
    async fn is_settled(&self, record: &StreamRecord<'_>) -> bool {
        self.settle(record).await.unwrap_or_else(|error| {
            tracing::error!(sequence_number = record.sequence_number, error, "record_failed");
            false
        })
    }

    async fn settle(&self, record: &StreamRecord<'_>) -> Result<bool, String> {
        let refusal = match &record.work {
            Ok(Work::Publish(organization, occurrences)) => {
                let published = self.fanout.publish(*organization, occurrences, &self.endpoints);
                match self.budget.isolate(published).await {
                    Ok(published) => return published.map(|()| true).map_err(|error| error.for_log()),
                    Err(Interruption::Panicked) => Refusal::Crashed,
                    Err(late) => return Err(late.to_string()),
                }
            }
            Ok(Work::Nothing | Work::Send(_)) => return Ok(true),
            Err(refusal) => *refusal,
        };
        let kept = self.budget.isolate(self.fanout.keep_dead_letter(record, refusal)).await;
        kept.map_err(|late| late.to_string())
    }

    /// Sends the deliveries of the batch to the queue; returns the places of those that did not get there.
    async fn send_tasks(&self) -> Vec<usize> {
        let tasks = self.records.iter().enumerate().filter_map(|(place, record)| match &record.work {
            Ok(Work::Send(task)) => Some((place, *task)),
            _ => None,
        });
        let (places, tasks): (Vec<usize>, Vec<DeliveryTask>) = tasks.unzip();
        let mut failed = Vec::new();
        for (places, tasks) in places.chunks(MAX_ENTRIES).zip(tasks.chunks(MAX_ENTRIES)) {
            match self.budget.isolate(self.fanout.deliveries.send_all(tasks)).await {
                Ok(left) => failed.extend(left.into_iter().map(|place| places[place])),
                Err(late) => {
                    tracing::error!(error = %late, "queue_send_failed");
                    failed.extend(places);
                }
            }
        }
        failed
    }
}
