//! Bytes beside the database: a folder with one file per id, whole or absent, never changed.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Result},
    id::FileId,
};

/// A folder of files.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    /// The store in a folder, which is made when it is first needed.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where the bytes of an id lie. Spread over folders by the id's last letters, which are random.
    pub fn path(&self, id: FileId) -> PathBuf {
        let name = id.to_string();
        self.folder.join(&name[name.len() - 2..]).join(name)
    }

    /// Keeps bytes under an id, on the disk for good when this returns.
    ///
    /// # Errors
    /// The disk is full or can't be written; nothing is left behind.
    pub async fn put(&self, id: FileId, bytes: Vec<u8>) -> Result<()> {
        let path = self.path(id);
        let written =
            tokio::task::spawn_blocking(move || write(&path, &bytes)).await.map_err(Error::internal)?;
        written.map_err(|error| {
            Error::unavailable(
                "The file could not be saved: the server's disk is full or not writable.",
                error,
            )
        })
    }

    /// The bytes of an id.
    ///
    /// # Errors
    /// They are gone from the disk.
    pub async fn get(&self, id: FileId) -> Result<Vec<u8>> {
        tokio::fs::read(self.path(id)).await.map_err(|error| {
            Error::unavailable("The file's content can't be read on the server at present.", error)
        })
    }

    /// Removes the bytes of an id; absent ones are fine.
    pub async fn remove(&self, id: FileId) {
        if let Err(error) = tokio::fs::remove_file(self.path(id)).await {
            tracing::debug!(%error, file = %id, "no bytes to remove");
        }
    }
}

/// Writes a private file (mode 0600) that is whole or absent, and on the disk when this returns.
///
/// # Errors
/// The disk says no; nothing is left behind.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)?;
    let temporary = path.with_extension("tmp");
    let whole = || {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        fs::File::open(folder)?.sync_all()
    };
    whole().inspect_err(|_| {
        let _ = fs::remove_file(&temporary);
    })
}
