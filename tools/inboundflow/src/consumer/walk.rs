//! Reads a list page by page.

use anyhow::{Result, ensure};
use domain::{MAX_LIMIT, Resource, Timestamp};
use reqwest::Method;

use super::client::{Client, Request};
use crate::print::Record;

/// The path of a resource's list, or of the resource itself.
pub(crate) fn path(resource: &Resource) -> &'static str {
    resource.routes.first().map_or("/", |route| route.path)
}

/// A filtered list, and the cursor of its next page.
pub(crate) struct Walk {
    path: String,
    parameters: Vec<(String, String)>,
    cursor: Option<String>,
    is_over: bool,
}

impl Walk {
    /// From the list's beginning.
    pub(crate) fn new(
        path: impl Into<String>,
        filters: impl IntoIterator<Item = (String, String)>,
        since: Option<Timestamp>,
    ) -> Self {
        let since = since.map(|since| ("since".to_owned(), since.to_string()));
        let parameters = filters.into_iter().chain(since).collect();
        Self { path: path.into(), parameters, cursor: None, is_over: false }
    }

    /// From where a walk with the same parameters had come to.
    pub(super) fn from(self, cursor: Option<String>) -> Self {
        Self { cursor, ..self }
    }

    /// Whether more pages may follow.
    pub(crate) fn goes_on(&self) -> bool {
        !self.is_over
    }

    /// Where the next page begins; none where there is none, or it is the first.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Hands over so many of the records, a page at a time.
    pub(crate) async fn each(
        &mut self,
        client: &Client,
        mut left: usize,
        mut each: impl FnMut(&[Record]) -> Result<()>,
    ) -> Result<()> {
        while left > 0 && self.goes_on() {
            let mut records = self.next(client, left).await?;
            records.truncate(left);
            left -= records.len();
            each(&records)?;
        }
        Ok(())
    }

    /// The next page, of this many records at the most.
    pub(crate) async fn next(&mut self, client: &Client, limit: usize) -> Result<Vec<Record>> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.parameters);
        query.append_pair("limit", &limit.min(MAX_LIMIT).to_string());
        query.extend_pairs(self.cursor.iter().map(|cursor| ("cursor", cursor)));
        let request = Request::new(Method::GET, format!("{}?{}", self.path, query.finish()));
        let (records, next) = client.send(&request).await?.into_page(&client.origin)?;
        ensure!(
            next.is_none() || next != self.cursor,
            "{} answers with the cursor that it was sent: the list would never end.",
            client.origin.base_url
        );
        self.is_over = next.is_none();
        self.cursor = next;
        Ok(records)
    }
}
