//! The folder of attached files against the rows that name them: what is missing, and what nobody names.

use std::{path::Path, sync::Arc, time::Duration};

use tokio::sync::watch;

use kernel::{
    clock,
    error::{Error, Result},
    id::FileId,
};
use platform::{
    Services,
    blobs::{self, Blobs, Swept},
};
use storage::Db;

/// How long bytes without a row are left alone, and temporary files: an upload in flight writes its row last.
const GRACE: i64 = clock::DAY;
/// How long after its start a server sweeps first.
const FIRST: Duration = Duration::from_secs(60);
/// How often it sweeps then.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Every file whose bytes belong in the folder, with its size, sorted.
async fn stored(db: &Db) -> Result<Vec<(FileId, i64)>> {
    db.read_heavy(async |tx| {
        let mut files = care::cases::stored_files(tx).await?;
        files.extend(messaging::requests::stored_files(tx).await?);
        files.sort_unstable_by_key(|(id, _)| *id);
        Ok(files)
    })
    .await
}

/// The files whose bytes a folder lacks, or has cut short.
///
/// # Errors
/// The database fails.
pub async fn missing(db: &Db, folder: &Path) -> Result<Vec<FileId>> {
    let (stored, blobs) = (stored(db).await?, Blobs::new(folder.to_owned()));
    let whole = move |id: FileId, size: i64| {
        std::fs::metadata(blobs.path(id)).is_ok_and(|facts| i64::try_from(facts.len()) == Ok(size))
    };
    let look = move || -> Vec<FileId> {
        stored.into_iter().filter(|(id, size)| !whole(*id, *size)).map(|(id, _)| id).collect()
    };
    tokio::task::spawn_blocking(look).await.map_err(Error::internal)
}

/// Removes bytes that no row names and files that a crash left half written, once they are a day old.
///
/// # Errors
/// The database or the disk fails.
pub async fn sweep(services: &Services) -> Result<Swept> {
    let before = services.db.clock().now().plus(-GRACE);
    let known = stored(&services.db).await?.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    let (blobs, mail) = (services.blobs.clone(), services.config.data.join("mail"));
    let work = move || {
        let (files, mail) = (blobs.sweep(&known, before)?, blobs::sweep_temporary(&mail, before)?);
        Ok::<_, std::io::Error>(Swept {
            orphans: files.orphans,
            temporary: files.temporary + mail.temporary,
            closed: files.closed + mail.closed,
            doubtful: files.doubtful,
        })
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(Error::internal)
}

/// Sweeps every day, until it is told to stop.
pub(crate) async fn sweep_daily(services: Arc<Services>, mut stop: watch::Receiver<bool>) {
    let mut wait = FIRST;
    while !*stop.borrow() {
        tokio::select! {
            () = tokio::time::sleep(wait) => report(sweep(&services).await),
            _ = stop.changed() => {}
        }
        wait = DAY;
    }
}

fn report(outcome: Result<Swept>) {
    match outcome {
        Ok(swept) if swept == Swept::default() => {}
        Ok(swept) if swept.doubtful > 0 => tracing::warn!(
            ?swept,
            "most files in the data folder have no row in this database, so none was removed; is it another database's?"
        ),
        Ok(swept) => tracing::info!(?swept, "the folder of files was swept"),
        Err(error) => tracing::warn!(?error, "the folder of files could not be swept"),
    }
}
