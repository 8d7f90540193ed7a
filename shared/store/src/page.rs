//! Pages of a list: one query on one index, and the promises that a page keeps.
//!
//! DynamoDB applies `Limit` before the filter, ends a page at 1 MB, and hands out a
//! `LastEvaluatedKey` even where nothing follows. So one record more than asked for is read, until
//! it is there or the index ends; only then is `has_more` known.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use domain::{Cursor, Error, Filter, Kind, ListRequest, Record, Timestamp};
use serde_json::value::RawValue;

use crate::{
    Items,
    error::{corrupt, internal},
    item::{self, Item, s},
    messages::answer_bytes,
    tables::{BY_CREATED, index_by},
};

/// A page's records end here, at a whole one, so that with the envelope it stays within 4 MiB.
const MAX_PAGE_BYTES: usize = 4 * 1024 * 1024 - 1024;
/// How many items one query reads where most of them may not pass the filter.
const FILTERED_READ: usize = 250;
const MAX_QUERIES: usize = 24;
const MAX_ITEMS_READ: usize = 5_000;
const MAX_TIME: Duration = Duration::from_secs(4);

/// A page of a list.
#[derive(Debug)]
pub struct Page {
    /// The records as JSON, newest first.
    pub records: Vec<Box<RawValue>>,
    /// Where the next page begins; none where this is the last.
    pub next: Option<Cursor>,
}

/// A record as a page has it.
pub(crate) struct Listed {
    pub(crate) json: Box<RawValue>,
    /// Its place in the list.
    pub(crate) at: Cursor,
}

/// A page being filled.
struct Draft {
    limit: usize,
    records: Vec<Box<RawValue>>,
    json_bytes: usize,
    answer_bytes: usize,
    last: Option<Cursor>,
}

/// What one request may read before it answers with what it has.
struct Budget {
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
        self.page_of(request, |item| {
            let record: T = item::into_value(item)?;
            let json = serde_json::value::to_raw_value(&record).map_err(Error::internal)?;
            Ok(Listed { json, at: Cursor { created_at: record.created_at(), id: record.id() } })
        })
        .await
    }
}

impl<T: Kind> Items<T> {
    /// A page of what `read` makes of the items.
    pub(crate) async fn page_of(
        &self,
        request: &ListRequest,
        read: impl Fn(Item) -> Result<Listed, Error>,
    ) -> Result<Page, Error> {
        let mut draft = Draft::new(request.limit);
        let mut budget = Budget { queries: 0, items: 0, started: Instant::now() };
        let mut start = request.cursor;
        loop {
            let wanted = request.limit + 1 - draft.records.len();
            let most = if request.filters.len() > 1 { wanted.max(FILTERED_READ) } else { wanted };
            let answer = self.query(request, start).limit(most as i32).send().await;
            let answer = answer.map_err(|error| internal("Query", error))?;
            budget.queries += 1;
            budget.items += usize::try_from(answer.scanned_count).unwrap_or(0);

            for item in answer.items.unwrap_or_default() {
                if !draft.push(read(item)?) {
                    let next = draft.last;
                    return Ok(draft.finish(next));
                }
            }
            match answer.last_evaluated_key {
                None => return Ok(draft.finish(None)),
                Some(key) => start = Some(place(&key)?),
            }
            if budget.is_spent() {
                return Ok(draft.finish(start));
            }
        }
    }

    fn query(&self, request: &ListRequest, start: Option<Cursor>) -> QueryFluentBuilder {
        let mut filters = request.filters.iter();
        let indexed = filters.next();
        let mut condition = "organization_id = :organization".to_owned();
        let mut query = self
            .store
            .client
            .query()
            .table_name(self.store.table(T::RESOURCE.table))
            .index_name(indexed.map_or(BY_CREATED.to_owned(), |(filter, _)| index_by(filter.parameter)))
            .expression_attribute_values(":organization", s(self.organization.to_string()))
            .scan_index_forward(false);
        if let Some((filter, value)) = indexed {
            condition.push_str(" AND #indexed = :indexed");
            query = query
                .expression_attribute_names("#indexed", filter.attribute)
                .expression_attribute_values(":indexed", s(value));
        }
        if let Some(since) = request.since {
            condition.push_str(" AND created_at > :since");
            query = query.expression_attribute_values(":since", s(since.fixed_width()));
        }
        let mut left = Vec::new();
        for (nth, (filter, value)) in filters.enumerate() {
            left.push(format!("#left{nth} = :left{nth}"));
            query = query
                .expression_attribute_names(format!("#left{nth}"), filter.attribute)
                .expression_attribute_values(format!(":left{nth}"), s(value));
        }
        query = query.set_filter_expression((!left.is_empty()).then(|| left.join(" AND ")));
        query
            .key_condition_expression(condition)
            .set_exclusive_start_key(start.map(|cursor| self.start_key(cursor, indexed)))
    }

    /// The `LastEvaluatedKey` that a cursor stands for: organization and filter come from this
    /// request, never from the cursor.
    fn start_key(&self, cursor: Cursor, indexed: Option<&(&Filter, String)>) -> Item {
        let mut key = item::key(self.organization, cursor.id.to_string());
        key.insert("created_at".to_owned(), s(cursor.created_at.fixed_width()));
        if let Some((filter, value)) = indexed {
            key.insert(filter.attribute.to_owned(), s(value));
        }
        key
    }
}

impl Draft {
    fn new(limit: usize) -> Self {
        Self { limit, records: Vec::new(), json_bytes: 0, answer_bytes: 0, last: None }
    }

    /// Adds a record; false where the page is full without it.
    fn push(&mut self, Listed { json, at }: Listed) -> bool {
        let json_bytes = self.json_bytes + json.get().len() + 1;
        let answer_bytes = self.answer_bytes + answer_bytes(json.get());
        let too_large = json_bytes > MAX_PAGE_BYTES || answer_bytes > crate::MAX_ANSWER_BYTES;
        if self.records.len() == self.limit || (too_large && !self.records.is_empty()) {
            return false;
        }
        self.last = Some(at);
        self.records.push(json);
        (self.json_bytes, self.answer_bytes) = (json_bytes, answer_bytes);
        true
    }

    fn finish(self, next: Option<Cursor>) -> Page {
        Page { records: self.records, next }
    }
}

impl Budget {
    fn is_spent(&self) -> bool {
        self.queries >= MAX_QUERIES || self.items >= MAX_ITEMS_READ || self.started.elapsed() >= MAX_TIME
    }
}

fn place(key: &std::collections::HashMap<String, AttributeValue>) -> Result<Cursor, Error> {
    let created_at = Timestamp::parse(item::text(key, "created_at")?);
    let id = item::text(key, "id")?.parse();
    match (created_at, id) {
        (Some(created_at), Ok(id)) => Ok(Cursor { created_at, id }),
        _ => Err(corrupt("Query", "the LastEvaluatedKey is none of ours")),
    }
}
