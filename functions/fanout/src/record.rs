//! A record of a stream: which item was written, and what that asks of the function.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::{
    Kind as _, OrganizationId,
    ingest::Fields,
    webhooks::{Change, Delivery, Occurrence, Ticket},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use store::{Store, ticket_to_send};

/// A record as it was read.
pub(crate) struct StreamRecord<'a> {
    /// As it came.
    pub(crate) json: &'a RawValue,
    /// Its place in the stream; empty where it does not say.
    pub(crate) sequence_number: String,
    /// The item that was written, as far as that can be read.
    pub(crate) item: Option<ItemKey>,
    /// What it asks for.
    pub(crate) work: Result<Work, Refusal>,
}

/// The primary key of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub(crate) struct ItemKey {
    pub(crate) organization_id: OrganizationId,
    id: String,
}

/// What a record asks for.
pub(crate) enum Work {
    /// Nothing: no endpoint is to hear of it.
    Nothing,
    /// To publish these events of an organization.
    Publish(OrganizationId, Vec<Occurrence>),
    /// To send this delivery to the deliveries queue.
    Send(Ticket),
}

/// Why a record will never be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is not what a stream of ours would have; the sentence says in which respect.
    Unreadable(&'static str),
    /// The function panicked.
    Crashed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    event_name: String,
    #[serde(rename = "eventSourceARN")]
    stream: String,
    #[serde(borrow)]
    dynamodb: Images<'a>,
}

/// What serde says of an image that does not read quotes it: images are read by themselves.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images<'a> {
    #[serde(borrow)]
    new_image: Option<&'a RawValue>,
    #[serde(borrow)]
    old_image: Option<&'a RawValue>,
}

impl<'a> StreamRecord<'a> {
    pub(crate) fn read(json: &'a RawValue, store: &Store) -> Self {
        let written: Value = serde_json::from_str(json.get()).unwrap_or_default();
        let sequence_number = written["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned();
        let keys = serde_dynamo::Item::deserialize(&written["dynamodb"]["Keys"]).ok();
        // A record that crashes the function must not take the others of its batch down with it.
        let work = catch_unwind(AssertUnwindSafe(|| work(json, store)));
        Self {
            json,
            sequence_number,
            item: keys.and_then(|keys| serde_dynamo::from_item(keys).ok()),
            work: work.unwrap_or(Err(Refusal::Crashed)),
        }
    }
}

fn work(json: &RawValue, store: &Store) -> Result<Work, Refusal> {
    let written: Written<'_> = serde_json::from_str(json.get())
        .map_err(|_| Refusal::Unreadable("it is no record of a DynamoDB stream"))?;
    let table = table_of(&written.stream).and_then(|table| store.name_of(table));
    let table = table.ok_or(Refusal::Unreadable("its stream is none of this deployment's tables'"))?;
    if !["INSERT", "MODIFY"].contains(&written.event_name.as_str()) {
        return Ok(Work::Nothing);
    }
    let after = written.dynamodb.new_image.ok_or(Refusal::Unreadable("it lacks the new image"))?;
    let (after, before) = (fields(after)?, written.dynamodb.old_image.map(fields).transpose()?);
    if table == Delivery::RESOURCE.table {
        let task = ticket_to_send(&after);
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

fn fields(image: &RawValue) -> Result<Fields, Refusal> {
    let unreadable = || Refusal::Unreadable("an image is no item");
    let item: serde_dynamo::Item = serde_json::from_str(image.get()).map_err(|_| unreadable())?;
    serde_dynamo::from_item(item).map_err(|_| unreadable())
}

impl Refusal {
    /// One word, for alarms and for whoever looks through the dead letters.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable_record",
            Self::Crashed => "crashed",
        }
    }

    /// The reason, for people.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Unreadable(why) => why,
            Self::Crashed => "the function panicked; its log says where",
        }
    }
}
