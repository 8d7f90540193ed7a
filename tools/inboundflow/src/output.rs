//! The output of the command: text of strangers without what steers a terminal, warnings, and the log.

use std::io::{self, Write as _};

use anyhow::Context as _;
use conformance::{Http, is_loopback};
use tracing_subscriber::{
    Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// Prints lines on stdout, without what steers a terminal.
pub(crate) fn line(text: &str) -> anyhow::Result<()> {
    written(writeln!(io::stdout().lock(), "{}", harmless(text)))
}

/// Prints text on stdout as it is, at once.
pub(crate) fn text(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    written(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

fn written(outcome: io::Result<()>) -> anyhow::Result<()> {
    match outcome {
        // The reader has seen enough, as in `inboundflow demo | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        outcome => outcome.context("Cannot write to standard output"),
    }
}

/// Prints a warning on stderr, which does not stop the command.
pub(crate) fn warn(text: &str) {
    note(&format!("warning: {text}"));
}

/// Prints a note on stderr, which is no part of the output.
pub(crate) fn note(text: &str) {
    // A closed stderr is no reason to stop.
    let _ = writeln!(io::stderr().lock(), "{}", harmless(text));
}

/// A client of the API at this base URL. Where keys would leave this machine unencrypted, a warning says so.
pub(crate) fn http(base_url: &str) -> anyhow::Result<Http> {
    let http = Http::of(base_url)?;
    if !is_loopback(base_url) && !base_url.starts_with("https:") {
        warn(&format!("the key goes to {base_url} unencrypted{}: use https", http.by_proxy()));
    }
    Ok(http)
}

/// Shows on stderr what is logged by these targets: what a store leaves out, and what fails in `dev`.
pub(crate) fn start_logging(targets: Targets) {
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).without_time().compact();
    // A program that uses this as a library may have a log of its own.
    let _ = tracing_subscriber::registry().with(lines.with_filter(targets)).try_init();
}

/// A stranger's text without what steers a terminal, turns the direction of what is around it, or is not seen; its lines
/// stay. What is taken out is there as the escape that JSON has for it, so that JSON says what it said.
pub(crate) fn harmless(text: &str) -> String {
    escaped(&text.replace("\r\n", "\n"), &['\n', '\t'])
}

/// A stranger's text on one line, without what steers a terminal.
pub(crate) fn harmless_line(text: &str) -> String {
    escaped(text, &[])
}

fn escaped(text: &str, kept: &[char]) -> String {
    let mut escaped = String::with_capacity(text.len());
    let (mut before, mut rest) = (None, text.chars().peekable());
    while let Some(character) = rest.next() {
        let is_left = kept.contains(&character) || !is_unseen(character);
        if is_left || shapes(before, character, rest.peek().copied()) {
            escaped.push(character);
        } else {
            let mut units = [0; 2];
            escaped.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
        before = Some(character);
    }
    escaped
}

/// Whether a character is a control, a separator of lines or paragraphs, or one that Unicode has displays
/// leave out (`Default_Ignorable_Code_Point`): signs of direction, joiners, tags, fillers and the like.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether an unseen character changes how its neighbours are drawn, as in emoji and in Persian and Indic writing.
fn shapes(before: Option<char>, character: char, after: Option<char>) -> bool {
    let is_drawn = |neighbour: Option<char>| {
        neighbour
            .is_some_and(|it| !it.is_ascii() && !it.is_whitespace() && (!is_unseen(it) || is_variation(it)))
    };
    match character {
        '\u{200c}' | '\u{200d}' => is_drawn(before) && is_drawn(after),
        _ if is_variation(character) => before.is_some_and(|it| {
            !is_unseen(it) && !it.is_whitespace() && (!it.is_ascii() || matches!(it, '0'..='9' | '#' | '*'))
        }),
        _ => false,
    }
}

/// Whether a character selects in which of its forms the one before is drawn.
fn is_variation(character: char) -> bool {
    matches!(character, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_turns_or_hides_is_shown_as_an_escape() {
        let unseen = [
            '\u{202a}'..='\u{202e}',
            '\u{2066}'..='\u{2069}',
            '\u{200e}'..='\u{200f}',
            '\u{61c}'..='\u{61c}',
            '\u{200b}'..='\u{200d}',
            '\u{2060}'..='\u{2064}',
            '\u{feff}'..='\u{feff}',
            '\u{ad}'..='\u{ad}',
            '\u{e0001}'..='\u{e007f}',
            '\u{fe00}'..='\u{fe0f}',
            '\u{2028}'..='\u{2029}',
            '\0'..='\u{1f}',
            '\u{7f}'..='\u{9f}',
            '\u{3164}'..='\u{3164}',
            '\u{e0100}'..='\u{e01ef}',
        ];
        for character in unseen.into_iter().flatten() {
            let text = format!("Zoe{character}Miller");
            let shown = harmless_line(&text);
            assert!(shown.starts_with("Zoe\\u") && shown.ends_with("Miller") && shown.is_ascii(), "{shown}");
            let read: String = serde_json::from_str(&format!("\"{shown}\"")).expect("JSON");
            assert_eq!(read, text, "the escape is JSON's");
            assert_eq!(harmless_line(&shown), shown);
        }
        assert_eq!(harmless("a\r\nb\tc\u{1b}"), "a\nb\tc\\u001b");
        assert_eq!(harmless_line("a\nb"), "a\\u000ab");
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for text in [
            "Zoë Müller-Đặng",
            "李小龍",
            "👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥 1\u{fe0f}\u{20e3}",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "葛\u{e0100}城",
            "עברית",
            "e\u{301}",
            "10\u{a0}000 €",
        ] {
            assert_eq!(harmless_line(text), text, "{text:?}");
        }
        for (text, shown) in [
            ("❤\u{fe0f}\u{fe0e}\u{fe01}", "❤\u{fe0f}\\ufe0e\\ufe01"),
            ("ë\u{200d}", "ë\\u200d"),
            ("ë\u{200d}\u{200d}ë", "ë\\u200d\\u200dë"),
        ] {
            assert_eq!(harmless_line(text), shown, "{text:?}");
        }
    }
}
