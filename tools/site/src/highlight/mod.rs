//! Colours in code: cuts a text into spans that say what each is, and loses none of it.

mod http;
mod json;
mod program;
mod scan;
mod shell;

use maud::{Markup, html};

/// What a span of code is; the style sheet gives it its colour.
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

/// A part of a text, and what it is.
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

/// A text with its colours.
pub(crate) fn highlighted(language: &str, text: &str) -> Markup {
    html! {
        @for span in spans(language, text) {
            @if span.kind == Kind::Plain { (span.text) } @else { span class=(span.kind.class()) { (span.text) } }
        }
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
}
