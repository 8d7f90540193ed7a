//! The unfinished file of an export, and the state beside it by which the export is resumed.
//!
//! Data are written first, then the state that counts them. So the state never counts more than there is, and data that
//! it does not count are cut off when the export is resumed.

use std::{
    fs::{self, File, TryLockError},
    io::{self, ErrorKind, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use super::state::State;
use local::private;

/// A part of an export, which no other process works on.
pub(super) struct Part {
    whole: PathBuf,
    path: PathBuf,
    state_path: PathBuf,
    data: File,
    state: State,
}

impl Part {
    /// Goes on with what is there of `whole`, where it was begun as `fresh` says, or begins.
    pub(super) fn open(whole: &Path, fresh: State, restart: bool) -> Result<Self> {
        let (path, state_path) = (beside(whole, ".part"), beside(whole, ".part.json"));
        let (data, was_there) =
            private::open(&path).with_context(|| format!("Cannot write {}", path.display()))?;
        if let Err(TryLockError::WouldBlock) = data.try_lock() {
            bail!("Another export is writing {}: let it end.", path.display());
        }
        let mut part = Self { whole: whole.to_owned(), path, state_path, data, state: fresh };
        match part.earlier(was_there)? {
            Some(earlier) if !restart => part.go_on(earlier)?,
            _ if restart || part.len()? == 0 => part.begin()?,
            _ => bail!("{} is there, but not how far it is: begin anew with --restart.", part.path.display()),
        }
        Ok(part)
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// Adds text, and then `advance`s the state.
    pub(super) fn append(&mut self, text: &str, advance: impl FnOnce(&mut State)) -> Result<()> {
        let written = self.data.write_all(text.as_bytes()).and_then(|()| self.data.sync_data());
        written.with_context(|| format!("Cannot write {}", self.path.display()))?;
        self.state.bytes += text.len() as u64;
        advance(&mut self.state);
        self.save()
    }

    /// Gives the file its own name; how many records it has.
    pub(super) fn finish(self) -> Result<u64> {
        let Self { whole, path, state_path, data, state } = self;
        private::liken(&data, &whole).with_context(|| format!("Cannot write {}", path.display()))?;
        // Where files that are open cannot be renamed.
        drop(data);
        fs::rename(&path, &whole)
            .with_context(|| format!("Cannot rename {} to {}", path.display(), whole.display()))?;
        fs::remove_file(&state_path).with_context(|| format!("Cannot remove {}", state_path.display()))?;
        Ok(state.records)
    }

    /// Says where one can go on from after this error; where there is nothing, nothing is left there.
    pub(super) fn leave(self, error: anyhow::Error) -> anyhow::Error {
        let Self { path, state_path, state, .. } = self;
        if state.bytes == 0 {
            // What stays there all the same does not stand in the way of the next time.
            let _ = fs::remove_file(state_path).and_then(|()| fs::remove_file(path));
            return error;
        }
        let (records, path) = (state.records, path.display());
        anyhow!("{error:#}\n{records} records are in {path}: the same command goes on from there.")
    }

    /// The state of the export before, if there is any to go on with.
    fn earlier(&self, was_there: bool) -> Result<Option<State>> {
        let text = match private::existing(&self.state_path).and_then(io::read_to_string) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            text => text.with_context(|| format!("Cannot read {}", self.state_path.display()))?,
        };
        // It ended between its last two steps: the data have their own name already.
        let is_left_over = |state: &State| state.is_whole && !was_there;
        let state = State::parse(&text);
        Ok(state.filter(|state| !is_left_over(state)))
    }

    fn go_on(&mut self, earlier: State) -> Result<()> {
        let differences = earlier.begun.differences(&self.state.begun);
        ensure!(
            differences.is_empty(),
            "{} was begun otherwise: {}. Ask as you did then to go on, or begin anew with --restart.",
            self.path.display(),
            differences.join(", ")
        );
        ensure!(
            self.len()? >= earlier.bytes,
            "{} is shorter than it was: begin anew with --restart.",
            self.path.display()
        );
        self.state = earlier;
        self.cut_off()
    }

    fn begin(&mut self) -> Result<()> {
        self.cut_off()?;
        self.save()
    }

    fn cut_off(&mut self) -> Result<()> {
        let end = self.state.bytes;
        let cut = self.data.set_len(end).and_then(|()| self.data.seek(SeekFrom::Start(end)));
        cut.map(drop).with_context(|| format!("Cannot write {}", self.path.display()))
    }

    /// Replaces the state in one step: half a state would be none.
    fn save(&self) -> Result<()> {
        let next = beside(&self.state_path, ".new");
        let text = serde_json::to_string_pretty(&self.state)? + "\n";
        // One that is there was left by whatever ended the command, or put there by somebody else.
        let written = fs::remove_file(&next).or_else(|error| match error.kind() {
            ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        });
        let written = written.and_then(|()| {
            let mut file = private::create(&next)?;
            file.write_all(text.as_bytes())?;
            file.sync_data()
        });
        let saved = written.and_then(|()| fs::rename(&next, &self.state_path));
        saved.with_context(|| format!("Cannot write {}", self.state_path.display()))
    }

    fn len(&self) -> Result<u64> {
        let metadata = self.data.metadata();
        Ok(metadata.map_err(|error| anyhow!("Cannot read {}: {error}", self.path.display()))?.len())
    }
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
