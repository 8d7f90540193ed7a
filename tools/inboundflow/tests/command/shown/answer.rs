//! What a page shows after a command, held against what the command prints.

use serde_json::Value;

use super::{Known, json};

/// How an answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// One JSON document.
    Json,
    /// Lines.
    Text,
    /// What `curl -i` prints: a status, headers, and a body.
    Http,
}

/// What a page shows after a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) format: Format,
    pub(crate) text: String,
}

/// Headers whose numbers differ from one moment to the next.
const COUNTS: [&str; 4] = ["x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit", "retry-after"];

impl Answer {
    /// Whether a command printed what is shown; else what differs.
    pub(crate) fn compare(&self, printed: &str, known: &mut Known) -> Result<(), String> {
        match self.format {
            Format::Json => json(&self.text, printed, known),
            Format::Text => lines(&self.text, printed, known),
            Format::Http => http(&self.text, printed, known),
        }
    }
}

fn json(shown: &str, printed: &str, known: &mut Known) -> Result<(), String> {
    let shown = json::read(shown)?;
    let actual: Value =
        serde_json::from_str(printed).map_err(|error| format!("no JSON was printed: {error}\n{printed}"))?;
    let found = json::differences(&shown, &actual, known);
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

fn lines(shown: &str, printed: &str, known: &mut Known) -> Result<(), String> {
    // However far a line of `…` is indented, it is one.
    let expected: Vec<&str> =
        shown.trim_end().lines().map(|line| if line.trim() == "…" { "…" } else { line.trim_end() }).collect();
    let actual: Vec<&str> = printed.trim_end().lines().map(str::trim_end).collect();
    if known.are(&expected, &actual) {
        return Ok(());
    }
    Err(format!("shown is:\n{}\nprinted was:\n{}", shown.trim_end(), printed.trim_end()))
}

fn http(shown: &str, printed: &str, known: &mut Known) -> Result<(), String> {
    let printed = printed.replace("\r\n", "\n");
    let (expected, actual) = (Message::read(shown)?, Message::read(&printed)?);
    if expected.status != actual.status {
        return Err(format!("the status is shown as {} and is {}", expected.status, actual.status));
    }
    headers(&expected, &actual, known)?;
    if expected.body.trim_start().starts_with('{') {
        json(expected.body, actual.body, known)
    } else {
        lines(expected.body, actual.body, known)
    }
}

/// Whether the headers that are shown are there, in any order.
fn headers(expected: &Message<'_>, actual: &Message<'_>, known: &mut Known) -> Result<(), String> {
    for (name, shown) in &expected.headers {
        let values: Vec<&str> =
            actual.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| *value).collect();
        let counts = COUNTS.contains(&name.as_str());
        let is = |value: &&str| {
            if counts { known.is_but_for_numbers(shown, value) } else { known.is(shown, value) }
        };
        if !values.iter().any(is) {
            return Err(format!("the header {name} is shown as {shown:?} and is {values:?}"));
        }
    }
    let shown = |name: &String| expected.headers.iter().any(|(other, _)| other == name);
    match actual.headers.iter().find(|(name, _)| !shown(name)) {
        Some((name, _)) if !expected.more => Err(format!("the header {name} is there and is not shown")),
        _ => Ok(()),
    }
}

/// An answer of HTTP/1.1 as text.
struct Message<'a> {
    status: &'a str,
    /// Their names in lower case.
    headers: Vec<(String, &'a str)>,
    /// Whether there are more than those.
    more: bool,
    body: &'a str,
}

impl<'a> Message<'a> {
    fn read(text: &'a str) -> Result<Self, String> {
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
        let (status, head) = head.split_once('\n').unwrap_or((head, ""));
        if !status.starts_with("HTTP/") {
            return Err(format!("this is no answer of HTTP: {text}"));
        }
        let (more, named): (Vec<&str>, Vec<&str>) = head.lines().partition(|line| line.trim() == "…");
        let header = |line: &&'a str| {
            let (name, value) = line.split_once(':').ok_or(format!("this is no header: {line}"))?;
            Ok((name.to_ascii_lowercase(), value.trim()))
        };
        let headers = named.iter().map(header).collect::<Result<_, String>>()?;
        Ok(Self { status, headers, more: !more.is_empty(), body })
    }
}
