//! Files of JSON lines: how they are read, and how progress and failures are told.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Write as _},
    iter,
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::harmless_line;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Where progress and failures are told.
pub enum Report {
    /// Nowhere.
    Quiet,
    /// On stderr, beside a progress bar where it is a terminal.
    Shown(ProgressBar),
}

impl Report {
    pub(crate) fn shown() -> Result<Self> {
        let style = ProgressStyle::with_template("{spinner} {pos} lines, {per_sec}, {elapsed}")?;
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_style(style);
        bar.enable_steady_tick(Duration::from_millis(200));
        Ok(Self::Shown(bar))
    }

    pub(crate) fn advance(&self) {
        if let Self::Shown(bar) = self {
            bar.inc(1);
        }
    }

    pub(crate) fn failed(&self, line: usize, message: &str) {
        if let Self::Shown(bar) = self {
            let message = harmless_line(message);
            bar.suspend(|| drop(writeln!(io::stderr(), "line {line}: {message}")));
        }
    }

    pub(crate) fn finish(self) {
        if let Self::Shown(bar) = self {
            bar.finish_and_clear();
        }
    }
}

/// The lines of a file; `-` is standard input.
pub(crate) fn open(file: &Path) -> Result<impl Iterator<Item = io::Result<Vec<u8>>> + use<>> {
    let opened: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let opened = File::open(file).with_context(|| format!("Cannot open {}", file.display()))?;
        Box::new(BufReader::new(opened))
    };
    Ok(opened.split(b'\n'))
}

/// The lines that are not blank, by their numbers. Where they cannot be read on, the last one says why.
pub(crate) fn numbered(
    lines: impl Iterator<Item = io::Result<Vec<u8>>>,
) -> impl Iterator<Item = (usize, Result<Vec<u8>, String>)> {
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
        let lines: Vec<(usize, Result<Vec<u8>, String>)> = numbered(lines.into_iter()).collect();
        let expected = [
            (1, Ok(b"{}".to_vec())),
            (4, Ok(b"[]".to_vec())),
            (5, Err("the file cannot be read on: no disk".to_owned())),
        ];
        assert_eq!(lines, expected);
    }
}
