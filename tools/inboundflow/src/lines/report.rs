//! The display of the progress of a file's lines, and of those that failed.

use std::{
    io::{self, Write as _},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::Result;
use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::harmless_line;

/// How many failures are shown: a file that is something else altogether fails in every line.
const MAX_SHOWN: usize = 20;

/// The place where progress and failures are shown.
pub enum Report {
    /// Progress and failures are shown nowhere.
    Quiet,
    /// Progress and failures are shown on stderr, with a progress bar where it is a terminal.
    Shown {
        /// The progress bar.
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

    /// Says why nothing was done with this line and with those after it.
    pub(crate) fn stopped(&self, line: usize, why: &str) {
        self.failed(line, &format!("{}; the rest was left alone", why.trim_end_matches('.')));
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
            // A closed stderr is no reason to stop.
            let _ = writeln!(io::stderr(), "… and {} more", HumanCount(more as u64));
        }
    }
}
