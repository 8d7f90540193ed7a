//! A stream's batch: items side by side, the records of one item in their order.

use std::{collections::HashMap, panic::AssertUnwindSafe};

use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use domain::webhooks::Ticket;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use serde_json::value::RawValue;

use crate::{
    Fanout,
    budget::Budget,
    endpoints::Endpoints,
    queues::MAX_ENTRIES,
    record::{Key, Record, Refusal, Work},
};

/// How many items are worked on at once.
const AT_ONCE: usize = 16;

/// A batch at work.
struct Batch<'a> {
    fanout: &'a Fanout,
    records: Vec<Record<'a>>,
    endpoints: Endpoints<'a>,
    budget: Budget,
}

impl Fanout {
    /// Carries out the records of a batch; names the first that was not, if there is one.
    pub(crate) async fn take(&self, records: &[Box<RawValue>]) -> DynamoDbEventResponse {
        let batch = Batch {
            fanout: self,
            records: records.iter().map(|json| Record::read(json, &self.store)).collect(),
            endpoints: Endpoints::new(&self.store),
            budget: Budget::begin(),
        };
        let mut answer = DynamoDbEventResponse::default();
        if let Some(first) = batch.first_failure().await {
            // Without a name the whole batch comes again.
            let sequence_number = &batch.records[first].sequence_number;
            tracing::warn!(sequence_number, done = first, of = records.len(), "failed");
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = Some(sequence_number.clone());
            answer.batch_item_failures.push(failure);
        }
        answer
    }
}

impl Batch<'_> {
    /// The place of the first record that has to come again. What of those after it is done stays done.
    async fn first_failure(&self) -> Option<usize> {
        let lanes = stream::iter(self.lanes()).map(|lane| self.follow(lane)).buffer_unordered(AT_ONCE);
        let mut failed: Vec<usize> = lanes.filter_map(std::future::ready).collect().await;
        failed.extend(self.send_tickets().await);
        failed.into_iter().min()
    }

    /// The places of the records that are to be told or parked, item by item.
    fn lanes(&self) -> Vec<Vec<usize>> {
        let mut lanes = HashMap::<(Option<&Key>, usize), Vec<usize>>::new();
        for (place, record) in self.records.iter().enumerate() {
            if matches!(record.work, Ok(Work::Nothing | Work::Send(_))) {
                continue;
            }
            // A record of nobody knows which item is on its own.
            let apart = if record.item.is_some() { 0 } else { place };
            lanes.entry((record.item.as_ref(), apart)).or_default().push(place);
        }
        let mut lanes: Vec<_> = lanes.into_values().collect();
        lanes.sort_unstable();
        lanes
    }

    /// Carries out records one after the other; returns the place of the first that failed.
    async fn follow(&self, lane: Vec<usize>) -> Option<usize> {
        for place in lane {
            if !self.is_settled(&self.records[place]).await {
                return Some(place);
            }
        }
        None
    }

    /// Tells or parks a record; false where it has to come again.
    async fn is_settled(&self, record: &Record<'_>) -> bool {
        let settled = match &record.work {
            Ok(Work::Tell(organization, occurrences)) => {
                let told = self.fanout.tell(*organization, occurrences, &self.endpoints);
                // A record that crashes the function must not take the others of its batch down with it.
                match self.budget.spend(AssertUnwindSafe(told).catch_unwind()).await {
                    Ok(Ok(told)) => told.map(|()| true).map_err(|error| error.for_log()),
                    Ok(Err(_)) => self.budget.spend(self.fanout.park(record, Refusal::Crashed)).await,
                    Err(late) => Err(late),
                }
            }
            Err(refusal) => self.budget.spend(self.fanout.park(record, *refusal)).await,
            Ok(Work::Nothing | Work::Send(_)) => Ok(true),
        };
        settled.unwrap_or_else(|error| {
            tracing::error!(sequence_number = record.sequence_number, error, "could not carry out");
            false
        })
    }

    /// Puts the deliveries of the batch on the queue; returns the places of those that did not get there.
    async fn send_tickets(&self) -> Vec<usize> {
        let tickets = self.records.iter().enumerate().filter_map(|(place, record)| match &record.work {
            Ok(Work::Send(ticket)) => Some((place, *ticket)),
            _ => None,
        });
        let (places, tickets): (Vec<usize>, Vec<Ticket>) = tickets.unzip();
        let mut failed = Vec::new();
        for (places, tickets) in places.chunks(MAX_ENTRIES).zip(tickets.chunks(MAX_ENTRIES)) {
            let sent = self.fanout.send(&self.fanout.queues.deliveries, tickets);
            match self.budget.spend(sent).await {
                Ok(left) => failed.extend(left.into_iter().map(|place| places[place])),
                Err(error) => {
                    tracing::error!(error, "could not send");
                    failed.extend(places);
                }
            }
        }
        failed
    }
}
