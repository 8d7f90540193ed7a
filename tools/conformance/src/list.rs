//! The newest records of a list, with which everything else that the list returns is compared.

use std::rc::Rc;

use domain::{MAX_LIMIT, Resource, Scope, Timestamp};
use serde_json::Value;

use crate::{
    exchange::Exchange,
    promise::{CheckResult, NotKept, Promise, addition, documented, expect, not_seen},
    request::is_parameter,
    server::Server,
};

/// An id that no record has.
pub(super) const MISSING_ID: &str = "00000000-0000-4000-8000-000000000000";

/// The newest records of a list, up to a hundred.
pub(super) struct Newest {
    name: &'static str,
    page: Rc<Exchange>,
}

/// The list's path.
pub(super) fn path(resource: &Resource) -> String {
    format!("/v1/{}", resource.name)
}

/// The path of the largest page of a list.
pub(super) fn first_page(resource: &Resource) -> String {
    format!("{}?limit={MAX_LIMIT}", path(resource))
}

/// Whether a resource is a list: the account is none.
pub(super) fn is_list(resource: &Resource) -> bool {
    resource.read.is_some()
}

/// A promise about each list: the public documentation makes it of its own lists, we of ours.
pub(super) fn of_list<'a>(
    resource: &Resource,
    name: impl Into<String>,
    check: impl Future<Output = CheckResult> + 'a,
) -> Promise<'a> {
    match resource.read {
        Some(Scope::WebhooksRead) => addition(name, check),
        _ => documented(name, check),
    }
}

/// A route's path with an id that no record has in each of its places.
pub(super) fn path_to_none(route: &str) -> String {
    let part = |part| if is_parameter(part) { MISSING_ID } else { part };
    route.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The id of a record, or the id of an event's delivery.
pub(super) fn id(record: &Value) -> Option<&str> {
    record["id"].as_str().or_else(|| record["delivery_id"].as_str())
}

/// A first page that is not the last one.
pub(super) async fn small_page(server: &Server, resource: &Resource) -> Result<Rc<Exchange>, NotKept> {
    let page = server.get(&format!("{}?limit=1", path(resource))).await?;
    page.records()?;
    if page.next_cursor().is_none() {
        return Err(not_seen(format!("no second page of {}", resource.name)));
    }
    Ok(page)
}

/// The time at which a record was created, or an event was noticed.
pub(super) fn created_at(record: &Value) -> Option<Timestamp> {
    Timestamp::parse(record["created_at"].as_str().or_else(|| record["timestamp"].as_str())?)
}

impl Newest {
    pub(super) async fn of(server: &Server, resource: &Resource) -> Result<Self, NotKept> {
        let page = server.get(&first_page(resource)).await?;
        page.records()?;
        Ok(Self { name: resource.name, page })
    }

    pub(super) fn records(&self) -> &[Value] {
        self.page.records().unwrap_or_default()
    }

    /// The records, of which there must be one.
    pub(super) fn some(&self) -> Result<&[Value], NotKept> {
        self.any()?;
        Ok(self.records())
    }

    /// The newest record.
    pub(super) fn any(&self) -> Result<&Value, NotKept> {
        self.records().first().ok_or_else(|| not_seen(format!("the organization has no {}", self.name)))
    }

    /// The newest record for which `fits` holds.
    pub(super) fn find(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Result<&Value, NotKept> {
        let found = self.records().iter().find(|record| fits(record));
        found.ok_or_else(|| not_seen(format!("no {} {what}", self.name)))
    }

    pub(super) fn ids(&self) -> Vec<&str> {
        ids(self.records())
    }

    /// Holds where `answer` has those of these records that fit, in their order and with nothing between.
    /// Where the list goes on, what comes after them is unknown.
    pub(super) fn narrowed(&self, answer: &Exchange, fits: impl Fn(&Value) -> bool) -> CheckResult {
        let came = answer.records()?;
        let expected: Vec<&Value> = self.records().iter().filter(|record| fits(record)).collect();
        let same = came.iter().zip(&expected).all(|(came, expected)| id(came) == id(expected));
        let enough = came.len() >= expected.len() && (self.page.has_more() || came.len() == expected.len());
        let asked = &answer.asked;
        let what = if enough { "others, or in another order" } else { "more or fewer" };
        expect(same && enough, format!("those records of the list that match {asked}"), what)
    }
}

/// The ids of records.
pub(super) fn ids(records: &[Value]) -> Vec<&str> {
    records.iter().filter_map(id).collect()
}
