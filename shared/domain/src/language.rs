//! The languages of messages and documentation, and their choice by `Accept-Language`.

use std::cmp::Reverse;

/// A language of messages and of the documentation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English, the default.
    #[default]
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
}

/// The rank of a language in a request: its quality in thousandths, then its place in the list. The least rank wins.
type Wish = (Reverse<u16>, usize);

const UNWANTED: Reverse<u16> = Reverse(0);

impl Language {
    /// All languages, English first.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::French, Self::Spanish];

    /// The language as a tag of BCP 47.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
        }
    }

    /// The language that values of `Accept-Language` (RFC 9110, 12.5.4) ask for: of ours the one with the highest quality, and
    /// of equals the first. A range such as `de-AT` asks for its language, `*` for those that are not named. What is no range of
    /// that grammar is ignored.
    #[must_use]
    pub fn accepted<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut named: [Option<Wish>; Self::ALL.len()] = Default::default();
        let mut others: Option<Wish> = None;
        let ranges = values.into_iter().flat_map(|value| value.split(',')).filter_map(range);
        for (place, (subtags, quality)) in ranges.enumerate() {
            let wish = (Reverse(quality), place);
            let (language, region) = subtags.split_once('-').map_or((subtags, None), |(l, r)| (l, Some(r)));
            if language == "*" {
                others.get_or_insert(wish);
            }
            // A request that excludes de-AT may still want de.
            if region.is_some() && wish.0 == UNWANTED {
                continue;
            }
            for (ours, best) in Self::ALL.into_iter().zip(&mut named) {
                if ours.tag().eq_ignore_ascii_case(language) {
                    *best = Some(best.map_or(wish, |best| preferred(best, wish)));
                }
            }
        }
        let wishes = Self::ALL.into_iter().zip(named);
        let wishes = wishes.filter_map(|(language, named)| Some((named.or(others)?, language)));
        let wanted = wishes.filter(|(wish, _)| wish.0 != UNWANTED);
        wanted.min_by_key(|(wish, _)| *wish).map(|(_, language)| language).unwrap_or_default()
    }
}

/// The better of two ranks of one language. Quality 0 excludes the language, whatever else is said.
fn preferred(one: Wish, other: Wish) -> Wish {
    if one.0 == UNWANTED || other.0 == UNWANTED { (UNWANTED, 0) } else { one.min(other) }
}

/// A range and its quality in thousandths.
fn range(text: &str) -> Option<(&str, u16)> {
    let (subtags, quality) = match text.split_once(';') {
        None => (text, 1000),
        Some((subtags, weight)) => (subtags, quality(weight)?),
    };
    let subtags = subtags.trim_ascii();
    let is_subtag =
        |text: &str| (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (subtags == "*" || subtags.split('-').all(is_subtag)).then_some((subtags, quality))
}

/// `q=` and a number from 0 to 1 with three decimals at the most, in thousandths.
fn quality(weight: &str) -> Option<u16> {
    let (name, value) = weight.trim_ascii().split_once('=')?;
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    let is_decimal = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    if !name.eq_ignore_ascii_case("q") || !is_decimal {
        return None;
    }
    let thousandths = (0..3)
        .fold(0, |sum, at| sum * 10 + decimals.as_bytes().get(at).map_or(0, |digit| u16::from(digit - b'0')));
    match (whole, thousandths) {
        ("0", thousandths) => Some(thousandths),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Language::*, *};

    fn accepted(value: &str) -> Language {
        Language::accepted([value])
    }

    #[test]
    fn a_language_is_found_with_any_region_and_in_any_case() {
        for (value, language) in [
            ("de", German),
            ("fr", French),
            ("es", Spanish),
            ("en", English),
            ("DE", German),
            ("de-AT", German),
            ("fr-CA", French),
            ("es-419", Spanish),
            ("de-Latn-CH-1996", German),
            (" \tde ", German),
            ("de,", German),
            (",, de", German),
        ] {
            assert_eq!(accepted(value), language, "{value:?}");
        }
    }

    #[test]
    fn the_highest_quality_wins_and_of_equals_the_first() {
        for (value, language) in [
            ("fr;q=0.8, de;q=0.9", German),
            ("fr;q=0.9, de;q=0.8", French),
            ("de, fr", German),
            ("fr, de", French),
            ("fr;q=0.5,es;q=0.5,de;q=0.499", French),
            ("de;q=0.001, ja", German),
            ("fr-CA;q=0.8, en;q=0.7", French),
            ("de-AT,de;q=0.9,en-US;q=0.8,en;q=0.7", German),
            ("en, de", English),
            ("es ; q=1.000, de;q=1", Spanish),
            ("de;Q=0.2, fr;q=0.30", French),
            ("ja, zh-Hant;q=0.9, es;q=0.1", Spanish),
        ] {
            assert_eq!(accepted(value), language, "{value:?}");
        }
        assert_eq!(Language::accepted(["fr;q=0.3", "de;q=0.4"]), German, "several headers are one list");
    }

    #[test]
    fn an_asterisk_stands_for_those_that_are_not_named() {
        for (value, language) in [
            ("*", English),
            ("ja, *;q=0.5", English),
            ("de;q=0.4, *;q=0.5", English),
            ("de;q=0.5, *;q=0.5", German),
            ("*;q=0.5, de;q=0.6", German),
            ("en;q=0, *", German),
            ("en;q=0.1, de;q=0, *;q=0.2", French),
            ("*;q=0", English),
            ("es;q=0.1, *;q=0", Spanish),
        ] {
            assert_eq!(accepted(value), language, "{value:?}");
        }
    }

    #[test]
    fn quality_0_takes_a_language_out_whatever_else_is_said() {
        for value in
            ["de;q=0", "de;q=0.000", "de;q=0, *;q=0.1", "de;q=0, de-AT", "de-AT, de;q=0", "de, de;q=0"]
        {
            assert_eq!(accepted(value), English, "{value:?}");
        }
        assert_eq!(accepted("de;q=0, fr;q=0.1"), French);
        assert_eq!(accepted("de-AT;q=0, de;q=0.5"), German, "another German than that of Austria");
    }

    #[test]
    fn garbage_is_overlooked_and_what_is_beside_it_is_not() {
        for garbage in [
            "",
            "deutsch",
            "german",
            "deu",
            "de_AT",
            "de-",
            "-de",
            "d e",
            "de-toolongforone",
            "de;",
            "de;q",
            "de;q=",
            "de;q=2",
            "de;q=1.1",
            "de;q=-1",
            "de;q=0.1234",
            "de;q=.5",
            "de;q=0,5",
            "de;q=0.5;x=1",
            "de;level=1",
            "*-CH",
            "dé",
            "\"de\"",
            "x",
        ] {
            assert_eq!(accepted(garbage), English, "{garbage:?}");
            assert_eq!(accepted(&format!("{garbage},fr;q=0.1")), French, "{garbage:?}");
        }
        assert_eq!(Language::accepted([]), English);
    }

    proptest! {
        #[test]
        fn any_text_asks_for_one_of_ours(text in ".{0,60}") {
            prop_assert!(Language::ALL.contains(&accepted(&text)));
        }

        #[test]
        fn the_order_of_different_qualities_does_not_matter(
            list in Just(vec!["de;q=0.9", "fr-CA;q=0.8", "es;q=0", "en;q=0.7", "*;q=0.95", "x y"]).prop_shuffle()
        ) {
            prop_assert_eq!(accepted(&list.join(",")), German);
        }
    }
}
