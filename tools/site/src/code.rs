//! A code block of a page: a figure with a caption, in which the script puts its button.

use maud::{Markup, html};

use crate::{highlight::highlighted, strings::Strings};

/// Code as it stands on a page.
pub(crate) struct Code<'a> {
    /// The word that says what the code is, such as `json`.
    pub(crate) language: &'a str,
    pub(crate) text: &'a str,
    /// Whether the code is what the command before it answers.
    pub(crate) answers: bool,
}

/// The words that a fence may begin with.
pub(crate) const LANGUAGES: [&str; 8] = ["sh", "json", "text", "http", "python", "js", "ts", "rust"];

pub(crate) fn figure(code: &Code<'_>, strings: &Strings) -> Markup {
    html! {
        figure.code.command[code.language == "sh"].answer[code.answers].columns[has_columns(code)] {
            figcaption { (label(code, strings)) }
            pre tabindex="0" { code { (highlighted(code.language, code.text.trim_end_matches('\n'))) } }
        }
    }
}

/// Whether the code is printed in columns, which a wrapped line would tear apart.
fn has_columns(code: &Code<'_>) -> bool {
    code.language == "text" && code.text.lines().any(|line| line.trim().contains("  "))
}

fn label(code: &Code<'_>, strings: &Strings) -> &'static str {
    match code.language {
        "sh" if code.text.contains("curl ") => "cURL",
        "sh" => "Terminal",
        "text" if code.answers => strings.output,
        "json" | "http" if code.answers => strings.response,
        "json" => "JSON",
        "http" => "HTTP",
        "python" => "Python",
        "js" => "JavaScript",
        "rust" => "Rust",
        "ts" => "TypeScript",
        _ => strings.text,
    }
}
