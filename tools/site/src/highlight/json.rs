//! Colours of JSON, also where `…` stands for what was cut.

use super::{
    Kind, Span,
    scan::{Scan, length, quoted},
};

pub(super) fn spans(text: &str) -> Vec<Span<'_>> {
    let mut scan = Scan::new(text);
    while let Some(next) = scan.next() {
        let rest = scan.rest();
        match next {
            '"' => {
                let bytes = quoted(rest, '"');
                let is_key = rest[bytes..].trim_start().starts_with(':');
                scan.mark(if is_key { Kind::Key } else { Kind::Text }, bytes);
            }
            '-' | '0'..='9' => {
                scan.mark(Kind::Number, length(rest, |c| c.is_ascii_digit() || "+-.eE".contains(c)));
            }
            'a'..='z' => scan.mark(Kind::Word, length(rest, |c| c.is_ascii_lowercase())),
            _ => scan.skip(),
        }
    }
    scan.finish()
}
