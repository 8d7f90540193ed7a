//! Files of JSON lines: how they are read, and how progress and failures are told.

mod array;
mod kind;

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _, Write as _},
    iter,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

pub(crate) use array::elements;

use crate::output::harmless_line;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// How many failures are shown: a file that is something else altogether fails in every line.
const MAX_SHOWN: usize = 20;

/// A line by its number, or why the lines cannot be read on.
pub(crate) type Numbered = (usize, Result<Vec<u8>, String>);

/// Where progress and failures are told.
pub enum Report {
    /// Nowhere.
    Quiet,
    /// On stderr, beside a progress bar where it is a terminal.
    Shown {
        /// The bar.
        bar: ProgressBar,
        /// How many failures there were.
        failed: AtomicUsize,
    },
}

impl Report {
    pub(crate) fn shown() -> Result<Self> {
        let style = ProgressStyle::with_template("{spinner} {pos} lines, {per_sec}, {elapsed}")?;
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style);
        bar.enable_steady_tick(Duration::from_millis(200));
        Ok(Self::Shown { bar, failed: AtomicUsize::new(0) })
    }

    pub(crate) fn advance(&self) {
        if let Self::Shown { bar, .. } = self {
            bar.inc(1);
        }
    }

    pub(crate) fn failed(&self, line: usize, message: &str) {
        if let Self::Shown { bar, failed } = self
            && failed.fetch_add(1, Ordering::Relaxed) < MAX_SHOWN
        {
            let message = harmless_line(message);
            bar.suspend(|| drop(writeln!(io::stderr(), "line {line}: {message}")));
        }
    }

    pub(crate) fn finish(self) {
        let Self::Shown { bar, failed } = self else { return };
        bar.finish_and_clear();
        let more = failed.into_inner().saturating_sub(MAX_SHOWN);
        if more > 0 {
            // Where nobody can read it, there is nobody to tell.
            let _ = writeln!(io::stderr(), "… and {} more", HumanCount(more as u64));
        }
    }
}

/// A file, and how it begins; `-` is standard input.
pub(crate) struct Source {
    name: String,
    start: Vec<u8>,
    rest: Box<dyn BufRead>,
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
        // What is there by now tells the kind: whoever feeds it line by line is not waited for.
        let start = rest.fill_buf().with_context(|| format!("Cannot read {name}"))?.to_vec();
        rest.consume(start.len());
        Ok(Self { name, start, rest })
    }

    /// Its lines, of which each is to be `wanted`.
    ///
    /// # Errors
    /// Where it is a file of another kind, and of which.
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
