//! Files with customers' data, which no other user may read, and for which no link is followed.

use std::{
    fs::{self, File, OpenOptions},
    io::{Error, ErrorKind, Result},
    path::Path,
};

#[cfg(unix)]
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown,
};

/// Opens a file for reading and writing, and creates it where it is missing; returns whether it was there.
///
/// # Errors
/// Where something else is there: a link, a pipe, a file with a second name.
pub fn open(path: &Path) -> Result<(File, bool)> {
    match create(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok((existing(path)?, true)),
        created => Ok((created?, false)),
    }
}

/// Creates a file that is missing.
pub fn create(path: &Path) -> Result<File> {
    options().read(true).create_new(true).open(path)
}

/// Opens a file that exists. It is looked at when it is open, so that nothing can be put in its place
/// meanwhile.
pub fn existing(path: &Path) -> Result<File> {
    let mut options = options();
    #[cfg(unix)]
    // Opening a pipe without a reader would block.
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let file = options.read(true).open(path).map_err(|error| match is_link(&error) {
        true => Error::other("a symbolic link is there, which is not followed: remove it"),
        false => error,
    })?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || has_other_names(&metadata) {
        return Err(Error::other("what is there is no file, or has other names: remove it"));
    }
    restrict(&file)?;
    Ok(file)
}

/// Creates a file that a library opens by itself, or restricts the one that is there.
pub fn prepare(path: &Path) -> Result<()> {
    restrict(&options().create(true).truncate(false).open(path)?)
}

/// Creates a directory, and those above it that are missing. One that is there stays as it is.
pub fn create_directory(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    builder.mode(0o700);
    builder.recursive(true).create(path)
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    options.mode(0o600);
    options
}

#[cfg(unix)]
fn restrict(file: &File) -> Result<()> {
    file.set_permissions(fs::Permissions::from_mode(0o600))
}

#[cfg(unix)]
fn is_link(error: &Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

#[cfg(unix)]
fn has_other_names(metadata: &fs::Metadata) -> bool {
    metadata.nlink() != 1
}

/// Gives a file the mode and the owner of the one that it replaces, if that is there. Where the owner cannot be kept,
/// nobody but the new one gets anything: the group's rights were another group's.
#[cfg(unix)]
pub fn liken(file: &File, replaced: &Path) -> Result<()> {
    let old = match fs::symlink_metadata(replaced) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        old => old?,
    };
    let new = file.metadata()?;
    let is_kept = (old.uid(), old.gid()) == (new.uid(), new.gid())
        || fchown(file, Some(old.uid()), Some(old.gid())).is_ok();
    let mode = old.mode() & if is_kept { 0o777 } else { 0o700 };
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_: &File) -> Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn is_link(_: &Error) -> bool {
    false
}

#[cfg(not(unix))]
fn has_other_names(_: &fs::Metadata) -> bool {
    false
}

/// Does nothing: on this system the directory says who may read a file.
#[cfg(not(unix))]
pub fn liken(_: &File, _: &Path) -> Result<()> {
    Ok(())
}
