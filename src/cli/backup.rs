//! `covey backup` and `covey restore`.
//!
//! The database is copied first, as it is at one moment; then the files. A file's bytes are written
//! before the row that names them and never change, so every row of the copy has its bytes. Where one has not, it is
//! named, and the command fails unless it is told to go on.
//!
//! Copies are as private as what they are made of: folders 0700, files 0600.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::{
    app,
    cli::{open, operator},
    files,
};
use kernel::{
    clock::Clock,
    error::{Error, Result},
    id::FileId,
    random::Random,
};
use platform::{audit, blobs, config::Config};
use storage::{Db, SqliteOptions, private};

const DATABASE: &str = "covey.db";
const FILES: &str = "files";
/// What is copied beside the files, where it is there.
const BESIDE: &str = audit::key::FILE;
/// How many missing files are named.
const NAMED: usize = 20;

fn refuse_postgres(config: &Config) -> Result<()> {
    if config.database == "sqlite" {
        return Ok(());
    }
    Err(Error::conflict(
        "not_embedded",
        "The database is PostgreSQL. Use pg_dump and pg_restore for it, and also copy the folder `files`.",
    ))
}

fn disk(what: &str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let text = format!("{what} {}", path.display());
    move |error| Error::unavailable(format!("{text}: {error}."), error)
}

pub(super) async fn backup(config: &Config, to: &Path, allow_missing: bool) -> Result<ExitCode> {
    refuse_postgres(config)?;
    let source = config.data.join(DATABASE);
    if !source.is_file() {
        return Err(Error::conflict("nothing", format!("No database in {}.", config.data.display())));
    }
    if to.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::conflict(
            "not_empty",
            format!("{} is not empty. Name a new folder.", to.display()),
        ));
    }
    private::own_folder(to).map_err(disk("Can't create the folder", to))?;
    copy_database(source, to.join(DATABASE)).await?;
    copy_key(&config.data, to)?;
    let missing = missing(&to.join(DATABASE), &config.data.join(FILES)).await?;
    let copied = copy_files(&config.data, to).await?;
    tell!("Backed up the database and {copied} files to {}.", to.display());
    match told(&missing, "The backup lacks", allow_missing) {
        Some(why) => Err(Error::conflict("files_missing", why)),
        None => Ok(ExitCode::SUCCESS),
    }
}

pub(super) async fn restore(config: &Config, from: &Path, allow_missing: bool) -> Result<ExitCode> {
    refuse_postgres(config)?;
    if !from.join(DATABASE).is_file() {
        return Err(Error::conflict("not_a_backup", format!("{} isn't a backup.", from.display())));
    }
    let database = config.data.join(DATABASE);
    if database.exists() {
        return Err(Error::conflict(
            "not_empty",
            format!("{} already holds a database. Move it away first.", config.data.display()),
        ));
    }
    app::make_data_folder(config)?;
    copy_key(from, &config.data)?;
    copy_database(from.join(DATABASE), database.clone()).await?;
    let missing = missing(&database, &from.join(FILES)).await?;
    if let Some(why) = told(&missing, "Nothing was restored. The backup lacks", allow_missing) {
        for ending in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(config.data.join(format!("{DATABASE}{ending}")));
        }
        return Err(Error::conflict("files_missing", why));
    }
    let copied = copy_files(from, &config.data).await?;
    tell!("Restored the database and {copied} files to {}.", config.data.display());
    operator::verify(&open(config).await?, &[]).await
}

/// Copies the key of the audit trail, never over another. There is none where the environment holds it.
fn copy_key(from: &Path, to: &Path) -> Result<()> {
    let key = match fs::read(from.join(BESIDE)) {
        Ok(key) => key,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(disk("Can't read the audit trail's key in", from)(error)),
    };
    if fs::read(to.join(BESIDE)).is_ok_and(|there| there != key) {
        let why = format!("{} holds another audit trail's key. Move it away first.", to.display());
        return Err(Error::conflict("not_empty", why));
    }
    blobs::write(&to.join(BESIDE), &key).map_err(disk("Can't copy the audit trail's key to", to))
}

/// What there is to say of missing files: as a warning where that is allowed, else as the reason to fail.
fn told(missing: &[FileId], what: &str, allowed: bool) -> Option<String> {
    if missing.is_empty() {
        return None;
    }
    let mut text = format!("{what} {} attached files that the database names:", missing.len());
    for id in missing.iter().take(NAMED) {
        text.push_str(&format!("\n  {id}"));
    }
    if missing.len() > NAMED {
        text.push_str(&format!("\n  and {} more", missing.len() - NAMED));
    }
    if allowed {
        tell!("{text}");
        return None;
    }
    text.push_str("\nFind them in an older backup, or continue without them with --allow-missing-files.");
    Some(text)
}

/// The files that a database names and a folder lacks.
async fn missing(database: &Path, files: &Path) -> Result<Vec<FileId>> {
    let options = SqliteOptions { path: database.to_owned(), durable: true };
    let db = Db::sqlite(options, Clock::System, Random::System)?;
    let missing = files::missing(&db, files).await;
    db.close().await;
    missing
}

async fn copy_database(from: PathBuf, to: PathBuf) -> Result<()> {
    tokio::task::spawn_blocking(move || storage::copy_sqlite(&from, &to)).await.map_err(Error::internal)?
}

async fn copy_files(from: &Path, to: &Path) -> Result<u64> {
    let (from, to) = (from.join(FILES), to.join(FILES));
    let copy = move || copy_tree(&from, &to).map_err(disk("Can't copy a file to", &to));
    tokio::task::spawn_blocking(copy).await.map_err(Error::internal)?
}

/// Copies a folder with all that is in it, absent ones included. Says how many files.
fn copy_tree(from: &Path, to: &Path) -> io::Result<u64> {
    let mut copied = 0;
    let mut folders: Vec<PathBuf> = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(from.join(&folder)) else { continue };
        private::own_folder(&to.join(&folder))?;
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|ending| ending != "tmp") {
                copied += u64::from(copy(&entry.path(), &to.join(&path))?);
            }
        }
        fs::File::open(to.join(&folder))?.sync_all()?;
    }
    Ok(copied)
}

/// Copies a file onto the disk. False where it went away meanwhile: nothing names it then.
fn copy(from: &Path, to: &Path) -> io::Result<bool> {
    let mut source = match fs::File::open(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        source => source?,
    };
    let mut target = private::create(to)?;
    io::copy(&mut source, &mut target)?;
    target.sync_all()?;
    Ok(true)
}
