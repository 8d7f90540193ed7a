//! The elements of a JSON array of records, with the numbers of the lines on which they begin.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use serde_json::value::RawValue;

use super::{
    kind::{self, BYTE_ORDER_MARK},
    source::{Numbered, Source},
};

impl Source {
    /// Whether a file is a JSON array.
    pub(crate) fn is_array(&self) -> bool {
        kind::of(&self.start).is_some_and(|(kind, _)| kind == kind::ARRAY)
    }
}

/// The elements of the array that a file is. It is read whole.
pub(crate) fn elements(source: Source) -> Result<impl Iterator<Item = Numbered>> {
    let Source { name, start: mut text, mut rest } = source;
    rest.read_to_end(&mut text).with_context(|| format!("Cannot read {name}"))?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
    let elements: Vec<&RawValue> = serde_json::from_slice(text)
        .with_context(|| format!("{name} begins as a JSON array, and is none"))?;
    let (mut line, mut seen) = (1, 0);
    let elements = elements.into_iter().map(|element| {
        let element = element.get().as_bytes();
        let begin = element.as_ptr().addr() - text.as_ptr().addr();
        line += text[seen..begin].iter().filter(|byte| **byte == b'\n').count();
        seen = begin;
        (line, Ok(element.to_owned()))
    });
    Ok(elements.collect::<Vec<_>>().into_iter())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn elements_have_the_numbers_of_the_lines_on_which_they_begin() {
        let source = |text: &str| Source {
            name: "x".to_owned(),
            start: text.as_bytes()[..text.len() / 2].to_owned(),
            rest: Box::new(Cursor::new(text.as_bytes()[text.len() / 2..].to_owned())),
        };
        let read: Vec<Numbered> = elements(source("\u{feff}[\n  {\n    \"a\": 1\n  },\n  2, 3,\n\n4]\n"))
            .expect("an array")
            .collect();
        let expected = [(2, "{\n    \"a\": 1\n  }"), (5, "2"), (5, "3"), (7, "4")];
        assert_eq!(read, expected.map(|(line, text)| (line, Ok(text.as_bytes().to_owned()))));
        assert_eq!(elements(source("[]")).expect("an array").count(), 0);
        assert!(elements(source("[1, 2")).is_err_and(|error| error.to_string().contains("and is none")));
    }
}
