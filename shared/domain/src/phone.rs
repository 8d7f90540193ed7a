//! Phone numbers in E.164.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

/// A phone number in E.164 (ITU-T): `+`, then at most 15 digits, the first not 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// What a number must look like, for messages.
    pub const EXPECTED: &str = "a phone number in E.164 form such as +14155551234";

    /// Reads a number after dropping the spaces, dots, dashes and brackets that people write.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // Nothing that long can be a number, and it need not be copied to find out.
        if text.len() > 64 {
            return None;
        }
        let bare: String =
            text.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')' | '[' | ']')).collect();
        let digits = bare.strip_prefix('+')?;
        let valid = (3..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        valid.then_some(Self(bare))
    }

    /// The number as it is stored and printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom(format_args!("expected {}", Self::EXPECTED)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_is_dropped() {
        for text in
            ["+14155551234", "+1 415 555 1234", "+1 (415) 555-1234", "+1.415.555.1234", " +1[415]5551234 "]
        {
            assert_eq!(
                Phone::parse(text).map(|phone| phone.to_string()).as_deref(),
                Some("+14155551234"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_e164_is_refused() {
        for text in [
            "",
            "+",
            "14155551234",
            "+04155551234",
            "+1234567890123456",
            "+1415555l234",
            "++14155551234",
            "+12",
            "+1415_5551234",
            "+١٤١٥٥٥٥",
        ] {
            assert_eq!(Phone::parse(text), None, "{text}");
        }
    }
}
