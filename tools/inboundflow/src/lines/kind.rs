//! The kind of a file that is no file of JSON lines, guessed from its beginning.

/// The byte order mark, which text in UTF-8 may begin with.
pub(super) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The kind of a JSON array, which `import --resource` reads.
pub(super) const ARRAY: &str = "a JSON array";
const UNPACK: &str = "Unpack it first.";
const RECODE: &str = "Save it in UTF-8.";
const BY_LINE: &str = "Put each object on a line of its own, for example with: jq -c";

/// The beginnings of files that are no text.
const MAGIC: [(&[u8], &str, &str); 9] = [
    (b"\x1f\x8b", "a gzip file", UNPACK),
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd file", UNPACK),
    (b"\xfd7zXZ\x00", "an xz file", UNPACK),
    (b"BZh", "a bzip2 file", UNPACK),
    (b"\xff\xfe\x00\x00", "text in UTF-32", RECODE),
    (b"\x00\x00\xfe\xff", "text in UTF-32", RECODE),
    (b"\xff\xfe", "text in UTF-16", RECODE),
    (b"\xfe\xff", "text in UTF-16", RECODE),
];

/// The kind that a file seems to be, and what to do about it; none where it may have JSON lines, however
/// wrong they are.
pub(super) fn of(start: &[u8]) -> Option<(&'static str, String)> {
    let magic = MAGIC.iter().find(|(magic, ..)| start.starts_with(magic));
    if let Some((_, kind, way_out)) = magic {
        return Some((kind, (*way_out).to_owned()));
    }
    let start = start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start).trim_ascii_start();
    let line = start.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    match line {
        [b'{', 0, ..] | [0, b'{', ..] => Some(("text in UTF-16", RECODE.to_owned())),
        [b'[', ..] => Some((ARRAY, format!("{BY_LINE} '.[]'"))),
        [b'{'] => Some(("JSON over several lines", format!("{BY_LINE} ."))),
        [b'{', ..] if line.starts_with(b"{\"data\":") => {
            Some(("an answer of the API", format!("{BY_LINE} '.data[]'")))
        }
        _ if !is_text(line) => Some(("a binary file", String::new())),
        [b'{', ..] => None,
        _ if line.iter().any(|byte| b",;\t".contains(byte)) => {
            Some(("CSV", "`inboundflow export` writes JSON lines too: --format jsonl.".to_owned()))
        }
        _ => None,
    }
}

/// Whether a line is text, of which a character may be cut off at the end of what was looked at.
fn is_text(line: &[u8]) -> bool {
    let is_utf8 = str::from_utf8(line).map_or_else(|error| error.error_len().is_none(), |_| true);
    is_utf8 && !line.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_another_kind_is_told_by_its_beginning() {
        let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        for (start, kind) in [
            (&b"\x1f\x8b\x08\x00"[..], "a gzip file"),
            (b"PK\x03\x04x", "a ZIP archive or a spreadsheet"),
            (&utf16("\u{feff}{\"resource\": 1}"), "text in UTF-16"),
            (&utf16("{\"resource\": 1}"), "text in UTF-16"),
            (b"\x7fELF\x02\x01\x01\x00", "a binary file"),
            (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a binary file"),
            (b"[", "a JSON array"),
            (b" \n[\n  {\"id\": 1}", "a JSON array"),
            (b"\xef\xbb\xbf[{\"id\": 1}]", "a JSON array"),
            (b"{\n  \"id\": 1\n}", "JSON over several lines"),
            (b"{\"data\":[{\"id\":1}]}", "an answer of the API"),
            (b"id,phone\r\n1,+14155551234", "CSV"),
            (b"\xef\xbb\xbfid;phone", "CSV"),
            (b"\"id\"\t\"phone\"", "CSV"),
        ] {
            let found = of(start).map(|(kind, _)| kind);
            assert_eq!(found, Some(kind), "{:?}", String::from_utf8_lossy(start));
        }
    }

    #[test]
    fn what_may_be_json_lines_is_read() {
        let cut = format!("{{\"name\":\"{}", "é".repeat(3000));
        for start in [
            "",
            "\n\n",
            "{}",
            "{\"resource\": \"calls\"}\n\u{0}",
            "\u{feff}{\"version\": 1}",
            "not json",
            "{ \"id\": 1,",
            &cut[..4095],
        ] {
            assert_eq!(of(start.as_bytes()), None, "{start}");
        }
        assert_eq!(of(&cut.as_bytes()[..4096]), None);
    }
}
