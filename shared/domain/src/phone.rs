//! Phone numbers in E.164 form, and their parser.

mod characters;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

pub(crate) use characters::plain;

/// The longest text that may be a number, in characters.
pub(crate) const MAX_CHARACTERS: usize = 64;

/// A phone number in E.164 (ITU-T): `+`, then at most 15 digits, the first not 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

/// Why a text is no phone number. Its `Display` says what was expected instead, in English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneProblem {
    /// The text lacks the `+`, has too few or too many digits, or a zero as the first one.
    NotE164,
    /// Digits in brackets begin with a zero. In Italy that zero is part of the number, in most countries it is not.
    ZeroInBrackets,
    /// The text has a character that no number has.
    Character(char),
}

impl Phone {
    /// The form of a phone number, as messages describe it.
    pub const EXPECTED: &str = "a phone number in E.164 form such as +14155551234";

    /// Reads a number after dropping the white space, dots, dashes and brackets that people write, and the invisible
    /// characters that come along where a number is copied.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PhoneProblem> {
        // Nothing that long can be a number.
        if text.chars().nth(MAX_CHARACTERS).is_some() {
            return Err(PhoneProblem::NotE164);
        }
        let mut written = String::new();
        for character in text.chars() {
            match plain(character) {
                ' ' => {}
                part @ ('+' | '0'..='9' | '(' | ')' | '[' | ']') => written.push(part),
                _ => return Err(PhoneProblem::Character(character)),
            }
        }
        let bare: String = written.chars().filter(|c| !matches!(c, '(' | ')' | '[' | ']')).collect();
        let digits = bare.strip_prefix('+').ok_or(PhoneProblem::NotE164)?;
        if written.contains("(0") || written.contains("[0") {
            return Err(PhoneProblem::ZeroInBrackets);
        }
        let is_e164 = (3..=15).contains(&digits.len()) && !digits.contains('+') && !digits.starts_with('0');
        is_e164.then_some(Self(bare)).ok_or(PhoneProblem::NotE164)
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
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_between_digits_is_dropped() {
        for text in [
            "+14155551234",
            "+1 415 555 1234",
            "+1 (415) 555-1234",
            "+1.415.555.1234",
            " +1[415]5551234 ",
            "+1\t415\n555 1234",
            "\u{202a}+14155551234\u{202c}",
            "\u{feff}+1\u{200b}415\u{ad}5551234\u{2060}",
            "+1\u{a0}415\u{202f}555\u{3000}1234",
            "+1\u{2011}415\u{2013}555\u{2212}1234",
            "\u{ff0b}14155551234",
            "＋１（４１５）５５５－１２３４",
            "+1 ［４１５］ 555．1234",
        ] {
            assert_eq!(
                Phone::parse(text).map(|phone| phone.to_string()).as_deref(),
                Ok("+14155551234"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_e164_is_refused() {
        let longest = format!("+1415{:60}", "");
        assert_eq!(longest.len(), 65);
        for text in [
            "",
            "+",
            "14155551234",
            "+04155551234",
            "+1234567890123456",
            "++14155551234",
            "+12",
            "+1+2345",
            "(0415) 5551234",
            &longest,
        ] {
            assert_eq!(Phone::parse(text), Err(PhoneProblem::NotE164), "{text}");
        }
    }

    #[test]
    fn a_zero_that_may_or_may_not_be_part_of_the_number_is_not_guessed() {
        for text in [
            "+44 (0)20 7946 0958",
            "+44(0) 20 7946 0958",
            "+44 ( 0 ) 20",
            "+44 [0]20 7946",
            "+49 (030) 123456",
            "+44（０）20 7946",
            "+44 (\u{200b}0)20 7946",
        ] {
            assert_eq!(Phone::parse(text), Err(PhoneProblem::ZeroInBrackets), "{text}");
        }
        for text in ["+39 06 698", "+1 (40) 0555", "+1 (4)0 555", "(+44) 20 7946"] {
            assert!(Phone::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn the_character_at_fault_is_named() {
        for (text, character) in [
            ("+1415555l234", 'l'),
            ("+1415_5551234", '_'),
            ("+49 30/1234", '/'),
            ("+١٤١٥٥٥٥", '١'),
            ("+1415\u{0}5551234", '\u{0}'),
            ("+1415555Ａ", 'Ａ'),
            ("5551234☎", '☎'),
        ] {
            assert_eq!(Phone::parse(text), Err(PhoneProblem::Character(character)), "{text:?}");
        }
    }
}
