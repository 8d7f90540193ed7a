//! The state of an export: what it is of, and how far it has come.

use std::collections::BTreeMap;

use domain::{OrganizationId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::cli::Format;

/// The form of the state itself.
const VERSION: u32 = 1;

/// What an export was asked for when it began. To resume it with something else would mix two lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportRequest {
    pub(super) base_url: String,
    pub(super) organization_id: OrganizationId,
    pub(super) list: String,
    pub(super) format: Format,
    pub(super) filters: BTreeMap<String, String>,
    /// The value as it was given. A time ago means another moment in each run.
    pub(super) since: Option<String>,
}

/// How far an export has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    version: u32,
    pub(super) begun: ExportRequest,
    /// When it began: it has the records of that moment.
    pub(super) begun_at: Timestamp,
    /// The moment that `since` meant at the beginning.
    pub(super) since: Option<Timestamp>,
    /// The header of CSV, once it is written.
    pub(super) columns: Option<Vec<String>>,
    /// How many records are written.
    pub(super) records: u64,
    /// How long the data are with them. What is behind that was not finished.
    pub(super) bytes: u64,
    /// Where the next page begins; none before the first, and after the last.
    pub(super) cursor: Option<String>,
    /// Whether the last page is written.
    pub(super) is_whole: bool,
}

impl State {
    pub(super) fn new(begun: ExportRequest, since: Option<Timestamp>) -> Self {
        let (version, columns, cursor) = (VERSION, None, None);
        let begun_at = Timestamp::now();
        Self { version, begun, begun_at, since, columns, records: 0, bytes: 0, cursor, is_whole: false }
    }

    /// Reads one that was written by the same form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().filter(|state: &Self| state.version == VERSION)
    }
}

impl ExportRequest {
    /// What differs from what is asked for now.
    pub(super) fn differences(&self, now: &Self) -> Vec<String> {
        let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
        let format = |begun: &Self| format!("{:?}", begun.format).to_lowercase();
        let mut pairs = vec![
            ("base URL".to_owned(), self.base_url.clone(), now.base_url.clone()),
            ("organization".to_owned(), self.organization_id.to_string(), now.organization_id.to_string()),
            ("list".to_owned(), self.list.clone(), now.list.clone()),
            ("format".to_owned(), format(self), format(now)),
            ("since".to_owned(), text(&self.since), text(&now.since)),
        ];
        let names: BTreeMap<&String, ()> =
            self.filters.keys().chain(now.filters.keys()).map(|name| (name, ())).collect();
        pairs.extend(names.into_keys().map(|name| {
            let of = |begun: &Self| text(&begun.filters.get(name).cloned());
            (name.clone(), of(self), of(now))
        }));
        let differ = pairs.into_iter().filter(|(_, then, now)| then != now);
        differ.map(|(name, then, now)| format!("{name} {then} (now {now})")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> ExportRequest {
        ExportRequest {
            base_url: "http://127.0.0.1:3000".to_owned(),
            organization_id: OrganizationId::from_u128(1),
            list: "calls".to_owned(),
            format: Format::Csv,
            filters: [("status".to_owned(), "completed".to_owned())].into(),
            since: None,
        }
    }

    #[test]
    fn whatever_differs_is_named() {
        assert!(begun().differences(&begun()).is_empty());
        let now = ExportRequest {
            base_url: "https://x".to_owned(),
            organization_id: OrganizationId::from_u128(2),
            list: "leads".to_owned(),
            format: Format::Jsonl,
            filters: [("urgency".to_owned(), "high".to_owned())].into(),
            since: Some("2h".to_owned()),
        };
        let expected = [
            "base URL http://127.0.0.1:3000 (now https://x)",
            "organization 00000000-0000-0000-0000-000000000001 (now 00000000-0000-0000-0000-000000000002)",
            "list calls (now leads)",
            "format csv (now jsonl)",
            "since none (now 2h)",
            "status completed (now none)",
            "urgency none (now high)",
        ];
        assert_eq!(begun().differences(&now), expected);
    }

    #[test]
    fn a_state_reads_back_and_one_of_another_form_does_not() {
        let state = State { cursor: Some("x".to_owned()), bytes: 7, ..State::new(begun(), None) };
        let text = serde_json::to_string(&state).expect("JSON");
        assert_eq!(State::parse(&text), Some(state));
        assert_eq!(State::parse(&text.replace("\"version\":1", "\"version\":2")), None);
        assert_eq!(State::parse(&text[..20]), None);
    }
}
