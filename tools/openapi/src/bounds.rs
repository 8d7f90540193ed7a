//! The bounds that texts name, such as `{MAX_WEBHOOKS}`: each has its number from the code that keeps it.

use domain::{
    DEFAULT_REQUESTS_PER_MINUTE, Language,
    catalogue::{MAX_BODY_BYTES, MAX_IDEMPOTENCY_KEY},
    webhooks::{
        DEFAULT_OVERLAP_HOURS, DISABLE_AFTER, MAX_ATTEMPTS, MAX_OVERLAP, MAX_REPLAYS_PER_HOUR, MAX_WEBHOOKS,
        REPLAYED_AGAIN_AFTER, RETRY_AFTER,
    },
};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A text with the numbers of its bounds in it.
///
/// # Errors
/// The name of a bound that there is not.
pub(crate) fn filled(text: &str, language: Language) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled += before;
        let is_name = |name: &str| name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_');
        match after.split_once('}').filter(|(name, _)| is_name(name)) {
            Some((name, after)) => {
                filled += &written(bound(name).ok_or_else(|| name.to_owned())?, language);
                rest = after;
            }
            // The parameter of a path.
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    Ok(filled + rest)
}

fn bound(name: &str) -> Option<u64> {
    Some(match name {
        "REQUESTS_PER_MINUTE" => DEFAULT_REQUESTS_PER_MINUTE.into(),
        "MAX_BODY_BYTES" => MAX_BODY_BYTES as u64,
        "MAX_IDEMPOTENCY_KEY" => MAX_IDEMPOTENCY_KEY as u64,
        "MAX_WEBHOOKS" => MAX_WEBHOOKS as u64,
        "KEPT_ATTEMPTS" => MAX_ATTEMPTS as u64,
        "ATTEMPTS" => RETRY_AFTER.len() as u64 + 1,
        "ATTEMPT_DAYS" => RETRY_AFTER.iter().map(|pause| pause.as_secs()).sum::<u64>() / DAY,
        "DISABLE_AFTER_DAYS" => DISABLE_AFTER.as_secs() / DAY,
        "DEFAULT_OVERLAP_HOURS" => DEFAULT_OVERLAP_HOURS,
        "MAX_OVERLAP_HOURS" => MAX_OVERLAP.as_secs() / HOUR,
        "REPLAYS_PER_HOUR" => MAX_REPLAYS_PER_HOUR,
        "REPLAYED_AGAIN_MINUTES" => REPLAYED_AGAIN_AFTER.as_secs() / MINUTE,
        _ => return None,
    })
}

/// A number as a language groups its digits. Spanish leaves four together.
fn written(number: u64, language: Language) -> String {
    let (separator, from) = match language {
        Language::English => (",", 1_000),
        Language::German => (".", 1_000),
        Language::French => ("\u{202f}", 1_000),
        Language::Spanish => ("\u{a0}", 10_000),
    };
    if number < from {
        return number.to_string();
    }
    format!("{}{separator}{:03}", written(number / 1_000, language), number % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_its_numbers_and_the_parameters_of_paths_stay() {
        let text = "{REPLAYS_PER_HOUR} of `/v1/calls/{id}`, {MAX_WEBHOOKS} {";
        for (language, expected) in [
            (Language::English, "10,000 of `/v1/calls/{id}`, 50 {"),
            (Language::German, "10.000 of `/v1/calls/{id}`, 50 {"),
            (Language::French, "10\u{202f}000 of `/v1/calls/{id}`, 50 {"),
        ] {
            assert_eq!(filled(text, language).as_deref(), Ok(expected));
        }
        assert_eq!(filled("{NO_BOUND}", Language::English), Err("NO_BOUND".to_owned()));
        assert_eq!(
            (&*written(1_000, Language::Spanish), &*written(1_000, Language::English)),
            ("1000", "1,000")
        );
    }
}
