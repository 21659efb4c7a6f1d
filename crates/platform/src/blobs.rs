//! Bytes beside the database: a folder with one file per id, whole or absent, never changed.

use std::{
    fs, io,
    io::Write as _,
    path::{Path, PathBuf},
    time::SystemTime,
};

use kernel::{
    clock::Time,
    error::{Error, Result},
    id::FileId,
    text,
};
use sha2::{Digest as _, Sha256};
use storage::{Hash, private};
use tokio::io::AsyncWriteExt as _;

/// The kinds of files that can be attached: pictures and PDF, told by their first bytes, never by their
/// name; each with the ending that its name gets.
const KINDS: [(&str, &str); 5] = [
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("application/pdf", "pdf"),
];

/// The size of the file that tells whether there is room.
const PROBE: usize = 64 << 10;

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

    /// Begins to take the bytes of a new id in.
    ///
    /// # Errors
    /// The disk is full or can't be written.
    pub async fn receive(&self, id: FileId) -> Result<Receiving> {
        let path = self.path(id);
        let begun = tokio::task::spawn_blocking(move || begin(&path)).await.map_err(Error::internal)?;
        let (partial, file) = begun.map_err(unwritable)?;
        let file = tokio::fs::File::from_std(file);
        Ok(Receiving {
            id,
            path: self.path(id),
            partial,
            file,
            hash: Sha256::new(),
            head: Vec::new(),
            size: 0,
        })
    }

    /// The bytes of an id, to be read piece by piece, and how many there are.
    ///
    /// # Errors
    /// They are gone from the disk.
    pub async fn open(&self, id: FileId) -> Result<(tokio::fs::File, u64)> {
        let open = async {
            let file = tokio::fs::File::open(self.path(id)).await?;
            let size = file.metadata().await?.len();
            Ok::<_, io::Error>((file, size))
        };
        open.await.map_err(|error| {
            Error::unavailable("The server can't read this file right now. Try again later.", error)
        })
    }

    /// Finds out whether the folder takes a file, by writing one and removing it.
    ///
    /// # Errors
    /// The disk is full or can't be written.
    pub async fn probe(&self) -> Result<()> {
        let path = self.folder.join(format!("probe-{}", std::process::id()));
        let work = move || begin(&path).and_then(|(_partial, mut file)| file.write_all(&vec![0; PROBE]));
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(unwritable)
    }

    /// Removes the bytes of an id; absent ones are fine.
    pub async fn remove(&self, id: FileId) {
        if let Err(error) = tokio::fs::remove_file(self.path(id)).await {
            tracing::debug!(%error, file = %id, "no bytes to remove");
        }
    }
}

/// A file on its way to the disk. Dropped before [`keep`](Self::keep), it leaves nothing behind.
pub struct Receiving {
    id: FileId,
    path: PathBuf,
    partial: Partial,
    file: tokio::fs::File,
    hash: Sha256,
    /// The first bytes, which tell its kind.
    head: Vec<u8>,
    size: u64,
}

/// How many of the first bytes tell a file's kind.
const HEAD: usize = 8192;

impl Receiving {
    /// Adds a piece, and says how many bytes there are now.
    ///
    /// # Errors
    /// The disk is full or can't be written.
    pub async fn add(&mut self, piece: &[u8]) -> Result<u64> {
        self.hash.update(piece);
        self.head.extend_from_slice(&piece[..piece.len().min(HEAD - self.head.len())]);
        self.file.write_all(piece).await.map_err(unwritable)?;
        self.size += piece.len() as u64;
        Ok(self.size)
    }

    /// Keeps it, on the disk for good when this returns, and says what there is to say of it.
    ///
    /// # Errors
    /// It is of a kind that can't be attached, or the disk is full.
    pub async fn keep(mut self, name: &str) -> Result<NewFile> {
        let kind = kind(&self.head)?.to_owned();
        let durable = async {
            self.file.flush().await?;
            self.file.sync_all().await
        };
        durable.await.map_err(unwritable)?;
        let Self { id, path, mut partial, hash, size, .. } = self;
        let placed =
            tokio::task::spawn_blocking(move || partial.place(&path)).await.map_err(Error::internal)?;
        placed.map_err(unwritable)?;
        Ok(NewFile {
            id,
            name: file_name(name, &kind),
            kind,
            size: i64::try_from(size).map_err(Error::internal)?,
            digest: Hash(hash.finalize().into()),
        })
    }
}

fn unwritable(error: io::Error) -> Error {
    Error::unavailable(
        "The file wasn't saved, because the server's disk is full or read-only. Contact its \
                        operator.",
        error,
    )
}

/// A file that is not whole yet, and goes when it is dropped.
struct Partial(Option<PathBuf>);

impl Partial {
    /// Gives it its name. Its content is on the disk already.
    fn place(&mut self, path: &Path) -> io::Result<()> {
        if let Some(partial) = &self.0 {
            fs::rename(partial, path)?;
            fs::File::open(path.parent().unwrap_or(path))?.sync_all()?;
            self.0 = None;
        }
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}

/// Makes the private file (mode 0600) in which the content of `path` gathers.
fn begin(path: &Path) -> io::Result<(Partial, fs::File)> {
    private::folder(path.parent().unwrap_or(path))?;
    let temporary = path.with_extension("tmp");
    let file = private::create(&temporary)?;
    Ok((Partial(Some(temporary)), file))
}

/// So many files without a row are nothing to wonder at.
const FEW: usize = 10;

/// What a sweep did.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Swept {
    /// Bytes that no row names.
    pub orphans: u64,
    /// Temporary files that a crash left behind.
    pub temporary: u64,
    /// Files and folders that others could read, and can't any more.
    pub closed: u64,
    /// Bytes that no row names and that were left alone, for they were more than those with a row.
    pub doubtful: u64,
}

impl Blobs {
    /// Removes the bytes of ids that are not among `known` (which is sorted), and temporary files. What was written
    /// after `before` stays: the row of an upload in flight is still to come. Names that aren't ours stay too. So do
    /// all bytes where far more have no row than have one: then this is more likely another database's folder.
    ///
    /// # Errors
    /// A folder can't be read.
    pub fn sweep(&self, known: &[FileId], before: Time) -> io::Result<Swept> {
        let orphan = |path: &&PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            let id = name.and_then(|name| name.parse::<FileId>().ok());
            id.is_some_and(|id| known.binary_search(&id).is_err())
        };
        let mut swept = Swept::default();
        let settled = settled(&self.folder, before, &mut swept)?;
        swept.temporary = removed(settled.iter().filter(|path| is_temporary(path)));
        let orphans = settled.iter().filter(orphan).collect::<Vec<_>>();
        match orphans.len() > known.len() + FEW {
            true => swept.doubtful = orphans.len() as u64,
            false => swept.orphans = removed(orphans),
        }
        Ok(swept)
    }
}

/// Removes temporary files that were last written before a moment, in a folder and those below it.
///
/// # Errors
/// A folder can't be read.
pub fn sweep_temporary(folder: &Path, before: Time) -> io::Result<Swept> {
    let mut swept = Swept::default();
    let settled = settled(folder, before, &mut swept)?;
    swept.temporary = removed(settled.iter().filter(|path| is_temporary(path)));
    Ok(swept)
}

fn is_temporary(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "tmp")
}

fn removed<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> u64 {
    paths.into_iter().filter(|path| fs::remove_file(path).is_ok()).count() as u64
}

/// The files in a folder and those below it that were last written before a moment. What others could read is closed
/// on the way.
fn settled(folder: &Path, before: Time, swept: &mut Swept) -> io::Result<Vec<PathBuf>> {
    let (mut settled, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        swept.closed += u64::from(closed(&folder, 0o700));
        for entry in entries {
            let entry = entry?;
            let (path, Ok(facts)) = (entry.path(), entry.metadata()) else { continue };
            if facts.is_dir() {
                folders.push(path);
                continue;
            }
            swept.closed += u64::from(closed(&path, 0o600));
            if facts.is_file() && facts.modified().is_ok_and(|at| micros(at) < before.micros()) {
                settled.push(path);
            }
        }
    }
    Ok(settled)
}

/// Closes what others can read; says whether there was something to close.
fn closed(path: &Path, mode: u32) -> bool {
    private::is_open(path) && private::close(path, mode).unwrap_or(false)
}

fn micros(at: SystemTime) -> i64 {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// The kind of a file, by its first bytes.
fn kind(bytes: &[u8]) -> Result<&'static str> {
    let found = infer::get(bytes).map(|kind| kind.mime_type());
    let known = KINDS.iter().find(|(kind, _)| Some(*kind) == found);
    known
        .map(|(kind, _)| *kind)
        .ok_or_else(|| Error::field("file", "Choose an image (JPEG, PNG, GIF, or WebP) or a PDF."))
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
    let (mut partial, mut file) = begin(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    partial.place(path)
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

    #[tokio::test]
    async fn a_file_is_whole_or_absent() {
        let folder = std::env::temp_dir().join(format!("covey-blobs-{}", std::process::id()));
        let blobs = Blobs::new(folder.clone());
        let id = FileId::at(kernel::clock::Time::from_micros(1), [7; 8]);
        let mut left = blobs.receive(id).await.unwrap();
        left.add(b"%PDF-1.7\n").await.unwrap();
        drop(left);
        assert!(blobs.open(id).await.is_err());
        let mut wrong = blobs.receive(id).await.unwrap();
        wrong.add(b"<html>").await.unwrap();
        assert!(wrong.keep("page.pdf").await.is_err());
        assert_eq!(fs::read_dir(blobs.path(id).parent().unwrap()).unwrap().count(), 0);
        let mut file = blobs.receive(id).await.unwrap();
        for piece in [b"%PDF-1.7\n".as_slice(), &[0; 9000], b"end"] {
            file.add(piece).await.unwrap();
        }
        let kept = file.keep("scan").await.unwrap();
        assert_eq!((kept.name.as_str(), kept.size), ("scan.pdf", 9012));
        assert_eq!(fs::read(blobs.path(id)).unwrap().len(), 9012);
        assert_eq!(kept.digest, Hash(Sha256::digest(fs::read(blobs.path(id)).unwrap()).into()));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn file_names_lose_their_folders_and_gain_their_ending() {
        assert_eq!(file_name("C:\\x\\scan.PDF", "application/pdf"), "scan.PDF");
        assert_eq!(file_name("../../etc/passwd", "image/png"), "passwd.png");
        assert_eq!(file_name("", "image/jpeg"), "file.jpg");
        assert_eq!(file_name("photo.jpeg", "image/jpeg"), "photo.jpeg");
    }
}
