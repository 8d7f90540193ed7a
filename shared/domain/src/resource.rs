//! The types of the catalogue: resources, their routes and filters, and the traits of their records.

use serde::{Serialize, de::DeserializeOwned};

use crate::{RecordId, Scope, Timestamp};

/// One resource of the API.
#[derive(Debug)]
pub struct Resource {
    /// Its name: the path segment, the function's name, the import's `resource`.
    pub name: &'static str,
    /// The DynamoDB table that holds it, without the deployment's prefix.
    pub table: &'static str,
    /// What reading takes; none where any valid key will do.
    pub read: Option<Scope>,
    /// What creating takes; none where nothing can be created.
    pub write: Option<Scope>,
    /// The filters of its list. Each has an index of its own, and the first one that a request
    /// names chooses the index: the most selective come first.
    pub filters: &'static [Filter],
    /// The parameter of its list that says for which endpoint the records are shown, if there is one.
    pub shown_to: Option<&'static str>,
    /// Its routes.
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
    /// What the parameter takes.
    pub kind: FilterKind,
    /// The word that means only a part of the records that have another one, if there is one.
    pub part: Option<&'static Part>,
}

/// A word for those of the records with another one that something has happened to. No index has it.
#[derive(Debug, PartialEq, Eq)]
pub struct Part {
    /// The word.
    pub word: &'static str,
    /// The value that all of them have.
    pub of: &'static str,
    /// The item's attribute that counts what happened.
    pub counted: &'static str,
}

/// What a filter takes.
#[derive(Debug, PartialEq, Eq)]
pub enum FilterKind {
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A phone number.
    Phone,
    /// The id of the record that they belong to: the path has it, and no parameter is.
    Owner,
}

impl Resource {
    /// The filter that narrows its list to the records of the one in the path, if it is listed so.
    #[must_use]
    pub fn owner(&self) -> Option<&'static Filter> {
        self.filters.iter().find(|filter| filter.kind == FilterKind::Owner)
    }
}

/// What a resource's answers are made of.
pub trait Kind: Send + Sync + 'static {
    /// Its row of the catalogue.
    const RESOURCE: &'static Resource;
}

/// A record that the API lists and gets by its id.
pub trait Record: Kind + Serialize + DeserializeOwned {
    /// Its id.
    fn id(&self) -> RecordId;
    /// When we first wrote it.
    fn created_at(&self) -> Timestamp;
}
