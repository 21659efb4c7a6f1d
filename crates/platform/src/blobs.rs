//! Bytes beside the database: a folder with one file per id, whole or absent, never changed.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use kernel::{
    error::{Error, Result},
    id::FileId,
    text,
};
use sha2::{Digest, Sha256};
use storage::Hash;

/// The kinds of files that can be attached: pictures and PDF, told by their first bytes, never by their
/// name; each with the ending that its name gets.
const KINDS: [(&str, &str); 5] = [
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("application/pdf", "pdf"),
];

/// The row of a file whose bytes are on the disk.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Its id, under which its bytes lie.
    pub id: FileId,
    /// Its name, with the ending that fits its kind.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its size in bytes.
    pub size: i64,
    /// The SHA-256 of its content.
    pub digest: Hash,
}

impl NewFile {
    /// What there is to say of these bytes. The kind is told by them, never by the name.
    ///
    /// # Errors
    /// They are of a kind that can't be attached.
    pub fn of(id: FileId, name: &str, bytes: &[u8]) -> Result<Self> {
        let kind = kind(bytes)?.to_owned();
        Ok(Self {
            id,
            name: file_name(name, &kind),
            kind,
            size: i64::try_from(bytes.len()).map_err(Error::internal)?,
            digest: Hash(Sha256::digest(bytes).into()),
        })
    }
}

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

/// The kind of a file, by its first bytes.
fn kind(bytes: &[u8]) -> Result<&'static str> {
    let found = infer::get(bytes).map(|kind| kind.mime_type());
    let known = KINDS.iter().find(|(kind, _)| Some(*kind) == found);
    known.map(|(kind, _)| *kind).ok_or_else(|| {
        Error::field(
            "file",
            "Pictures (JPEG, PNG, GIF, WebP) and PDF can be attached. This file is something else.",
        )
    })
}

/// The file's name on one line, with the ending that fits its kind.
fn file_name(name: &str, kind: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = text::optional_line(name).ok().flatten().unwrap_or_else(|| "file".to_owned());
    let ending = KINDS.iter().find(|(known, _)| *known == kind).map_or("bin", |(_, ending)| *ending);
    let folded = text::fold(&name);
    let fits = folded.ends_with(&format!(".{ending}")) || (ending == "jpg" && folded.ends_with(".jpeg"));
    if fits { name } else { format!("{name}.{ending}") }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_bytes_and_never_by_name() {
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n0000").unwrap(), "image/png");
        assert_eq!(kind(b"%PDF-1.7\n").unwrap(), "application/pdf");
        for bad in
            [&b"MZ\x90\x00"[..], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"", b"PK\x03\x04"]
        {
            assert!(kind(bad).is_err());
        }
    }

    #[test]
    fn file_names_lose_their_folders_and_gain_their_ending() {
        assert_eq!(file_name("C:\\x\\scan.PDF", "application/pdf"), "scan.PDF");
        assert_eq!(file_name("../../etc/passwd", "image/png"), "passwd.png");
        assert_eq!(file_name("", "image/jpeg"), "file.jpg");
        assert_eq!(file_name("photo.jpeg", "image/jpeg"), "photo.jpeg");
    }
}
