//! A file of JSON lines, or standard input, and its lines by their numbers.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    iter,
    path::Path,
};

use anyhow::{Context as _, Result, bail};

use super::kind::{self, BYTE_ORDER_MARK};

/// A line by its number, or why the lines cannot be read on.
pub(crate) type Numbered = (usize, Result<Vec<u8>, String>);

/// A file, and its beginning; `-` is standard input.
pub(crate) struct Source {
    pub(super) name: String,
    pub(super) start: Vec<u8>,
    pub(super) rest: Box<dyn BufRead>,
}

impl Source {
    pub(crate) fn open(file: &Path) -> Result<Self> {
        let is_stdin = file == Path::new("-");
        let name = if is_stdin { "Standard input".to_owned() } else { file.display().to_string() };
        let mut rest: Box<dyn BufRead> = if is_stdin {
            Box::new(BufReader::new(io::stdin()))
        } else {
            Box::new(BufReader::new(File::open(file).with_context(|| format!("Cannot open {name}"))?))
        };
        // The first bytes show the kind; more is not waited for, since a pipe may be fed line by line.
        let start = rest.fill_buf().with_context(|| format!("Cannot read {name}"))?.to_vec();
        rest.consume(start.len());
        Ok(Self { name, start, rest })
    }

    /// The lines of the file, each of which is to be what `wanted` says.
    ///
    /// # Errors
    /// Where the file is of another kind, and of which.
    pub(crate) fn lines(self, wanted: &str) -> Result<impl Iterator<Item = Numbered> + use<>> {
        if let Some((kind, way_out)) = kind::of(&self.start) {
            let said = format!(
                "{} seems to be {kind}. Wanted are JSON lines in UTF-8: {wanted}. {way_out}",
                self.name
            );
            bail!("{}", said.trim_end());
        }
        Ok(numbered(io::Cursor::new(self.start).chain(self.rest).split(b'\n')))
    }
}

/// The lines that are not blank, by their numbers. Where they cannot be read on, the last one says why.
pub(crate) fn numbered(lines: impl Iterator<Item = io::Result<Vec<u8>>>) -> impl Iterator<Item = Numbered> {
    let mut lines = (1..).zip(lines);
    let mut is_over = false;
    iter::from_fn(move || {
        while !is_over {
            let (at, line) = lines.next()?;
            match line {
                Ok(line) => {
                    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&line).trim_ascii();
                    if !line.is_empty() {
                        return Some((at, Ok(line.to_owned())));
                    }
                }
                Err(error) => {
                    is_over = true;
                    return Some((at, Err(format!("the file cannot be read on: {error}"))));
                }
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers_and_end_where_they_cannot_be_read_on() {
        let broken = || Err(io::Error::other("no disk"));
        let read = |text: &str| Ok(text.as_bytes().to_owned());
        let lines = [read("\u{feff}{}\r"), read(" \t\r"), read("\u{feff}"), read("[]"), broken(), read("{}")];
        let lines: Vec<Numbered> = numbered(lines.into_iter()).collect();
        let expected = [
            (1, Ok(b"{}".to_vec())),
            (4, Ok(b"[]".to_vec())),
            (5, Err("the file cannot be read on: no disk".to_owned())),
        ];
        assert_eq!(lines, expected);
    }
}
