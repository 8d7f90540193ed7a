//! E-mail addresses.

use email_address::{EmailAddress, Options};
use serde::Serialize;

/// An e-mail address (RFC 5321, without display name or bare host).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Reads an address; white space around it is dropped.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let options = Options::default().with_required_tld().without_domain_literal().without_display_text();
        let text = text.trim();
        EmailAddress::parse_with_options(text, options).ok().map(|_| Self(text.to_owned()))
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for text in ["john@example.com", "j.d+tag@sub.example.co.uk", " maria.garcia@gmail.com "] {
            assert!(Email::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "john",
            "john@",
            "@example.com",
            "a@b@c.com",
            "john@example",
            "John <john@example.com>",
            "a b@example.com",
            "a@[127.0.0.1]",
        ] {
            assert!(Email::parse(text).is_none(), "{text}");
        }
    }
}
