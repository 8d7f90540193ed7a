//! Colours in code: cuts a text into spans that say what each is, and loses none of it.

mod http;
mod json;
mod program;
mod scan;
mod shell;

use maud::{Markup, html};

/// The kind of a span of code, for which the style sheet has a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Key,
    Text,
    Number,
    Word,
    Comment,
    Variable,
    Option,
    Command,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Key => "hk",
            Self::Text => "ht",
            Self::Number => "hn",
            Self::Word => "hw",
            Self::Comment => "hc",
            Self::Variable => "hv",
            Self::Option => "ho",
            Self::Command => "hf",
        }
    }
}

/// The end of a command's line that goes on, which is not wrapped off what stands before it.
const CONTINUED: &str = " \\\n";

/// How many steps of indentation the style sheet knows.
const MAX_INDENT: usize = 8;

/// A part of a text, and its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
}

/// A text cut into spans, by the word after the fence's backticks.
fn spans<'a>(language: &str, text: &'a str) -> Vec<Span<'a>> {
    match language {
        "json" => json::spans(text),
        "http" => http::spans(text),
        "sh" => shell::spans(text),
        "js" | "ts" => program::spans(text, &program::JAVASCRIPT),
        "python" => program::spans(text, &program::PYTHON),
        "rust" => program::spans(text, &program::RUST),
        _ => vec![Span { kind: Kind::Plain, text }],
    }
}

/// A text with its colours, each line in an element of its own: a line that is wrapped goes on below its own beginning.
pub(crate) fn highlighted(language: &str, text: &str) -> Markup {
    html! {
        @for line in lines(&spans(language, text)) {
            span class=(line_class(&line)) {
                @for span in line {
                    @if span.kind != Kind::Plain { span class=(span.kind.class()) { (span.text) } }
                    @else if let Some(text) = span.text.strip_suffix(CONTINUED) { (text) span.e { (CONTINUED) } }
                    @else { (span.text) }
                }
            }
        }
    }
}

/// The spans of each line, its end with it.
fn lines<'a>(spans: &[Span<'a>]) -> Vec<Vec<Span<'a>>> {
    let pieces = spans
        .iter()
        .flat_map(|span| span.text.split_inclusive('\n').map(|text| Span { kind: span.kind, text }));
    let mut lines = Vec::new();
    let mut line = Vec::new();
    for piece in pieces {
        line.push(piece);
        if piece.text.ends_with('\n') {
            lines.push(std::mem::take(&mut line));
        }
    }
    lines.push(line);
    lines
}

/// The class of a line: by how far it is indented, in steps of two spaces.
fn line_class(line: &[Span<'_>]) -> String {
    let is_space = |sign: &char| *sign == ' ';
    match line.iter().flat_map(|span| span.text.chars()).take_while(is_space).count() / 2 {
        0 => "l".to_owned(),
        steps => format!("l i{}", steps.min(MAX_INDENT)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert_eq, proptest};

    use super::*;

    const LANGUAGES: [&str; 7] = ["json", "http", "sh", "js", "python", "rust", "text"];

    fn of_kind<'a>(language: &str, text: &'a str, kind: Kind) -> Vec<&'a str> {
        spans(language, text).into_iter().filter(|span| span.kind == kind).map(|span| span.text).collect()
    }

    proptest! {
        #[test]
        fn colours_lose_nothing_of_any_text(text in "[ -~\n…é'\"\\\\#$]{0,80}") {
            for language in LANGUAGES {
                let joined: String = spans(language, &text).iter().map(|span| span.text).collect();
                prop_assert_eq!(&joined, &text, "{}", language);
            }
        }
    }

    #[test]
    fn json_tells_keys_from_texts_and_numbers_from_words() {
        let text = r#"{"id": "a \" b", "n": -1.5e3, "none": null, …}"#;
        assert_eq!(of_kind("json", text, Kind::Key), [r#""id""#, r#""n""#, r#""none""#]);
        assert_eq!(of_kind("json", text, Kind::Text), [r#""a \" b""#]);
        assert_eq!(of_kind("json", text, Kind::Number), ["-1.5e3"]);
        assert_eq!(of_kind("json", text, Kind::Word), ["null"]);
    }

    #[test]
    fn a_command_line_shows_its_command_options_texts_variables_and_comments() {
        let text = "# all of it\ncurl -s 'http://127.0.0.1:3000/v1/me' \\\n  -H \"Authorization: Bearer $KEY\" | grep --count x";
        assert_eq!(of_kind("sh", text, Kind::Comment), ["# all of it"]);
        assert_eq!(of_kind("sh", text, Kind::Command), ["curl", "grep"]);
        assert_eq!(of_kind("sh", text, Kind::Option), ["-s", "-H", "--count"]);
        assert_eq!(of_kind("sh", text, Kind::Variable), ["$KEY"]);
        assert_eq!(
            of_kind("sh", text, Kind::Text),
            ["'http://127.0.0.1:3000/v1/me'", "\"Authorization: Bearer ", "\""]
        );
    }

    #[test]
    fn an_answer_shows_its_headers_and_its_body() {
        let text = "HTTP/1.1 201 Created\nidempotent-replayed: true\n\n{\"data\": 1}";
        assert_eq!(of_kind("http", text, Kind::Word), ["HTTP/1.1 201 Created"]);
        assert_eq!(of_kind("http", text, Kind::Key), ["idempotent-replayed", "\"data\""]);
        assert_eq!(of_kind("http", text, Kind::Number), ["1"]);
    }

    #[test]
    fn programs_show_their_words_texts_and_comments() {
        assert_eq!(of_kind("python", "import hmac  # why\nx = 'import'", Kind::Word), ["import"]);
        assert_eq!(of_kind("python", "import hmac  # why", Kind::Comment), ["# why"]);
        assert_eq!(of_kind("js", "const a = `b`; // c", Kind::Text), ["`b`"]);
        assert_eq!(of_kind("rust", "fn f<'a>(x: &'a str) -> bool { x == \"y\" }", Kind::Text), ["\"y\""]);
    }

    #[test]
    fn what_html_reads_as_markup_is_escaped() {
        let shown = highlighted("sh", "echo '<b>&' <in").into_string();
        assert!(shown.contains("'&lt;b&gt;&amp;'"), "{shown}");
        assert!(!shown.contains("<b>"), "{shown}");
    }

    #[test]
    fn each_line_stands_for_itself_and_says_how_far_it_is_indented() {
        assert_eq!(
            highlighted("sh", "curl x \\\n    -d '{\n  a'").into_string(),
            "<span class=\"l\"><span class=\"hf\">curl</span> x<span class=\"e\"> \\\n</span></span>\
             <span class=\"l i2\">    <span class=\"ho\">-d</span> <span class=\"ht\">'{\n</span></span>\
             <span class=\"l i1\"><span class=\"ht\">  a'</span></span>"
        );
    }
}
