//! Values on the command line that have a form.

use std::time::Duration;

use clap::{
    Error,
    builder::{PossibleValuesParser, TypedValueParser},
    error::{ContextKind, ContextValue, ErrorKind},
};
use domain::{Language, Timestamp, WholeNumber, webhooks::EventType};
use serde::de::DeserializeOwned;

pub(super) fn name(text: &str) -> Result<String, String> {
    let plain = !text.trim().is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control);
    plain.then(|| text.to_owned()).ok_or_else(|| "expected one line of 1 to 200 characters".to_owned())
}

pub(super) fn events() -> impl TypedValueParser<Value = EventType> {
    words(EventType::VALUES)
}

pub(super) fn language() -> impl TypedValueParser<Value = Language> {
    let of_tag = |tag: String| {
        Language::ALL.into_iter().find(|language| language.tag() == tag).ok_or("another language")
    };
    PossibleValuesParser::new(Language::ALL.map(Language::tag)).try_map(of_tag)
}

/// An enum of the domain's, by its words.
fn words<T: DeserializeOwned + Clone + Send + Sync + 'static>(
    words: &'static [&'static str],
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words).try_map(|word| serde_json::from_value(word.into()))
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let expected = "expected a time such as 30d, 24h, 90m or 20s, of ten years at the most";
    let ten_years = Duration::from_secs(10 * 366 * 24 * 60 * 60);
    // Of ten years no unit has more digits but nanoseconds; what adds up to more than `Duration` holds panics.
    let is_small =
        text.len() <= 100 && text.split(|c: char| !c.is_ascii_digit()).all(|number| number.len() <= 9);
    // One shift key makes 1m a month.
    let time = (is_small && !text.contains('M')).then(|| humantime::parse_duration(text).ok()).flatten();
    time.filter(|time| *time <= ten_years).ok_or_else(|| expected.to_owned())
}

pub(super) fn lifetime(text: &str) -> Result<Duration, String> {
    duration(text).and_then(|time| {
        if time.is_zero() { Err("a key must work for a while".to_owned()) } else { Ok(time) }
    })
}

pub(super) fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed: &f64| speed.is_finite() && *speed > 0.0);
    speed.ok_or_else(|| "expected a number above 0, such as 60".to_owned())
}

/// A moment from which on, and how it was put.
#[derive(Clone, Debug)]
pub struct Since {
    /// The value as it was given. A time ago means another moment in each run.
    pub asked: String,
    /// The moment.
    pub at: Timestamp,
}

pub(super) fn since(text: &str) -> Result<Since, String> {
    // Its values may begin with a dash, and so the next option is taken for one where it was left out.
    if text.starts_with("--") {
        return Err("--since takes a value".to_owned());
    }
    let expected = "expected a time ago such as 2h or 3d (ten years at the most), a date such as 2026-02-24, or a time such as 2026-02-24T20:59:00Z";
    let ago = || Some(Timestamp::now().minus(duration(text).ok()?));
    let at = Timestamp::parse_or_date(text).or_else(ago).ok_or_else(|| expected.to_owned())?;
    Ok(Since { asked: text.to_owned(), at })
}

/// The error with the way out, where a value looks like an id that a table has shortened.
pub(super) fn with_tip(mut error: Error) -> Error {
    let is_short = |value: &ContextValue| {
        let is_of_an_id = |it: char| it.is_ascii_hexdigit() || it == '-';
        matches!(value, ContextValue::String(text) if (8..36).contains(&text.len()) && text.chars().all(is_of_an_id))
    };
    if error.kind() == ErrorKind::ValueValidation
        && error.get(ContextKind::InvalidValue).is_some_and(is_short)
    {
        let tip = "where room is scarce, a table shortens ids: `--wide` shows them whole".to_owned();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

pub(super) fn count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (1..=WholeNumber::MAX).contains(count));
    let count = count.and_then(|count| usize::try_from(count).ok());
    count.ok_or_else(|| format!("expected a whole number from 1 to {}", WholeNumber::MAX))
}

pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    since(text).map(|since| since.at)
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory as _, error::ErrorKind};
    use domain::WholeNumber;

    /// Each option of a command and of those below it, after the words that lead there.
    fn options(command: &Command, words: &[String]) -> Vec<(Vec<String>, String)> {
        let long = |option: &clap::Arg| option.get_long().map(|long| (words.to_vec(), format!("--{long}")));
        let below = command.get_subcommands().flat_map(|below| {
            let words: Vec<String> = words.iter().cloned().chain([below.get_name().to_owned()]).collect();
            options(below, &words)
        });
        command.get_arguments().filter_map(long).chain(below).collect()
    }

    #[test]
    fn every_option_that_takes_a_whole_number_refuses_one_past_2_to_the_53rd_less_1() {
        let command = crate::cli::Cli::command();
        let mut numbers = Vec::new();
        for (words, option) in options(&command, &["inboundflow".to_owned()]) {
            let is_refused = |value: &str| {
                let arguments = words.iter().cloned().chain([format!("{option}={value}")]);
                let parsed = command.clone().try_get_matches_from(arguments);
                matches!(parsed, Err(error) if error.kind() == ErrorKind::ValueValidation)
            };
            if !is_refused("7") && is_refused("x") && is_refused("7.5") {
                assert!(is_refused(&(WholeNumber::MAX + 1).to_string()), "{words:?} {option}");
                numbers.push(option);
            }
        }
        for expected in ["--seed", "--calls", "--limit", "--port"] {
            assert!(numbers.iter().any(|option| option == expected), "{numbers:?}");
        }
    }
}
