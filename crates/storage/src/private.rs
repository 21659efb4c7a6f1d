//! Files and folders for the server's own user alone: 0600 and 0700 whatever the umask says, and also where something
//! else made them first.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
};

/// Makes a folder with those above it, private where they are new. One that exists stays as it is.
///
/// # Errors
/// The disk says no.
pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Makes a folder that is to be the server's own, or closes one that exists to everyone else. A shared folder such as
/// `/tmp` is never closed.
///
/// # Errors
/// The disk says no.
pub fn own_folder(path: &Path) -> io::Result<()> {
    folder(path)?;
    if !close(path, 0o700)? {
        tracing::warn!(folder = %path.display(), "others on this machine can list this folder, and it can't be closed");
    }
    Ok(())
}

/// Opens a file to write it from its beginning.
///
/// # Errors
/// The disk says no.
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    open(path, &mut options)
}

/// Makes a file where there is none, and closes one that exists to everyone else.
///
/// # Errors
/// The file can't be opened or made.
pub fn keep(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    open(path, &mut options)
}

fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    let file = options.open(path)?;
    close(path, 0o600)?;
    Ok(file)
}

/// Takes a file's or folder's rights from everyone but its owner. Says whether nobody else has any now: what belongs
/// to another user can't be closed, and what is shared by intent (`/tmp`) isn't.
///
/// # Errors
/// It isn't there.
pub fn close(path: &Path, mode: u32) -> io::Result<bool> {
    let found = mode_of(path)?;
    Ok(found & OTHERS == 0 || (found & STICKY == 0 && set_mode(path, mode).is_ok()))
}

/// Whether others than its owner may do something with it.
pub fn is_open(path: &Path) -> bool {
    mode_of(path).is_ok_and(|mode| mode & OTHERS != 0)
}

const OTHERS: u32 = 0o077;
const STICKY: u32 = 0o1000;

#[cfg(unix)]
fn mode_of(path: &Path) -> io::Result<u32> {
    Ok(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path)?.permissions()))
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
}

/// Elsewhere than on Unix there are no such modes.
#[cfg(not(unix))]
fn mode_of(path: &Path) -> io::Result<u32> {
    fs::metadata(path).map(|_| 0)
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
