//! Which values of this run stand for which that a page shows, and whether a text is what the page shows.

use std::collections::{BTreeMap, HashSet};

use super::form::{EVERYWHERE, Form, Piece, pieces};

/// What is known so far of one page's values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// Ids that are the same in each run.
    fixed: HashSet<String>,
    /// The page's commands so far: what they say, answers must repeat.
    said: String,
    /// The value of this run, by the shown one.
    values: BTreeMap<String, String>,
}

impl Known {
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

    /// Whether a text is what is shown. What it tells of values is kept if so.
    pub(crate) fn is(&mut self, shown: &str, actual: &str) -> bool {
        self.fits(&pieces(shown, &EVERYWHERE), actual)
    }

    /// The same, where numbers change too.
    pub(crate) fn is_but_for_numbers(&mut self, shown: &str, actual: &str) -> bool {
        self.fits(&pieces(shown, &[&EVERYWHERE[..], &[Form::Number]].concat()), actual)
    }

    /// Whether lines are what is shown, a line of `…` being any number of them.
    pub(crate) fn are(&mut self, shown: &[&str], actual: &[&str]) -> bool {
        match (shown, actual) {
            ([], _) => actual.is_empty(),
            (["…", rest @ ..], _) => {
                (0..=actual.len()).any(|left_out| self.attempt(|known| known.are(rest, &actual[left_out..])))
            }
            ([line, rest @ ..], [first, others @ ..]) => {
                self.attempt(|known| known.is(line, first) && known.are(rest, others))
            }
            (_, []) => false,
        }
    }

    fn fits(&mut self, shown: &[Piece<'_>], actual: &str) -> bool {
        let Some((piece, rest)) = shown.split_first() else { return actual.is_empty() };
        match piece {
            Piece::Literal(text) => actual.strip_prefix(text).is_some_and(|left| self.fits(rest, left)),
            Piece::Value(form, value) => form.length(actual).is_some_and(|length| {
                self.attempt(|known| {
                    known.stands_for(*form, value, &actual[..length]) && known.fits(rest, &actual[length..])
                })
            }),
            Piece::Any => {
                let mut ends = actual.char_indices().map(|(at, _)| at).chain([actual.len()]);
                ends.any(|at| self.attempt(|known| known.fits(rest, &actual[at..])))
            }
        }
    }

    /// Forgets again what a way that leads nowhere has taken for known.
    fn attempt(&mut self, way: impl FnOnce(&mut Self) -> bool) -> bool {
        let before = self.values.clone();
        let leads = way(self);
        if !leads {
            self.values = before;
        }
        leads
    }

    /// Whether a value of this run may be the shown one.
    fn stands_for(&mut self, form: Form, shown: &str, actual: &str) -> bool {
        match form {
            Form::Request | Form::Number => true,
            Form::Time | Form::Date => !self.is_said(shown, actual) || shown == actual,
            Form::Cursor => {
                self.values.insert(shown.to_owned(), actual.to_owned());
                true
            }
            Form::Id | Form::Secret | Form::Key => self.is_the_same(shown, actual),
        }
    }

    fn is_the_same(&mut self, shown: &str, actual: &str) -> bool {
        if let Some(known) = self.values.get(shown) {
            return known == actual;
        }
        if self.is_said(shown, actual) || self.fixed.contains(shown) || self.fixed.contains(actual) {
            return shown == actual;
        }
        if self.values.values().any(|known| known == actual) {
            return false;
        }
        self.values.insert(shown.to_owned(), actual.to_owned());
        true
    }

    fn is_said(&self, shown: &str, actual: &str) -> bool {
        self.said.contains(shown) || self.said.contains(actual)
    }
}
