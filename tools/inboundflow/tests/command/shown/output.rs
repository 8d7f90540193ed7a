//! Output of a command as a page shows it, held against what the command prints.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::PageValues;

/// The format of an output that a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON, however it is broken and indented.
    Json,
    /// Text, line by line.
    Text,
    /// What `curl -i` prints: a status, headers in any order, and a body.
    Http,
}

/// The output that a page shows after a command. A line of `…` is any number of lines, and `…` within a line
/// any text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShownOutput {
    pub(crate) format: Format,
    pub(crate) text: String,
}

static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#""(?:\\.|[^"\\])*"|[{}\[\],:…]|[^\s{}\[\],:…"]+"#).unwrap());
/// The field with the duration of an attempt, which differs from run to run.
static DURATION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"("duration_ms": )\d+"#).unwrap());
/// Headers whose numbers differ from one moment to the next.
static COUNT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^(?:x-ratelimit-remaining|x-ratelimit-reset|ratelimit|retry-after): .*$").unwrap()
});
static DIGITS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d+").unwrap());

impl ShownOutput {
    /// Whether a command printed what is shown; else both, line by line as they were compared.
    pub(crate) fn compare(&self, printed: &str, known: &mut PageValues) -> Result<(), String> {
        let lines = match self.format {
            Format::Json => json,
            Format::Text => text,
            Format::Http => http,
        };
        let (shown, printed) = (lines(&self.text), lines(printed));
        if known.are(&shown.lines().collect::<Vec<_>>(), &printed.lines().collect::<Vec<_>>()) {
            return Ok(());
        }
        Err(format!("shown is:\n{shown}\nprinted was:\n{printed}"))
    }
}

/// Lines without what nobody sees at their ends; a line of `…` stands at the beginning, however far it was indented.
fn text(text: &str) -> String {
    let line = |line: &str| if line.trim() == "…" { "…".to_owned() } else { line.trim_end().to_owned() };
    text.trim_end().lines().map(line).collect::<Vec<_>>().join("\n")
}

/// JSON with each member and element on a line of its own, indented by its depth, and without commas.
fn json(text: &str) -> String {
    let mut lines = String::new();
    let mut depth = 0;
    for token in TOKEN.find_iter(text).map(|token| token.as_str()) {
        if ["}", "]"].contains(&token) {
            depth -= 1;
        }
        let begins = lines.is_empty() || lines.ends_with('\n');
        match token {
            "," if begins => {}
            "," => lines.push('\n'),
            ":" => lines.push_str(": "),
            "{" | "[" | "}" | "]" | "…" => {
                if !begins && ["}", "]", "…"].contains(&token) {
                    lines.push('\n');
                }
                if lines.ends_with('\n') {
                    lines.push_str(&"  ".repeat(depth));
                }
                lines.push_str(token);
                if token != "}" && token != "]" {
                    lines.push('\n');
                }
            }
            value => {
                if begins {
                    lines.push_str(&"  ".repeat(depth));
                }
                lines.push_str(value);
            }
        }
        if ["{", "["].contains(&token) {
            depth += 1;
        }
    }
    DURATION.replace_all(lines.trim_end(), "${1}0").into_owned()
}

/// The status, then the headers in the order of their names, then the body.
fn http(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
    let (status, head) = head.split_once('\n').unwrap_or((head, ""));
    let (more, named): (Vec<&str>, Vec<&str>) = head.lines().partition(|line| line.trim() == "…");
    let header = |line: &&str| match line.split_once(':') {
        Some((name, value)) => format!("{}: {}", name.to_ascii_lowercase(), value.trim()),
        None => (*line).to_owned(),
    };
    let mut headers: Vec<String> = named.iter().map(header).collect();
    headers.sort_unstable();
    let between = if more.is_empty() { "\n" } else { "\n…\n" };
    let head =
        format!("{status}{between}{}", headers.iter().map(|line| line.clone() + between).collect::<String>());
    let head = COUNT.replace_all(&head, |line: &Captures<'_>| DIGITS.replace_all(&line[0], "0").into_owned());
    let body = if body.trim_start().starts_with('{') { json(body) } else { self::text(body) };
    format!("{head}\n{body}")
}
