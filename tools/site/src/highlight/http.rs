//! Colours of an HTTP message as `curl -i` prints it: the status line, the headers, a body of JSON.

use super::{
    Kind, Span, json,
    scan::{Scan, length},
};

pub(super) fn spans(text: &str) -> Vec<Span<'_>> {
    let mut scan = Scan::new(text);
    while let Some(next) = scan.next() {
        let rest = scan.rest();
        let line = length(rest, |c| c != '\n');
        if next == '{' {
            scan.take(json::spans(rest));
            continue;
        }
        if rest.starts_with("HTTP/") {
            scan.mark(Kind::Word, line);
        } else {
            let name = length(rest, |c| c.is_ascii_alphanumeric() || c == '-');
            if name > 0 && rest[name..].starts_with(':') {
                scan.mark(Kind::Key, name);
                scan.skip_bytes(line - name);
            } else {
                scan.skip_bytes(line);
            }
        }
        scan.skip();
    }
    scan.finish()
}
