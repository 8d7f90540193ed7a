//! Walking a list, page by page, to its end.

use anyhow::{Result, ensure};
use domain::{MAX_LIMIT, Timestamp};

use super::{client::Client, encode::Record};

/// A list, narrowed, and how far one has come in it.
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

    /// The next page, of this many records at the most.
    pub(crate) async fn next(&mut self, client: &Client, limit: usize) -> Result<Vec<Record>> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.parameters);
        query.append_pair("limit", &limit.min(MAX_LIMIT).to_string());
        query.extend_pairs(self.cursor.iter().map(|cursor| ("cursor", cursor)));
        let answer = client.get(&format!("{}?{}", self.path, query.finish())).await?;
        let (records, next) = answer.into_page(client)?;
        ensure!(
            next.is_none() || next != self.cursor,
            "{} answers with the cursor that it was sent: the list would never end.",
            client.base_url
        );
        self.is_over = next.is_none();
        self.cursor = next;
        Ok(records)
    }
}
