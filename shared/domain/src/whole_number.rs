//! Whole numbers from 0 to 2^53−1, and their reading from JSON.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, Unexpected, Visitor},
};

/// A whole number from 0 to 2^53−1, which every reader of JSON holds exactly. `55.0` and `5.5e1` are 55, as
/// JSON Schema has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct WholeNumber(u64);

impl WholeNumber {
    /// The largest number that is allowed, 2^53−1.
    pub const MAX: u64 = (1 << 53) - 1;

    /// The number as a `WholeNumber`, unless it is above the largest.
    #[must_use]
    pub fn new(number: u64) -> Option<Self> {
        (number <= Self::MAX).then_some(Self(number))
    }

    /// The number as a `u64`.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

impl From<u32> for WholeNumber {
    fn from(number: u32) -> Self {
        Self(number.into())
    }
}

impl fmt::Display for WholeNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for WholeNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(WholeNumberVisitor)
    }
}

struct WholeNumberVisitor;

impl Visitor<'_> for WholeNumberVisitor {
    type Value = WholeNumber;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from 0 to {}", WholeNumber::MAX)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<WholeNumber, E> {
        WholeNumber::new(number).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<WholeNumber, E> {
        let whole = u64::try_from(number).ok().and_then(WholeNumber::new);
        whole.ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<WholeNumber, E> {
        let is_whole = number.fract() == 0.0 && (0.0..=WholeNumber::MAX as f64).contains(&number);
        is_whole
            .then_some(WholeNumber(number as u64))
            .ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<u64, String> {
        let number: Result<WholeNumber, _> = serde_json::from_str(json);
        let of_value = serde_json::from_value(serde_json::from_str(json).expect("JSON"));
        assert_eq!(number.as_ref().ok(), of_value.as_ref().ok(), "{json}");
        number.map(WholeNumber::get).map_err(|error| error.to_string())
    }

    #[test]
    fn a_whole_number_is_that_number_however_it_is_written() {
        for (json, number) in [
            ("0", 0),
            ("-0.0", 0),
            ("55", 55),
            ("55.0", 55),
            ("5.5e1", 55),
            ("9007199254740991", WholeNumber::MAX),
            ("9e15", 9_000_000_000_000_000),
        ] {
            assert_eq!(read(json), Ok(number), "{json}");
        }
    }

    #[test]
    fn what_is_no_whole_number_from_0_to_2_to_the_53rd_less_1_is_refused() {
        for json in [
            "-1",
            "-1.0",
            "12.5",
            "9007199254740992",
            "9007199254740992.0",
            "9223372036854775808",
            "18446744073709551616",
            "1e300",
            "\"55\"",
            "null",
            "true",
        ] {
            let refusal = read(json).expect_err(json);
            assert!(
                refusal.contains("expected a whole number from 0 to 9007199254740991"),
                "{json}: {refusal}"
            );
        }
    }
}
