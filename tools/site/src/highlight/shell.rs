//! Colours of commands for a POSIX shell.

use super::{
    Kind, Span,
    scan::{Scan, length},
};

pub(super) fn spans(text: &str) -> Vec<Span<'_>> {
    let mut scan = Scan::new(text);
    // Whether the next word is a command's name.
    let mut command = true;
    while let Some(next) = scan.next() {
        let rest = scan.rest();
        let begins = scan.previous().is_none_or(|before| before.is_whitespace() || "(|;&".contains(before));
        match next {
            '#' if begins => scan.mark(Kind::Comment, length(rest, |c| c != '\n')),
            '\'' => scan.mark(Kind::Text, rest[1..].find('\'').map_or(rest.len(), |end| end + 2)),
            '"' => double_quoted(&mut scan),
            '$' if variable(rest) > 1 => scan.mark(Kind::Variable, variable(rest)),
            '-' if begins => scan.mark(Kind::Option, length(rest, |c| c.is_ascii_alphanumeric() || c == '-')),
            '\\' => {
                scan.skip();
                scan.skip();
            }
            '\n' | '|' | ';' | '&' | '(' => {
                command = true;
                scan.skip();
            }
            _ if next.is_whitespace() => scan.skip(),
            _ => {
                let word = length(rest, |c| c.is_alphanumeric() || "_-./".contains(c)).max(next.len_utf8());
                let assigns = rest[word..].starts_with('=');
                if command && begins && !assigns {
                    scan.mark(Kind::Command, word);
                } else {
                    scan.skip_bytes(word);
                }
                command = command && assigns;
            }
        }
    }
    scan.finish()
}

/// A text in double quotes, with the variables in it.
fn double_quoted(scan: &mut Scan<'_>) {
    let mut bytes = 1;
    loop {
        let after = &scan.rest()[bytes..];
        match after.chars().next() {
            None => break,
            Some('"') => {
                bytes += 1;
                break;
            }
            Some('\\') => bytes += 1 + after[1..].chars().next().map_or(0, char::len_utf8),
            Some('$') if variable(after) > 1 => {
                let variable = variable(after);
                scan.mark(Kind::Text, bytes);
                scan.mark(Kind::Variable, variable);
                bytes = 0;
            }
            Some(other) => bytes += other.len_utf8(),
        }
    }
    if bytes > 0 {
        scan.mark(Kind::Text, bytes);
    }
}

/// How long the variable is that begins here, its dollar counted: 1 where none does.
fn variable(text: &str) -> usize {
    let after = &text[1..];
    if after.starts_with('{') {
        return after.find('}').map_or(1, |end| end + 2);
    }
    1 + length(after, |c| c.is_ascii_alphanumeric() || c == '_')
}
