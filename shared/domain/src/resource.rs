//! The types of the catalogue: resources, their routes and filters, and the traits of their records.

use serde::{Serialize, de::DeserializeOwned};

use crate::{RecordId, Scope, Timestamp};

/// One resource of the API.
#[derive(Debug)]
pub struct Resource {
    /// The resource's name: the path segment, the function's name, the import's `resource`.
    pub name: &'static str,
    /// The DynamoDB table of the resource, without the deployment's prefix.
    pub table: &'static str,
    /// The scope that reading takes; none where any valid key may read.
    pub read: Option<Scope>,
    /// The scope that changing takes; none where nothing can be changed.
    pub write: Option<Scope>,
    /// The filters of the resource's list. Each has an index of its own, and the first one that a request
    /// names chooses the index: the most selective come first.
    pub filters: &'static [Filter],
    /// The parameter that names the endpoint for which a list is shown, if the list has one.
    pub shown_to: Option<&'static str>,
    /// The routes of the resource.
    pub routes: &'static [Route],
}

/// A path and the methods that it answers.
#[derive(Debug)]
pub struct Route {
    /// The path as API Gateway and axum write it.
    pub path: &'static str,
    /// The methods, as they appear in `Allow` (a `GET` answers `HEAD` too).
    pub methods: &'static [&'static str],
}

/// A query parameter that narrows a list to records in which one attribute has one value.
#[derive(Debug, PartialEq, Eq)]
pub struct Filter {
    /// The query parameter.
    pub parameter: &'static str,
    /// The record's field, and the item's attribute.
    pub attribute: &'static str,
    /// The values that the parameter takes.
    pub kind: FilterKind,
    /// The further word that selects a part of the records with one value, if there is one.
    pub part: Option<&'static Part>,
}

/// A filter's word for a part of the records that have another value: those whose counter is above zero. No index has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// The filter's word for the part.
    pub word: &'static str,
    /// The value that the records have instead.
    pub of: &'static str,
    /// The item's attribute that is the counter.
    pub counted: &'static str,
}

/// The kinds of values that a filter takes.
#[derive(Debug, PartialEq, Eq)]
pub enum FilterKind {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A phone number.
    Phone,
    /// The id of the owning record. It stands in the path and is no query parameter.
    Owner,
}

impl Resource {
    /// The filter that narrows its list to the owner in the path, if its list has one.
    #[must_use]
    pub fn owner(&self) -> Option<&'static Filter> {
        self.filters.iter().find(|filter| filter.kind == FilterKind::Owner)
    }
}

/// A type that belongs to a resource of the catalogue.
pub trait Kind: Send + Sync + 'static {
    /// The type's row of the catalogue.
    const RESOURCE: &'static Resource;
}

/// Something to do with the type of a resource's records, which only the resource's name tells.
pub trait ForRecord {
    /// The result of the work.
    type Output;
    /// Does the work with the type `T`.
    fn run<T: Record>(self) -> Self::Output;
}

/// A record that the API lists and gets by its id.
pub trait Record: Kind + Serialize + DeserializeOwned {
    /// The record's id.
    fn id(&self) -> RecordId;
    /// The time when the record was first written.
    fn created_at(&self) -> Timestamp;
}
