//! What a check found, and how it is printed: the same lines wherever the same holds.

use anyhow::Result;
use domain::RecordId;
use serde_json::{Value, json};

use super::{
    keys::Keys,
    promise::{Finding, Kind, Miss, Promise},
};
use crate::output::line;

/// More of what the server said does not help, and a line is to stay one.
const MAX_SHOWN: usize = 160;

/// What a promise is about, in the order in which they are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    EveryAnswer,
    Paths,
    Authentication,
    Limits,
    Lists,
    Calls,
    Contacts,
    Leads,
    Appointments,
    Webhooks,
    Events,
    Me,
}

/// All that was found.
#[derive(Default)]
pub(super) struct Report(Vec<Line>);

struct Line {
    group: Group,
    kind: Kind,
    name: String,
    finding: Finding,
}

impl Group {
    fn as_str(self) -> &'static str {
        match self {
            Self::EveryAnswer => "every answer",
            Self::Paths => "paths",
            Self::Authentication => "authentication",
            Self::Limits => "limits",
            Self::Lists => "lists",
            Self::Calls => "calls",
            Self::Contacts => "contacts",
            Self::Leads => "leads",
            Self::Appointments => "appointments",
            Self::Webhooks => "webhooks",
            Self::Events => "events",
            Self::Me => "me",
        }
    }
}

impl Report {
    /// Tries the promises one after the other.
    pub(super) async fn add(&mut self, group: Group, promises: Vec<Promise<'_>>) {
        for Promise { kind, name, check } in promises {
            self.0.push(Line { group, kind, name, finding: check.await });
        }
    }

    /// Prints what was found.
    pub(super) fn print(&mut self, keys: &Keys, json: bool) -> Result<()> {
        // Each group's lines stay in the order in which they were tried.
        self.0.sort_by_key(|line| line.group);
        for found in &self.0 {
            line(&if json { found.json(keys).to_string() } else { found.text(keys) })?;
        }
        if json { Ok(()) } else { line(&self.summary()) }
    }

    /// How many promises the server does not keep.
    pub(super) fn differing(&self) -> usize {
        self.0.iter().filter(|line| matches!(line.finding, Err(Miss::Differs { .. }))).count()
    }

    fn summary(&self) -> String {
        let kept = |kind| self.0.iter().filter(|line| line.kind == kind && line.finding.is_ok()).count();
        let not_seen = self.0.iter().filter(|line| matches!(line.finding, Err(Miss::NotSeen(_)))).count();
        let [documented, choices, additions] = [Kind::Documented, Kind::Choice, Kind::Addition].map(kept);
        format!(
            "{} promises: {documented} documented, {choices} our choice and {additions} additions hold, {} differ, \
             {not_seen} not seen",
            self.0.len(),
            self.differing(),
        )
    }
}

impl Line {
    fn verdict(&self) -> &'static str {
        match &self.finding {
            Ok(()) => self.kind.as_str(),
            Err(Miss::Differs { .. }) => "differs",
            Err(Miss::NotSeen(_)) => "not seen",
        }
    }

    fn text(&self, keys: &Keys) -> String {
        let why = match &self.finding {
            Ok(()) => String::new(),
            Err(Miss::Differs { expected, came }) if expected.is_empty() => {
                format!(": came {}", shown(keys, came))
            }
            Err(Miss::Differs { expected, came }) => {
                format!(": expected {}, came {}", shown(keys, expected), shown(keys, came))
            }
            Err(Miss::NotSeen(why)) => format!(": {}", shown(keys, why)),
        };
        format!("{:<11} {:<15} {}{why}", self.verdict(), self.group.as_str(), self.name)
    }

    fn json(&self, keys: &Keys) -> Value {
        let mut object = json!({
            "verdict": self.verdict(), "kind": self.kind.as_str(), "group": self.group.as_str(), "promise": self.name,
        });
        match &self.finding {
            Ok(()) => {}
            Err(Miss::Differs { expected, came }) => {
                let expected = if expected.is_empty() { &self.name } else { expected };
                object["expected"] = shown(keys, expected).into();
                object["came"] = shown(keys, came).into();
            }
            Err(Miss::NotSeen(why)) => object["why"] = shown(keys, why).into(),
        }
        object
    }
}

/// What may come from the server, on one line and without keys, and with nothing in it that only this
/// run has.
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
