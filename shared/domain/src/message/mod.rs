//! The messages of errors: one file for each language, each of which has all of them.

mod english;
mod french;
mod german;
mod parts;
mod spanish;

use std::fmt;

use crate::{Error, Language, PhoneProblem, webhooks::UrlProblem};

impl Error {
    /// The message for whoever sent the request. [`fmt::Display`] is the English one.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        let write = match language {
            Language::English => english::error,
            Language::German => german::error,
            Language::French => french::error,
            Language::Spanish => spanish::error,
        };
        fmt::from_fn(|f| write(self, f)).to_string()
    }
}

/// The message in English, whoever asks.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        english::error(self, f)
    }
}

/// What was expected instead of the text, in English.
impl fmt::Display for PhoneProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected ")?;
        english::phone(*self, f)
    }
}

/// A sentence in English.
impl fmt::Display for UrlProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        english::url(self, f)
    }
}

#[cfg(test)]
mod tests;
