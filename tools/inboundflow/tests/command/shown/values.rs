//! Values of this run by those that a page shows, and the comparison of lines with them.

use std::{
    collections::{BTreeMap, HashSet},
    sync::LazyLock,
};

use regex::Regex;

/// A kind of value that differs from run to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A name of something, the same throughout a page: an id, a secret, a key.
    Name,
    Time,
    Request,
    Cursor,
}

/// The patterns of values, by their forms. The longer one of two that begin alike comes first.
static FORMS: LazyLock<[(Form, Regex); 7]> = LazyLock::new(|| {
    [
        (Form::Name, r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
        (Form::Name, r"whsec_[A-Za-z0-9+/=_]+"),
        (Form::Name, r"sk_live_\w+"),
        (Form::Time, r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,3})?Z| \d\d:\d\d)\b"),
        (Form::Time, r"\d{4}-\d\d-\d\d\b"),
        (Form::Request, r"req_[0-9a-f]{12}\b"),
        // A page cuts cursors, and the cut is part of what it shows.
        (Form::Cursor, r"eyJ[A-Za-z0-9_-]+…?"),
    ]
    .map(|(form, pattern)| (form, Regex::new(&format!("^(?:{pattern})")).unwrap()))
});

/// The values of one page that are known so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct PageValues {
    /// Ids that are the same in each run.
    fixed: HashSet<String>,
    /// The page's commands so far, whose values answers must repeat.
    said: String,
    /// The value of this run, by the shown one.
    values: BTreeMap<String, String>,
}

impl PageValues {
    /// The values at a page's beginning: the ids that are the same in each run.
    pub(crate) fn new(fixed: HashSet<String>) -> Self {
        Self { fixed, ..Self::default() }
    }

    /// The command as it has to be run: with this run's values in place of those that answers have shown.
    pub(crate) fn command(&mut self, code: &str) -> String {
        self.said.push_str(code);
        // The longest first: none is a part of one that is replaced already.
        let mut values: Vec<(&String, &String)> = self.values.iter().collect();
        values.sort_by_key(|(shown, _)| std::cmp::Reverse(shown.len()));
        values.into_iter().fold(code.to_owned(), |code, (shown, actual)| code.replace(shown, actual))
    }

    /// Whether lines are what is shown. A line of `…` is any number of lines that are indented as far, or further.
    /// What they tell of values is kept if so.
    pub(super) fn are(&mut self, shown: &[&str], actual: &[&str]) -> bool {
        let Some((line, rest)) = shown.split_first() else { return actual.is_empty() };
        if line.trim_start() == "…" {
            let depth = line.len() - "…".len();
            let is_inside =
                |line: &&&str| line.trim().is_empty() || line.len() - line.trim_start().len() >= depth;
            let inside = actual.iter().take_while(is_inside).count();
            return (0..=inside).any(|left_out| self.attempt(|known| known.are(rest, &actual[left_out..])));
        }
        let Some((first, others)) = actual.split_first() else { return false };
        self.attempt(|known| known.fits(line, first, false) && known.are(rest, others))
    }

    /// Whether a text is what is shown; `inside` of a word no value begins.
    fn fits(&mut self, shown: &str, actual: &str, inside: bool) -> bool {
        let Some(next) = shown.chars().next() else { return actual.is_empty() };
        let value =
            FORMS.iter().find_map(|(form, pattern)| Some((*form, pattern, pattern.find(shown)?.as_str())));
        if let Some((form, pattern, value)) = value.filter(|_| !inside) {
            let Some(found) = pattern.find(actual) else { return false };
            return self.attempt(|known| {
                known.stands_for(form, value, found.as_str())
                    && known.fits(&shown[value.len()..], &actual[found.end()..], true)
            });
        }
        let rest = &shown[next.len_utf8()..];
        if next == '…' {
            let mut ends = actual.char_indices().map(|(at, _)| at).chain([actual.len()]);
            return ends.any(|at| self.attempt(|known| known.fits(rest, &actual[at..], false)));
        }
        let left = actual.strip_prefix(next);
        left.is_some_and(|left| self.fits(rest, left, next.is_ascii_alphanumeric() || next == '_'))
    }

    /// Forgets again what an attempt that failed has taken for known.
    fn attempt(&mut self, attempt: impl FnOnce(&mut Self) -> bool) -> bool {
        let before = self.values.clone();
        let holds = attempt(self);
        if !holds {
            self.values = before;
        }
        holds
    }

    /// Whether a value of this run may be the shown one.
    fn stands_for(&mut self, form: Form, shown: &str, actual: &str) -> bool {
        let is_said = self.said.contains(shown) || self.said.contains(actual);
        match form {
            Form::Request => true,
            Form::Time => !is_said || shown == actual,
            Form::Cursor => {
                self.values.insert(shown.to_owned(), actual.to_owned());
                true
            }
            Form::Name => {
                if let Some(known) = self.values.get(shown) {
                    return known == actual;
                }
                if is_said || self.fixed.contains(shown) || self.fixed.contains(actual) {
                    return shown == actual;
                }
                let is_new = self.values.values().all(|known| known != actual);
                self.values.insert(shown.to_owned(), actual.to_owned());
                is_new
            }
        }
    }
}

/// Every id in a text.
pub(super) fn ids(text: &str) -> HashSet<String> {
    let id = &FORMS[0].1;
    text.split('"').filter_map(|part| id.find(part)).map(|id| id.as_str().to_owned()).collect()
}
