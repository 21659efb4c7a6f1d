//! The embedded engine: readers inline, one writer that commits in groups.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc::RecvTimeoutError},
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};
use tokio::sync::{Semaphore, broadcast, mpsc, oneshot};

use crate::{
    Tx,
    job::{Answer, Job, Work, guarded},
    migrate, private,
    statements::sqlite::failed,
    stopping,
    tx::{Conn, Open, Source},
    waited,
};
use kernel::error::{Error, Kind, Result};

/// How many waiting writes share one commit at most.
const GROUP: usize = 256;
/// How many writes may wait before callers are held back.
const QUEUE: usize = 4096;
/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 256;
/// How many long reads run at a time.
const HEAVY_READERS: usize = 2;
/// How often the log is folded into the database, off the commit path.
const CHECKPOINT_EVERY: Duration = Duration::from_millis(100);
/// The log's size in pages of 4 KiB above which it is truncated: 64 MiB.
const LOG_LIMIT_PAGES: i64 = 16_384;

/// Where the embedded database is and how it runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file; the log lies beside it.
    pub path: PathBuf,
    /// Whether a commit waits for the disk. Off only where losing everything is fine: tests.
    pub durable: bool,
}

/// A connection that a transaction holds and its owner gets back.
pub(super) type Shared = Arc<Mutex<Connection>>;

#[derive(Clone)]
pub(super) struct Sqlite(Arc<Inner>);

struct Inner {
    options: Options,
    idle: Mutex<Vec<Shared>>,
    heavy: Semaphore,
    jobs: Mutex<Option<mpsc::Sender<Write>>>,
    writer: Mutex<Option<thread::JoinHandle<()>>>,
}

impl Sqlite {
    pub(super) fn open(
        options: Options,
        source: &Source,
        changes: &broadcast::Sender<Arc<str>>,
    ) -> Result<Self> {
        make_private(&options.path)?;
        let mut conn = connect(&options, true)?;
        migrate::sqlite(&mut conn, &source.clock)?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let writer = Writer { source: source.clone(), changes: changes.clone() };
        let checkpoints = checkpointer(options.clone())?;
        let handle = thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                writer.run(Arc::new(Mutex::new(conn)), queue);
                drop(checkpoints);
            })
            .map_err(Error::internal)?;
        Ok(Self(Arc::new(Inner {
            options,
            idle: Mutex::default(),
            heavy: Semaphore::new(HEAVY_READERS),
            jobs: Mutex::new(Some(jobs)),
            writer: Mutex::new(Some(handle)),
        })))
    }

    /// A snapshot on a connection of the pool. Its work runs inline: it takes tens of microseconds, less than
    /// handing it to another thread.
    pub(super) fn snapshot(&self, source: &Source) -> Result<Open> {
        let idle = lock(&self.0.idle).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => Arc::new(Mutex::new(connect(&self.0.options, false)?)),
        };
        execute(&lock(&conn), "BEGIN")?;
        Ok(Open::new(Tx::new(Conn::Sqlite(conn), source), Some(self.clone())))
    }

    /// Ends a snapshot and takes its connection back.
    pub(super) fn give_back(&self, conn: Shared) -> Result<()> {
        execute(&lock(&conn), "COMMIT")?;
        lock(&self.0.idle).push(conn);
        Ok(())
    }

    pub(super) async fn read_heavy(&self, source: &Source, mut job: Box<dyn Job>) -> Result<Answer> {
        let _permit = self.0.heavy.acquire().await.map_err(Error::internal)?;
        let (this, source) = (self.clone(), source.clone());
        let read = move || {
            let snapshot = this.snapshot(&source)?;
            let answer = poll_once(job.begin(snapshot.tx()?));
            snapshot.end_now()?;
            answer
        };
        tokio::task::spawn_blocking(read).await.map_err(Error::internal)?
    }

    pub(super) async fn write(&self, job: Box<dyn Job>) -> Result<Answer> {
        let (caller, answered) = oneshot::channel();
        let jobs = lock(&self.0.jobs).clone().ok_or_else(stopping)?;
        jobs.send(Write { job, outcome: None, caller }).await.map_err(|_| stopping())?;
        answered.await.map_err(|_| stopping())?
    }

    pub(super) fn describe(&self) -> Result<Vec<String>> {
        let conn = connect(&self.0.options, false)?;
        let mut statement = conn
            .prepare(
                "SELECT m.name || '.' || c.name || ' ' || c.type || \
                        CASE WHEN c.\"notnull\" OR c.pk > 0 THEN ' NOT NULL' ELSE '' END \
                 FROM pragma_table_list m JOIN pragma_table_info(m.name) c \
                 WHERE m.schema = 'main' AND m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%' ORDER BY 1",
            )
            .map_err(failed)?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    pub(super) async fn close(&self) {
        drop(lock(&self.0.jobs).take());
        let writer = lock(&self.0.writer).take();
        if let Some(writer) = writer {
            let _ = tokio::task::spawn_blocking(move || writer.join()).await;
        }
    }
}

/// Copies the embedded database, as it is at one moment, into a new file, while it may be in use.
///
/// # Errors
/// The source is no database, or the copy can't be written.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    make_private(to)?;
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    let mut target = Connection::open(to).map_err(failed)?;
    let backup = rusqlite::backup::Backup::new(&source, &mut target).map_err(failed)?;
    // All in one step: a snapshot that writers need not wait for.
    backup.step(-1).map_err(failed)?;
    drop(backup);
    drop(target);
    std::fs::File::open(to).and_then(|file| file.sync_all()).map_err(Error::internal)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the database's file for its owner alone; a log that SQLite makes beside it takes over the same mode.
fn make_private(path: &Path) -> Result<()> {
    private::keep(path).map(drop).map_err(|error| {
        Error::unavailable(format!("The database {} can't be opened or made.", path.display()), error)
    })?;
    for log in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(log);
        // Most often there is none.
        let _ = private::close(Path::new(&name), 0o600);
    }
    Ok(())
}

/// Opens a connection. The settings and their reasons:
/// - `synchronous=FULL`: an acknowledged write is on the disk; free where commits are shared.
/// - no automatic checkpoints: the checkpoint thread does them off the commit path.
/// - `mmap_size` and the cache: point reads at 2/3 of their cost.
/// - QPSG: without it, clearing a parameter expires the plan, and each run prepares anew.
fn connect(options: &Options, writer: bool) -> Result<Connection> {
    let create = if writer { OpenFlags::SQLITE_OPEN_CREATE } else { OpenFlags::empty() };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
    let conn = Connection::open_with_flags(&options.path, flags).map_err(failed)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    let synchronous = if options.durable { "FULL" } else { "OFF" };
    let query_only = if writer { "OFF" } else { "ON" };
    conn.execute_batch(&format!(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; \
         PRAGMA wal_autocheckpoint = 0; PRAGMA mmap_size = 17179869184; PRAGMA cache_size = -16384; \
         PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON; PRAGMA query_only = {query_only};",
    ))
    .map_err(failed)?;
    Ok(conn)
}

fn execute(conn: &Connection, statement: &'static str) -> Result<()> {
    let mut statement = conn.prepare_cached(statement).map_err(failed)?;
    statement.execute([]).map_err(failed)?;
    Ok(())
}

/// Polls a transaction's future to its end: on this engine it has nothing to wait for.
fn poll_once(mut work: Work<'_>) -> Result<Answer> {
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => Err(waited()),
    }
}

/// One waiting write.
struct Write {
    job: Box<dyn Job>,
    outcome: Option<Result<Answer>>,
    caller: oneshot::Sender<Result<Answer>>,
}

impl Write {
    /// Does the work; says whether its changes are to be kept.
    fn run(&mut self, tx: &Tx) -> bool {
        let outcome = guarded(|| poll_once(self.job.begin(tx))).flatten();
        self.outcome.insert(outcome).is_ok()
    }

    /// Answers the caller, once it is certain whether the changes are on the disk.
    fn answer(self, committed: Result<()>) {
        let outcome = self.outcome.unwrap_or_else(|| Err(stopping()));
        let _ = self.caller.send(committed.and(outcome));
    }
}

struct Writer {
    source: Source,
    changes: broadcast::Sender<Arc<str>>,
}

impl Writer {
    fn run(self, conn: Shared, mut queue: mpsc::Receiver<Write>) {
        let mut group = Vec::with_capacity(GROUP);
        while queue.blocking_recv_many(&mut group, GROUP) > 0 {
            self.commit(&conn, &mut group);
        }
    }

    /// Commits a group, then answers everyone in it.
    fn commit(&self, conn: &Shared, group: &mut Vec<Write>) {
        let committed = self.attempt(conn, group);
        if let Err(error) = &committed {
            tracing::error!(?error, writes = group.len(), "a group of writes could not be committed");
            let _ = execute(&lock(conn), "ROLLBACK");
        }
        for job in group.drain(..) {
            job.answer(committed.as_ref().map(|_| ()).map_err(not_saved));
        }
        for topic in committed.into_iter().flatten() {
            let _ = self.changes.send(topic.into());
        }
    }

    /// Runs each job under its own savepoint and commits once for all. Gives what they announced.
    fn attempt(&self, conn: &Shared, group: &mut [Write]) -> Result<Vec<String>> {
        let mut announced = Vec::new();
        execute(&lock(conn), "BEGIN IMMEDIATE")?;
        for job in group {
            execute(&lock(conn), "SAVEPOINT job")?;
            let tx = Tx::new(Conn::Sqlite(conn.clone()), &self.source);
            if job.run(&tx) {
                announced.extend(tx.announced());
            } else {
                execute(&lock(conn), "ROLLBACK TO job")?;
            }
            execute(&lock(conn), "RELEASE job")?;
        }
        execute(&lock(conn), "COMMIT")?;
        Ok(announced)
    }
}

/// The answer to each caller of a group whose commit failed: why, if that says something to people.
fn not_saved(error: &Error) -> Error {
    let public = match error.kind() {
        Kind::Unavailable => error.public().to_owned(),
        _ => "The server couldn't save this on its disk. Nothing was changed. Please try again.".to_owned(),
    };
    Error::unavailable(public, format!("{error:?}"))
}

/// Folds the log into the database every so often, off the commit path; ends when the sender is dropped.
fn checkpointer(options: Options) -> Result<std::sync::mpsc::Sender<()>> {
    let (stop, stopped) = std::sync::mpsc::channel();
    let work = move || {
        let conn = match connect(&options, true) {
            Ok(conn) => conn,
            Err(error) => return tracing::error!(?error, "no checkpoints: the database can't be opened"),
        };
        while stopped.recv_timeout(CHECKPOINT_EVERY) == Err(RecvTimeoutError::Timeout) {
            if let Err(error) = checkpoint(&conn) {
                tracing::warn!(?error, "a checkpoint failed and is tried again");
            }
        }
    };
    thread::Builder::new().name("sqlite-checkpoints".to_owned()).spawn(work).map_err(Error::internal)?;
    Ok(stop)
}

fn checkpoint(conn: &Connection) -> Result<()> {
    let pages: i64 =
        conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(1)).map_err(failed)?;
    if pages > LOG_LIMIT_PAGES {
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(failed)?;
    }
    Ok(())
}
