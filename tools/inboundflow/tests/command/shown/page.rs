//! The fences of a page: commands, and what each prints.

use std::iter::Peekable;

use super::{Format, ShownOutput};

/// The most commands of a page: a minute admits 60, and reading again until something has arrived takes some
/// of them.
const MAX_COMMANDS: usize = 50;
/// Languages of fences that are shown and no more.
const SHOWN: [&str; 6] = ["python", "js", "ts", "rust", "toml", "ini"];

/// The kind of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command is run to its end.
    Run,
    /// The command is started, and runs until the page ends: a reader has another terminal for it.
    Start,
    /// No command is run: this is what the one that was started has printed since.
    Printed,
}

/// A command of a page, and the output that the page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The line on which the step begins, counted from 1.
    pub(crate) line: usize,
    pub(crate) kind: Kind,
    pub(crate) code: String,
    /// The output that the page shows; none where the command prints nothing.
    pub(crate) answer: Option<ShownOutput>,
}

struct Fence<'a> {
    line: usize,
    info: &'a str,
    text: String,
    /// Whether nothing stands between this fence and the one before.
    follows: bool,
}

/// What has to be done to see whether a page says the truth, in its order.
pub(crate) fn steps(page: &str) -> Result<Vec<Step>, String> {
    let mut fences = fences(page)?.into_iter().peekable();
    let mut steps = Vec::new();
    while let Some(fence) = fences.next() {
        let at = |said: &str| format!("line {}: {said}", fence.line);
        let kind = match fence.info {
            "sh" => Kind::Run,
            "sh background" => Kind::Start,
            "text background" => {
                let answer = Some(ShownOutput { format: Format::Text, text: fence.text });
                steps.push(Step { line: fence.line, kind: Kind::Printed, code: String::new(), answer });
                continue;
            }
            "sh no-run" if commands(&fence.text) > 0 => {
                return Err(at("curl and inboundflow can be run: leave out no-run"));
            }
            "json" | "text" | "http" if fence.text.lines().any(|line| commands(line) > 0 && begins(line)) => {
                return Err(at("a command is shown without being run: make it a fence of sh"));
            }
            "sh no-run" | "json" | "text" | "http" => continue,
            shown if SHOWN.contains(&shown) || shown.starts_with("generated ") => continue,
            _ => return Err(at(&format!("no fence is called {:?}", fence.info))),
        };
        let answer = answer(&mut fences);
        steps.push(Step { line: fence.line, kind, code: fence.text, answer });
    }
    let commands: usize = steps.iter().map(|step| commands(&step.code)).sum();
    if commands >= MAX_COMMANDS {
        return Err(format!("{commands} commands are more than a key's minute has room for"));
    }
    Ok(steps)
}

/// What is shown directly after a command.
fn answer<'a>(fences: &mut Peekable<impl Iterator<Item = Fence<'a>>>) -> Option<ShownOutput> {
    let format = |fence: &Fence<'_>| match fence.info {
        "json" => Some(Format::Json),
        "text" => Some(Format::Text),
        "http" => Some(Format::Http),
        _ => None,
    };
    let next = fences.next_if(|next| next.follows && format(next).is_some())?;
    Some(ShownOutput { format: format(&next)?, text: next.text })
}

/// How many commands of ours a text has.
fn commands(text: &str) -> usize {
    let is_between = |sign: char| !(sign.is_alphanumeric() || "-_./:".contains(sign));
    let words = text.split(is_between).filter(|word| ["curl", "inboundflow"].contains(word)).count();
    words + text.matches("cargo run -- ").count()
}

fn begins(line: &str) -> bool {
    let line = line.trim_start_matches("$ ");
    line.starts_with("curl ") || line.starts_with("inboundflow ")
}

fn fences(page: &str) -> Result<Vec<Fence<'_>>, String> {
    let mut fences: Vec<Fence<'_>> = Vec::new();
    let mut open = false;
    let mut between = true;
    for (index, line) in page.lines().enumerate() {
        let marked = line.trim_start().starts_with("```");
        if marked && !line.starts_with("```") {
            return Err(format!("line {}: a fence begins at the line's beginning", index + 1));
        }
        match (marked, open, fences.last_mut()) {
            (true, false, _) => {
                let info = line.trim_start_matches('`').trim();
                fences.push(Fence { line: index + 1, info, text: String::new(), follows: !between });
                open = true;
            }
            (true, true, _) => (open, between) = (false, false),
            (false, true, Some(fence)) => {
                fence.text.push_str(line);
                fence.text.push('\n');
            }
            _ => between |= !line.trim().is_empty(),
        }
    }
    if open { Err("the last fence does not end".to_owned()) } else { Ok(fences) }
}
