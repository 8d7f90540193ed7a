//! The report of a check. Two servers that keep the same promises have the same report.

use domain::RecordId;
use serde_json::{Value, json};

use crate::{
    keys::Keys,
    promise::{CheckResult, Kind, NotKept, Promise},
};

/// How many characters of the server's words are shown: a line is to stay one.
const MAX_SHOWN: usize = 160;

/// The groups of promises that belong to no single resource, in the order in which they are printed;
/// resources come after them.
const GENERAL: [&str; 5] = ["every answer", "paths", "authentication", "limits", "lists"];

/// The results of all promises that were tried.
#[derive(Default)]
pub struct Report(Vec<Entry>);

struct Entry {
    /// The group of the promise: one of [`GENERAL`], or a resource.
    group: &'static str,
    kind: Kind,
    name: String,
    finding: CheckResult,
}

impl Report {
    /// Tries the promises one after the other. Nothing that it keeps has one of these keys in it.
    pub(super) async fn add(&mut self, keys: &Keys, group: &'static str, promises: Vec<Promise<'_>>) {
        for Promise { kind, name, check } in promises {
            let finding = check.await.map_err(|miss| match miss {
                NotKept::Differs { expected, came } => {
                    NotKept::Differs { expected: shown(keys, &expected), came: shown(keys, &came) }
                }
                NotKept::NotSeen(why) => NotKept::NotSeen(shown(keys, &why)),
            });
            self.0.push(Entry { group, kind, name, finding });
        }
    }

    /// A line of text for each promise, and one that sums up.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.sorted().map(Entry::text).chain([self.summary()]).collect()
    }

    /// A JSON object for each promise.
    #[must_use]
    pub fn json(&self) -> Vec<Value> {
        self.sorted().map(Entry::json).collect()
    }

    /// The entries by group, and within a group in the order in which they were tried.
    fn sorted(&self) -> impl Iterator<Item = &Entry> {
        let mut lines: Vec<&Entry> = self.0.iter().collect();
        lines.sort_by_key(|line| {
            GENERAL.iter().position(|group| *group == line.group).unwrap_or(GENERAL.len())
        });
        lines.into_iter()
    }

    /// How many promises the server does not keep.
    #[must_use]
    pub fn differing(&self) -> usize {
        self.0.iter().filter(|line| matches!(line.finding, Err(NotKept::Differs { .. }))).count()
    }

    fn summary(&self) -> String {
        let kept = |kind| self.0.iter().filter(|line| line.kind == kind && line.finding.is_ok()).count();
        let not_seen = self.0.iter().filter(|line| matches!(line.finding, Err(NotKept::NotSeen(_)))).count();
        let [documented, choices, additions] = [Kind::Documented, Kind::Choice, Kind::Addition].map(kept);
        format!(
            "{} promises: {documented} documented, {choices} our choice and {additions} additions hold, {} differ, \
             {not_seen} not seen",
            self.0.len(),
            self.differing(),
        )
    }
}

impl Entry {
    fn verdict(&self) -> &'static str {
        match &self.finding {
            Ok(()) => self.kind.as_str(),
            Err(NotKept::Differs { .. }) => "differs",
            Err(NotKept::NotSeen(_)) => "not seen",
        }
    }

    fn text(&self) -> String {
        let why = match &self.finding {
            Ok(()) => String::new(),
            Err(NotKept::Differs { expected, came }) if expected.is_empty() => {
                format!(": came {came}")
            }
            Err(NotKept::Differs { expected, came }) => format!(": expected {expected}, came {came}"),
            Err(NotKept::NotSeen(why)) => format!(": {why}"),
        };
        format!("{:<11} {:<15} {}{why}", self.verdict(), self.group, self.name)
    }

    fn json(&self) -> Value {
        let mut object = json!({
            "verdict": self.verdict(), "kind": self.kind.as_str(), "group": self.group, "promise": self.name,
        });
        match &self.finding {
            Ok(()) => {}
            Err(NotKept::Differs { expected, came }) => {
                let expected = if expected.is_empty() { &self.name } else { expected };
                object["expected"] = expected.as_str().into();
                object["came"] = came.as_str().into();
            }
            Err(NotKept::NotSeen(why)) => object["why"] = why.as_str().into(),
        }
        object
    }
}

/// Words of the server, on one line and without keys, and with nothing in them that only this run has.
fn shown(keys: &Keys, text: &str) -> String {
    let masked = mask_ids(&keys.redact(text));
    let plain: String = masked.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if plain.chars().count() <= MAX_SHOWN {
        return plain;
    }
    plain.chars().take(MAX_SHOWN).chain("…".chars()).collect()
}

fn mask_ids(text: &str) -> String {
    let is_id = |part: &str| part.parse::<RecordId>().is_ok();
    let separate = |c: char| !c.is_ascii_alphanumeric() && c != '-';
    let parts = text.split_inclusive(separate).map(|part| {
        let bare = part.trim_end_matches(separate);
        if is_id(bare) { part.replacen(bare, "{id}", 1) } else { part.to_owned() }
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::mask_ids;

    #[test]
    fn ids_are_masked_and_nothing_else() {
        let text = "200 for GET /v1/calls/c6af9ac6-7b61-41e6-9a41-93e8deadbeef?limit=1, \"no-id\"";
        assert_eq!(mask_ids(text), "200 for GET /v1/calls/{id}?limit=1, \"no-id\"");
    }
}
