//! Points in time, to the millisecond, in UTC.

use std::{fmt, time::Duration};

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A point in time. Prints as RFC 3339 in UTC, with milliseconds only where it has some; finer
/// fractions are cut off when it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(DateTime<Utc>);

const FIRST: DateTime<Utc> = DateTime::from_timestamp_millis(-62_167_219_200_000).expect("a time");
const LAST: DateTime<Utc> = DateTime::from_timestamp_millis(253_402_300_799_999).expect("a time");

impl Timestamp {
    /// The current time.
    #[must_use]
    pub fn now() -> Self {
        Self::truncate(Utc::now())
    }

    /// Reads RFC 3339 with any offset.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // chrono takes the typographic minus sign (U+2212) before an offset, RFC 3339 does not.
        if !text.is_ascii() {
            return None;
        }
        let time = DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc);
        has_four_digits(&time).then(|| Self::truncate(time))
    }

    /// Reads RFC 3339, or a calendar date as its midnight in UTC.
    #[must_use]
    pub fn parse_or_date(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| Some(Self(date(text)?.and_time(NaiveTime::MIN).and_utc())))
    }

    /// The moment `ms` milliseconds after 1970 began, if its year has four digits.
    #[must_use]
    pub fn from_unix_ms(ms: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(ms).filter(has_four_digits).map(Self)
    }

    /// Milliseconds since 1970 began.
    #[must_use]
    pub fn unix_ms(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// Whole seconds since 1970 began.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// The form in which times are stored: always with milliseconds, so that strings sort as time.
    #[must_use]
    pub fn fixed_width(self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// The form in which access logs have times, the only one that API Gateway can put into a response.
    #[must_use]
    pub fn common_log_format(self) -> String {
        self.0.format("%d/%b/%Y:%H:%M:%S %z").to_string()
    }

    /// The time `duration` later, or the last moment of the year 9999 if that is sooner.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let later = TimeDelta::from_std(duration).ok().and_then(|by| self.0.checked_add_signed(by));
        Self(later.filter(has_four_digits).unwrap_or(LAST))
    }

    /// The time `duration` earlier, or the first moment of the year 0 if that is later.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let earlier = TimeDelta::from_std(duration).ok().and_then(|by| self.0.checked_sub_signed(by));
        Self(earlier.filter(has_four_digits).unwrap_or(FIRST))
    }

    fn truncate(time: DateTime<Utc>) -> Self {
        let ms = time.nanosecond() / 1_000_000;
        // A leap second (nanosecond ≥ 10⁹) becomes the last millisecond of its minute.
        Self(time.with_nanosecond(ms.min(999) * 1_000_000).unwrap_or(time))
    }
}

/// Whether the year has four digits: beyond them the stored form would no longer sort as time.
fn has_four_digits(time: &DateTime<Utc>) -> bool {
    (0..=9999).contains(&time.year())
}

/// Reads a calendar date such as `2026-02-25`, and none of the other forms that chrono takes: `2026-2-5`, `+2026-2-05`,
/// `2026- 2- 5`, or `+12026-01-01`, which would not sort as time.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (text.len() == "YYYY-MM-DD".len() && date.to_string() == text).then_some(date)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom("expected an RFC 3339 date and time such as 2026-02-24T20:59:00Z")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> Option<String> {
        Timestamp::parse_or_date(text).map(|time| time.to_string())
    }

    #[test]
    fn a_fraction_is_printed_only_where_there_is_one() {
        assert_eq!(printed("2026-02-24T20:59:00Z").as_deref(), Some("2026-02-24T20:59:00Z"));
        assert_eq!(printed("2026-02-24T20:59:00.000Z").as_deref(), Some("2026-02-24T20:59:00Z"));
        assert_eq!(printed("2026-02-24T20:59:00.120Z").as_deref(), Some("2026-02-24T20:59:00.120Z"));
        assert_eq!(printed("2026-02-24T20:59:00.123999Z").as_deref(), Some("2026-02-24T20:59:00.123Z"));
    }

    #[test]
    fn offsets_and_dates_become_utc() {
        assert_eq!(printed("2026-02-24T20:59:00+02:00").as_deref(), Some("2026-02-24T18:59:00Z"));
        assert_eq!(printed("2026-02-24").as_deref(), Some("2026-02-24T00:00:00Z"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "2026-2-4",
            "+2026-2-04",
            "2026- 2- 4",
            "2026-02-30",
            "2026-02-24T20:59:00",
            "9999-12-31T23:59:59-05:00",
            "0000-01-01T00:00:00+00:01",
            "1771966740",
            "-0001-01-01",
            "+0001-01-01",
            "002026-01-01",
            "226-01-01",
            "2026-02-24T24:00:00Z",
            "2026-02-24T20:59:61Z",
            "2026-02-24T20:59:00+24:00",
            "2026-02-24T20:59:00+0200",
            "2026-02-24T20:59:00 Z",
            " 2026-02-24T20:59:00Z",
            "2026-02-24T20:59:00Z ",
            "2026-02-24T20:59:00,5Z",
            "2026-02-24T20:59:00.Z",
            "2026-02-24T20:59:+1Z",
            "2026-02-24T20:59:00\u{2212}05:00",
            "2026\u{2013}02\u{2013}24",
            "２０２６-02-24",
        ] {
            assert_eq!(printed(text), None, "{text}");
        }
    }

    #[test]
    fn a_year_has_four_digits_and_no_sign() {
        for year in ["+12026", "12026", "-2026", "+2026", "02026", "226"] {
            for text in [
                format!("{year}-01-01"),
                format!("{year}-01-01T00:00:00Z"),
                format!("{year}-01-01 00:00:00+02:00"),
            ] {
                assert_eq!(printed(&text), None, "{text}");
            }
        }
        for text in ["0000-01-01", "9999-12-31", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"] {
            let time = Timestamp::parse_or_date(text).expect(text);
            assert_eq!(time.fixed_width().len(), "2026-02-24T20:59:00.000Z".len(), "{text}");
        }
    }

    #[test]
    fn no_arithmetic_leaves_the_years_of_four_digits() {
        let (first, last) = (Timestamp(FIRST), Timestamp(LAST));
        assert_eq!(first.fixed_width(), "0000-01-01T00:00:00.000Z");
        assert_eq!(last.fixed_width(), "9999-12-31T23:59:59.999Z");
        let ms = Duration::from_millis(1);
        assert_eq!((last.plus(ms), first.minus(ms)), (last, first));
        for long in [Duration::MAX, Duration::from_secs(u64::MAX / 1000), Duration::from_secs(1 << 40)] {
            assert_eq!((Timestamp::now().plus(long), Timestamp::now().minus(long)), (last, first));
        }
        assert_eq!(first.plus(ms).minus(ms), first);
        for ms in [last.unix_ms() + 1, first.unix_ms() - 1, i64::MAX, i64::MIN] {
            assert_eq!(Timestamp::from_unix_ms(ms), None);
        }
        assert_eq!(Timestamp::from_unix_ms(last.unix_ms()), Some(last));
    }

    #[test]
    fn the_stored_form_sorts_as_time() {
        let earlier = Timestamp::parse("2026-02-24T20:59:00Z").expect("a time");
        let later = Timestamp::parse("2026-02-24T20:59:00.001Z").expect("a time");
        assert!(earlier.fixed_width() < later.fixed_width());
        assert_eq!(earlier.fixed_width(), "2026-02-24T20:59:00.000Z");
    }
}
