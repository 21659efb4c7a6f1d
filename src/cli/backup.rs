//! `covey backup` and `covey restore`.
//!
//! The database is copied first, as it is at one moment; then the files. A file's bytes are written
//! before the row that names them and never change, so every row of the copy has its bytes.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::cli::{open, operator};
use kernel::error::{Error, Result};
use platform::config::Config;

const DATABASE: &str = "covey.db";
const FILES: &str = "files";

fn refuse_postgres(config: &Config) -> Result<()> {
    if config.database == "sqlite" {
        return Ok(());
    }
    Err(Error::conflict(
        "not_embedded",
        "The database is PostgreSQL: use pg_dump and pg_restore for it, and copy the folder `files` beside it.",
    ))
}

fn disk(what: &str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let text = format!("{what} {}", path.display());
    move |error| Error::unavailable(format!("{text}: {error}."), error)
}

pub(super) async fn backup(config: &Config, to: &Path) -> Result<ExitCode> {
    refuse_postgres(config)?;
    let source = config.data.join(DATABASE);
    if !source.is_file() {
        return Err(Error::conflict(
            "nothing",
            format!("There is no database in {}.", config.data.display()),
        ));
    }
    if to.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::conflict(
            "not_empty",
            format!("{} is not empty. Name a new folder.", to.display()),
        ));
    }
    fs::create_dir_all(to).map_err(disk("The folder can't be made:", to))?;
    let (from, target) = (config.data.clone(), to.to_owned());
    let files = tokio::task::spawn_blocking(move || {
        storage::copy_sqlite(&from.join(DATABASE), &target.join(DATABASE))?;
        copy_tree(&from.join(FILES), &target.join(FILES))
            .map_err(disk("A file can't be copied into", &target))
    });
    let files = files.await.map_err(Error::internal)??;
    tell!("Backed up the database and {files} files to {}.", to.display());
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn restore(config: &Config, from: &Path) -> Result<ExitCode> {
    refuse_postgres(config)?;
    if !from.join(DATABASE).is_file() {
        return Err(Error::conflict("not_a_backup", format!("{} holds no backup.", from.display())));
    }
    if config.data.join(DATABASE).exists() {
        return Err(Error::conflict(
            "not_empty",
            format!("{} holds a database already. Move it away first.", config.data.display()),
        ));
    }
    fs::create_dir_all(&config.data).map_err(disk("The folder can't be made:", &config.data))?;
    let (source, target) = (from.to_owned(), config.data.clone());
    let files = tokio::task::spawn_blocking(move || {
        let files = copy_tree(&source.join(FILES), &target.join(FILES))
            .map_err(disk("A file can't be copied into", &target))?;
        storage::copy_sqlite(&source.join(DATABASE), &target.join(DATABASE))?;
        Ok::<_, Error>(files)
    });
    let files = files.await.map_err(Error::internal)??;
    tell!("Restored the database and {files} files to {}.", config.data.display());
    operator::verify(&open(config).await?).await
}

/// Copies a folder with all that is in it, absent ones included. Says how many files.
fn copy_tree(from: &Path, to: &Path) -> io::Result<u64> {
    let mut copied = 0;
    let mut folders: Vec<PathBuf> = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(from.join(&folder)) else { continue };
        fs::create_dir_all(to.join(&folder))?;
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|ending| ending != "tmp") {
                fs::copy(entry.path(), to.join(&path))?;
                copied += 1;
            }
        }
    }
    Ok(copied)
}
