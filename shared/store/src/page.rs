//! Pages of a list: one query on one index.
//!
//! DynamoDB applies `Limit` before the filter, ends a page at 1 MB, and hands out a
//! `LastEvaluatedKey` even where nothing follows. So one record more than asked for is read, until
//! it is there or the index ends; only then is `has_more` known.
//!
//! An item that does not read is left out, so that it takes nothing but itself away.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    time::{Duration, Instant},
};

use domain::{Cursor, Error, Filter, Kind, ListRequest, Record, RecordId, Timestamp};
use dynamodb::{FromItem, Value, Values};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Error as _},
};
use serde_json::value::RawValue;

use crate::{
    Items,
    error::{corrupt, internal},
    messages::answer_bytes,
    raw_item,
    tables::{BY_CREATED, index_by},
};

/// The most bytes of a page's records: with the envelope it stays within 4 MiB.
const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024 - 1024;
/// How many items one query reads where most of them may not pass the filter.
const FILTERED_READ: usize = 250;
const MAX_QUERIES: usize = 24;
const MAX_ITEMS_READ: usize = 5_000;
const MAX_TIME: Duration = Duration::from_secs(4);

/// A page of a list.
#[derive(Debug)]
pub struct Page {
    /// The records as a JSON array, newest first.
    pub records: String,
    /// Where the next page begins; none where this is the last.
    pub next: Option<Cursor>,
}

/// The request of a `Query`.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Query<'a> {
    table_name: String,
    index_name: String,
    key_condition_expression: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter_expression: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expression_attribute_names: Option<BTreeMap<String, &'a str>>,
    expression_attribute_values: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exclusive_start_key: Option<Start>,
    scan_index_forward: bool,
    limit: usize,
}

/// The `ExclusiveStartKey` of a query.
#[derive(Serialize)]
#[serde(untagged)]
enum Start {
    After(Values),
    /// After an item whose key is none of ours, as DynamoDB wrote it.
    Odd(Box<RawValue>),
}

/// The reply of a `Query`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", bound = "T: DeserializeOwned")]
struct Found<T> {
    items: Vec<FromItem<T>>,
    scanned_count: usize,
    last_evaluated_key: Option<FromItem<Place>>,
    #[serde(skip)]
    odd: Odd,
}

/// The parts of a reply that do not read.
#[derive(Default)]
struct Odd {
    /// Whether there were items that do not read, and so were left out.
    items: bool,
    /// The `LastEvaluatedKey`, if it is none of ours.
    last_key: Option<Box<RawValue>>,
}

/// The reply of a `Query`, its items unread.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Unread<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
    scanned_count: usize,
    last_evaluated_key: Option<&'a RawValue>,
}

/// A `LastEvaluatedKey`, but for what the request says too.
#[derive(Deserialize)]
struct Place {
    #[serde(deserialize_with = "as_stored")]
    created_at: Timestamp,
    id: RecordId,
}

/// A page that is being filled.
struct Draft {
    limit: usize,
    /// An array that is not closed yet.
    json: Vec<u8>,
    records: usize,
    /// The bytes that the array takes inside Lambda's response.
    answer_bytes: usize,
    last: Option<Cursor>,
}

/// How much one request has read, which ends with what it has once that is too much.
struct ReadBudget {
    queries: usize,
    items: usize,
    started: Instant,
}

impl<T: Record> Items<T> {
    /// A page of the list, newest first.
    ///
    /// # Errors
    /// When DynamoDB cannot be asked.
    pub async fn page(&self, request: &ListRequest) -> Result<Page, Error> {
        self.page_of(request, |record: T, json| {
            serde_json::to_writer(json, &record).map_err(|error| Error::internal(error))?;
            Ok(Cursor { created_at: record.created_at(), id: record.id() })
        })
        .await
    }
}

impl<T: Kind> Items<T> {
    /// A page of records as `write` writes them; it returns a record's place in the list.
    pub(crate) async fn page_of<S: DeserializeOwned>(
        &self,
        request: &ListRequest,
        write: impl Fn(S, &mut Vec<u8>) -> Result<Cursor, Error>,
    ) -> Result<Page, Error> {
        let mut draft = Draft::new(request.limit);
        let mut budget = ReadBudget { queries: 0, items: 0, started: Instant::now() };
        let indexed = request.filters.first();
        let (mut at, mut few) = (request.cursor, request.filters.len() > 1);
        let mut start = at.map(|cursor| self.start_key(cursor, indexed));
        loop {
            let wanted = request.limit + 1 - draft.records;
            let most = if few { wanted.max(FILTERED_READ) } else { wanted };
            let found: Found<S> = self.find(&self.query(request, start, most)).await?;
            budget.queries += 1;
            budget.items += found.scanned_count;
            few |= found.odd.items;

            for FromItem(stored) in found.items {
                if !draft.push(|json| write(stored, json))? {
                    let next = draft.last;
                    return draft.finish(next);
                }
            }
            (at, start) = match (found.last_evaluated_key, found.odd.last_key) {
                (Some(FromItem(Place { created_at, id })), _) => {
                    let cursor = Cursor { created_at, id };
                    (Some(cursor), Some(self.start_key(cursor, indexed)))
                }
                // No cursor could name it: on to one that can.
                (None, Some(key)) => (None, Some(Start::Odd(key))),
                (None, None) => return draft.finish(None),
            };
            if at.is_some() && budget.is_spent() {
                return draft.finish(at);
            }
            if budget.queries >= 2 * MAX_QUERIES {
                return Err(corrupt("Query", "no place in the list can be named"));
            }
        }
    }

    async fn find<S: DeserializeOwned>(&self, query: &Query<'_>) -> Result<Found<S>, Error> {
        let reply = self.store.client.query_json(query).await.map_err(|error| internal(error))?;
        let reply = std::str::from_utf8(&reply).map_err(|error| Error::internal(error))?;
        serde_json::from_str(reply).or_else(|_| one_by_one(reply, T::RESOURCE.table))
    }

    fn query<'a>(&self, request: &'a ListRequest, start: Option<Start>, limit: usize) -> Query<'a> {
        let mut filters = request.filters.iter();
        let indexed = filters.next();
        let mut condition = "organization_id = :organization".to_owned();
        let mut names = BTreeMap::new();
        let mut values =
            BTreeMap::from([(":organization".to_owned(), Value::S(self.organization.to_string()))]);
        if let Some((filter, value)) = indexed {
            condition.push_str(" AND #indexed = :indexed");
            names.insert("#indexed".to_owned(), filter.attribute);
            values.insert(":indexed".to_owned(), Value::S(value.clone()));
        }
        if let Some(since) = request.since {
            condition.push_str(" AND created_at > :since");
            values.insert(":since".to_owned(), Value::S(since.fixed_width()));
        }
        let mut left = Vec::new();
        for (nth, (filter, value)) in filters.enumerate() {
            let part = filter.part.filter(|part| part.word == value);
            left.push(format!("#left{nth} = :left{nth}"));
            names.insert(format!("#left{nth}"), filter.attribute);
            values.insert(
                format!(":left{nth}"),
                Value::S(part.map_or(value.clone(), |part| part.of.to_owned())),
            );
            if let Some(part) = part {
                left.push("#counted > :none".to_owned());
                names.insert("#counted".to_owned(), part.counted);
                values.insert(":none".to_owned(), Value::N("0".to_owned()));
            }
        }
        Query {
            table_name: self.store.table(T::RESOURCE.table),
            index_name: indexed.map_or(BY_CREATED.to_owned(), |(filter, _)| index_by(filter.parameter)),
            key_condition_expression: condition,
            filter_expression: (!left.is_empty()).then(|| left.join(" AND ")),
            expression_attribute_names: (!names.is_empty()).then_some(names),
            expression_attribute_values: values,
            exclusive_start_key: start,
            scan_index_forward: false,
            limit,
        }
    }

    /// The `LastEvaluatedKey` that a cursor stands for: organization and filter come from this
    /// request, never from the cursor.
    fn start_key(&self, cursor: Cursor, indexed: Option<&(&Filter, String)>) -> Start {
        let mut key = raw_item::key(self.organization, cursor.id.to_string());
        key.insert("created_at", Value::S(cursor.created_at.fixed_width()));
        if let Some((filter, value)) = indexed {
            key.insert(filter.attribute, Value::S(value.clone()));
        }
        Start::After(key)
    }
}

/// Reads a time of which a key can be made again: one that is written otherwise would name another place.
fn as_stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    let time = Timestamp::parse(&text).filter(|time| time.fixed_width() == text);
    time.ok_or_else(|| D::Error::custom("not as it is stored"))
}

/// Reads a reply item by item, where it does not read as a whole.
fn one_by_one<S: DeserializeOwned>(reply: &str, table: &str) -> Result<Found<S>, Error> {
    let Unread { items, scanned_count, last_evaluated_key } =
        serde_json::from_str(reply).map_err(|error| Error::internal(error))?;
    let asked = items.len();
    let items: Vec<_> = items.into_iter().filter_map(|item| raw_item::readable(item, table)).collect();
    let place = last_evaluated_key.and_then(|key| serde_json::from_str(key.get()).ok());
    let last_key = last_evaluated_key.filter(|_| place.is_none()).map(ToOwned::to_owned);
    let odd = Odd { items: items.len() < asked, last_key };
    Ok(Found { items, scanned_count, last_evaluated_key: place, odd })
}

impl Draft {
    fn new(limit: usize) -> Self {
        Self { limit, json: vec![b'['], records: 0, answer_bytes: 0, last: None }
    }

    /// Adds a record; false where the page is full without it.
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<Cursor, Error>) -> Result<bool, Error> {
        if self.records == self.limit {
            return Ok(false);
        }
        let start = self.json.len();
        if self.records > 0 {
            self.json.push(b',');
        }
        let at = write(&mut self.json)?;
        let answer_bytes = self.answer_bytes + answer_bytes(&self.json[start..]);
        let too_large = self.json.len() > MAX_PAGE_BYTES || answer_bytes > crate::MAX_ANSWER_BYTES;
        if too_large && self.records > 0 {
            self.json.truncate(start);
            return Ok(false);
        }
        self.records += 1;
        (self.answer_bytes, self.last) = (answer_bytes, Some(at));
        Ok(true)
    }

    fn finish(mut self, next: Option<Cursor>) -> Result<Page, Error> {
        self.json.push(b']');
        String::from_utf8(self.json)
            .map(|records| Page { records, next })
            .map_err(|error| Error::internal(error))
    }
}

impl ReadBudget {
    fn is_spent(&self) -> bool {
        self.queries >= MAX_QUERIES || self.items >= MAX_ITEMS_READ || self.started.elapsed() >= MAX_TIME
    }
}
