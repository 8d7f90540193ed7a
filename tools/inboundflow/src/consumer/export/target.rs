//! Where an export goes: to standard output, through a pipe or device, or to a file.

use std::{
    fs::{self, File, Metadata},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};

/// The most links that are followed, as many as Linux follows.
const MAX_LINKS: usize = 40;

/// What stands at the place that was named.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Standard output, by whatever name.
    Stdout,
    /// A named pipe, or a device such as `/dev/null`: records are written as they come, and nothing is replaced.
    Stream,
    /// A file, or nothing yet: at this path, to which links have been followed.
    File(PathBuf),
}

impl Target {
    pub(super) fn of(to: &Path) -> Result<Self> {
        if to == Path::new("-") {
            return Ok(Self::Stdout);
        }
        let shown = to.display();
        match fs::metadata(to) {
            Ok(found) if found.is_dir() => bail!("{shown} is a directory: name a file in it."),
            Ok(found) if is_stdout(&found) => Ok(Self::Stdout),
            Ok(found) if is_stream(&found) => Ok(Self::Stream),
            Ok(found) => {
                ensure!(found.is_file(), "{shown} is neither a file nor a pipe: name another one.");
                Ok(Self::File(followed(to)))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::File(followed(to))),
            Err(error) => Err(error).with_context(|| format!("Cannot write {shown}")),
        }
    }
}

/// Opens a pipe or a device; a pipe waits for whoever reads it. What has come to its place meanwhile is left alone.
pub(super) fn open_stream(to: &Path) -> Result<File> {
    let shown = to.display();
    let file = File::options().write(true).open(to).with_context(|| format!("Cannot write {shown}"))?;
    ensure!(is_stream(&file.metadata()?), "{shown} is no pipe any more: try again.");
    Ok(file)
}

/// Refuses to replace what is there, unless it is a file and `force` says so.
pub(super) fn refuse_what_is_there(to: &Path, file: &Path, force: bool) -> Result<()> {
    let shown = to.display();
    ensure!(
        // A link to nowhere is there, too.
        force || !(file.exists() || to.is_symlink()),
        "{shown} is there already: name another file, or replace it with --force."
    );
    let is_file = fs::symlink_metadata(file).map_or(true, |found| found.is_file());
    ensure!(is_file, "{shown} has become something else than a file: name another one.");
    Ok(())
}

/// The end of a chain of links, whether or not something is there.
fn followed(to: &Path) -> PathBuf {
    let mut path = to.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(target) = fs::read_link(&path) else { break };
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    path
}

#[cfg(unix)]
fn is_stream(found: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    found.file_type().is_fifo() || found.file_type().is_char_device()
}

#[cfg(unix)]
fn is_stdout(found: &Metadata) -> bool {
    use std::os::{fd::AsFd as _, unix::fs::MetadataExt as _};
    let stdout = io::stdout().as_fd().try_clone_to_owned().and_then(|stdout| File::from(stdout).metadata());
    stdout.is_ok_and(|stdout| (stdout.dev(), stdout.ino()) == (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn is_stream(_: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn is_stdout(_: &Metadata) -> bool {
    false
}
