//! A record of a stream: which item was written, and what that asks of the function.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::{
    Kind as _, OrganizationId,
    ingest::Fields,
    webhooks::{Change, Delivery, DeliveryTask, Occurrence},
};
use serde::Deserialize;
use serde_dynamo::Item;
use serde_json::{Value, value::RawValue};
use store::{Store, task_to_send};

/// A stream's record, with what it asks of the function.
pub(crate) struct StreamRecord<'a> {
    /// The record as it came.
    pub(crate) json: &'a RawValue,
    /// The record's place in the stream; empty where the record does not say.
    pub(crate) sequence_number: String,
    /// The item that was written, as far as that can be read.
    pub(crate) item: Option<ItemKey>,
    /// The work that the record asks of the function.
    pub(crate) work: Result<Work, Refusal>,
}

/// An item's primary key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub(crate) struct ItemKey {
    pub(crate) organization_id: OrganizationId,
    id: String,
}

/// What a record asks of the function.
pub(crate) enum Work {
    /// Nothing to do: no endpoint is told of the change.
    Nothing,
    /// To publish these events of an organization.
    Publish(OrganizationId, Vec<Occurrence>),
    /// To send this delivery to the deliveries queue.
    Send(DeliveryTask),
}

/// The reason for which a record will never be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The record is none of a stream of this deployment; the sentence says in which respect.
    Unreadable(&'static str),
    /// The function panicked.
    Crashed,
}

impl<'a> StreamRecord<'a> {
    pub(crate) fn read(json: &'a RawValue, store: &Store) -> Self {
        let written: Value = serde_json::from_str(json.get()).unwrap_or_default();
        let change = &written["dynamodb"];
        let keys = Item::deserialize(&change["Keys"]).ok();
        // A record that crashes the function must not take the others of its batch down with it.
        let work = catch_unwind(AssertUnwindSafe(|| work(&written, store)));
        Self {
            json,
            sequence_number: change["SequenceNumber"].as_str().unwrap_or_default().to_owned(),
            item: keys.and_then(|keys| serde_dynamo::from_item(keys).ok()),
            work: work.unwrap_or(Err(Refusal::Crashed)),
        }
    }
}

fn work(record: &Value, store: &Store) -> Result<Work, Refusal> {
    let (event, stream) = (record["eventName"].as_str(), record["eventSourceARN"].as_str());
    let (Some(event), Some(stream), true) = (event, stream, record["dynamodb"].is_object()) else {
        return Err(Refusal::Unreadable("it is no record of a DynamoDB stream"));
    };
    let table = table_of(stream).and_then(|table| store.name_of(table));
    let table = table.ok_or(Refusal::Unreadable("its stream is none of this deployment's tables'"))?;
    if !["INSERT", "MODIFY"].contains(&event) {
        return Ok(Work::Nothing);
    }
    let after = fields(&record["dynamodb"]["NewImage"])?;
    let after = after.ok_or(Refusal::Unreadable("it lacks the new image"))?;
    let before = fields(&record["dynamodb"]["OldImage"])?;
    if table == Delivery::RESOURCE.table {
        let task = task_to_send(&after);
        let task = task.map_err(|_| Refusal::Unreadable("its new image is no delivery"))?;
        return Ok(task.map_or(Work::Nothing, Work::Send));
    }
    let occurrences = Change { table, before: before.as_ref(), after: &after }.occurrences();
    let occurrences =
        occurrences.map_err(|_| Refusal::Unreadable("its new image is no record of its table"))?;
    if occurrences.is_empty() {
        return Ok(Work::Nothing);
    }
    let organization = after.get("organization_id").and_then(|id| id.as_str()?.parse().ok());
    let organization = organization.ok_or(Refusal::Unreadable("its new image has no organization_id"))?;
    Ok(Work::Publish(organization, occurrences))
}

/// The name of the table in its stream's ARN, `…:table/‹name›/stream/‹label›`.
fn table_of(stream: &str) -> Option<&str> {
    stream.split_once(":table/")?.1.split('/').next()
}

/// The attributes of an image; none where there is no image.
fn fields(image: &Value) -> Result<Option<Fields>, Refusal> {
    if image.is_null() {
        return Ok(None);
    }
    let item = Item::deserialize(image).ok().and_then(|item| serde_dynamo::from_item(item).ok());
    item.map(Some).ok_or(Refusal::Unreadable("an image is no item"))
}

impl Refusal {
    /// The reason in one word, for alarms and for whoever looks through the dead letters.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable_record",
            Self::Crashed => "crashed",
        }
    }

    /// The reason in words, for people.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Unreadable(why) => why,
            Self::Crashed => "the function panicked; its log says where",
        }
    }
}
