//! Colours of programs, coarsely: words of the language, texts, numbers and comments.

use super::{
    Kind, Span,
    scan::{Scan, length, quoted},
};

/// The words and signs of a programming language, as far as colours need them.
pub(super) struct Grammar {
    comment: &'static str,
    quotes: &'static str,
    words: &'static [&'static str],
}

pub(super) static JAVASCRIPT: Grammar = Grammar {
    comment: "//",
    quotes: "\"'`",
    words: &[
        "async",
        "await",
        "break",
        "catch",
        "class",
        "const",
        "continue",
        "else",
        "export",
        "false",
        "finally",
        "for",
        "from",
        "function",
        "if",
        "import",
        "in",
        "let",
        "new",
        "null",
        "of",
        "return",
        "static",
        "this",
        "throw",
        "true",
        "try",
        "typeof",
        "undefined",
        "while",
    ],
};

pub(super) static PYTHON: Grammar = Grammar {
    comment: "#",
    quotes: "\"'",
    words: &[
        "False", "None", "True", "and", "as", "async", "await", "break", "class", "continue", "def", "elif",
        "else", "except", "finally", "for", "from", "if", "import", "in", "is", "lambda", "not", "or",
        "pass", "raise", "return", "try", "while", "with", "yield",
    ],
};

pub(super) static RUST: Grammar = Grammar {
    comment: "//",
    // A single quote may begin a lifetime.
    quotes: "\"",
    words: &[
        "as", "async", "await", "break", "const", "continue", "else", "enum", "false", "fn", "for", "if",
        "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "static",
        "struct", "trait", "true", "type", "use", "where", "while",
    ],
};

pub(super) fn spans<'a>(text: &'a str, grammar: &Grammar) -> Vec<Span<'a>> {
    let mut scan = Scan::new(text);
    while let Some(next) = scan.next() {
        let rest = scan.rest();
        if rest.starts_with(grammar.comment) {
            scan.mark(Kind::Comment, length(rest, |c| c != '\n'));
        } else if grammar.quotes.contains(next) {
            scan.mark(Kind::Text, quoted(rest, next));
        } else if next.is_ascii_digit() {
            scan.mark(Kind::Number, length(rest, |c| c.is_ascii_alphanumeric() || c == '_' || c == '.'));
        } else if next.is_alphabetic() || next == '_' {
            let word = length(rest, |c| c.is_alphanumeric() || c == '_');
            if grammar.words.contains(&&rest[..word]) {
                scan.mark(Kind::Word, word);
            } else {
                scan.skip_bytes(word);
            }
        } else {
            scan.skip();
        }
    }
    scan.finish()
}
