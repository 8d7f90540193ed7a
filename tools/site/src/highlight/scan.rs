//! A scanner of text: what is passed over is plain, what is marked becomes a span.

use super::{Kind, Span};

/// A place in a text, and the spans before it.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
    plain_from: usize,
    spans: Vec<Span<'a>>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, plain_from: 0, spans: Vec::new() }
    }

    /// The rest of the text.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The next character.
    pub(super) fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The character that was passed last.
    pub(super) fn previous(&self) -> Option<char> {
        self.text[..self.at].chars().next_back()
    }

    /// Passes one character over.
    pub(super) fn skip(&mut self) {
        self.at += self.next().map_or(0, char::len_utf8);
    }

    /// Passes over so many bytes.
    pub(super) fn skip_bytes(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Marks the next bytes, if any.
    pub(super) fn mark(&mut self, kind: Kind, bytes: usize) {
        if bytes == 0 {
            return;
        }
        self.flush();
        self.spans.push(Span { kind, text: &self.text[self.at..self.at + bytes] });
        self.at += bytes;
        self.plain_from = self.at;
    }

    /// Adds spans that something else made of the next bytes.
    pub(super) fn take(&mut self, spans: Vec<Span<'a>>) {
        self.flush();
        self.at += spans.iter().map(|span| span.text.len()).sum::<usize>();
        self.plain_from = self.at;
        self.spans.extend(spans);
    }

    pub(super) fn finish(mut self) -> Vec<Span<'a>> {
        self.flush();
        self.spans
    }

    fn flush(&mut self) {
        if self.plain_from < self.at {
            self.spans.push(Span { kind: Kind::Plain, text: &self.text[self.plain_from..self.at] });
            self.plain_from = self.at;
        }
    }
}

/// How many bytes at the beginning are of characters that `belongs` takes.
pub(super) fn length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character)).unwrap_or(text.len())
}

/// How long a quoted text is that begins here, its quotes counted; a backslash hides what follows it.
/// Without a closing quote it ends with the line.
pub(super) fn quoted(text: &str, quote: char) -> usize {
    let mut hidden = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '\n' => return at,
            _ if hidden => hidden = false,
            '\\' => hidden = true,
            _ if character == quote => return at + character.len_utf8(),
            _ => {}
        }
    }
    text.len()
}
