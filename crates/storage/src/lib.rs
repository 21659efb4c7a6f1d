//! Storage: one SQL text, two engines.
//!
//! [`Db::read`] gives a snapshot, [`Db::write`] a transaction that is rolled back on any error; both
//! hand a [`Tx`] to a closure. On SQLite the closure never waits: it is polled once, on the spot.
//! Writes go to one writer thread that commits many at a time. On PostgreSQL writes are serializable
//! and retried, so a closure may run twice: it must have no effect outside its `Tx`.
//!
//! SQL that depends on our domain never lives here, only the migrations do.

mod dial;
pub mod idempotency;
mod job;
pub mod list;
mod migrate;
mod postgres;
pub mod private;
mod sql;
mod sqlite;
mod statements;
mod turns;
mod tx;
mod value;
mod version;

use std::{
    future::{Future, poll_fn, ready},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use tokio::sync::broadcast;

pub use dial::PostgresUrl;
use job::{Answer, Job, Mode};
pub use kernel::{error::Result, word as kernel_word};
pub use migrate::Migration;
pub use sql::{Columns, Sql, columns, filled, length, numbered, record, record_length, text};
pub use sqlite::{Options as SqliteOptions, copy as copy_sqlite};
pub use tx::Tx;
use tx::{Open, Source};
pub use value::{Cell, Column, FromRow, Hash, Mismatch, One, Param, PerEngine, Row, Value, hex, ids, many};
pub use version::{ExpectedVersion, Weight};

use kernel::{clock::Clock, error::Error, random::Random};

/// What a driver said, told apart only as far as we act on it. It is the cause of an [`Error`].
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A unique key is taken.
    #[error("unique key: {0}")]
    Unique(String),
    /// Another transaction came between; the same work may succeed now.
    #[error("serialization failure")]
    Retry,
    /// It is the turn of others who write in this account; the same work may begin after them.
    #[error("others write in the account")]
    Turn([u8; 16]),
    /// Anything else.
    #[error("{0}")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A database: a handle to be cloned.
#[derive(Clone)]
pub struct Db {
    engine: Engine,
    source: Source,
    changes: broadcast::Sender<Arc<str>>,
}

#[derive(Clone)]
enum Engine {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// On the embedded engine a transaction has nothing to wait for but its own statements, which never do.
fn waited() -> Error {
    Error::internal("a transaction waited for something other than its statements")
}

/// Others write what this would write.
fn busy(failure: Failure) -> Error {
    Error::unavailable("Too many people changed this at the same time. Try again.", failure)
}

/// The transaction's closure could not be finished because its worker is gone: the server stops.
fn stopping() -> Error {
    Error::unavailable("The server is restarting. Try again in a moment.", "the writer has ended")
}

impl Db {
    /// Opens the embedded database in a file, creating it where it is missing, and brings its schema up.
    ///
    /// # Errors
    /// The file can't be opened or written, or a newer version of Covey made it.
    pub fn sqlite(options: SqliteOptions, clock: Clock, random: Random) -> Result<Self> {
        let changes = broadcast::channel(1024).0;
        let source = Source { clock, random, statements: Arc::default(), secret: Arc::default() };
        let engine = sqlite::Sqlite::open(options, &source, &changes)?;
        Ok(Self { engine: Engine::Sqlite(engine), source, changes })
    }

    /// Connects to PostgreSQL and brings its schema up.
    ///
    /// # Errors
    /// It can't be reached, a newer version of Covey made its schema, or (unless `allow_unsafe`) it would lose
    /// acknowledged writes (`fsync`, `full_page_writes` or `synchronous_commit` off), or its role is one that
    /// row-level security doesn't bind.
    pub async fn postgres(url: &str, allow_unsafe: bool, clock: Clock, random: Random) -> Result<Self> {
        let changes = broadcast::channel(1024).0;
        let source = Source { clock, random, statements: Arc::default(), secret: Arc::default() };
        let engine = postgres::Postgres::connect(url, allow_unsafe, &source, &changes).await?;
        Ok(Self { engine: Engine::Postgres(engine), source, changes })
    }

    /// The name of the engine, for `readyz` and logs.
    pub fn engine(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite(_) => "sqlite",
            Engine::Postgres(_) => "postgres",
        }
    }

    /// The clock that all transactions take their time from.
    pub fn clock(&self) -> &Clock {
        &self.source.clock
    }

    /// The randomness that all transactions take their ids and tokens from.
    pub fn random(&self) -> &Random {
        &self.source.random
    }

    /// Lends its transactions the server's secret. The first one counts.
    pub fn entrust(&self, secret: [u8; 32]) {
        let _ = self.source.secret.set(secret);
    }

    /// How many statements ran so far, over all transactions. A list takes fewer than six.
    pub fn statements(&self) -> u64 {
        self.source.statements.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// What committed transactions announced, on every node: see [`Tx::announce`].
    pub fn changes(&self) -> broadcast::Receiver<Arc<str>> {
        self.changes.subscribe()
    }

    /// Waits until something is announced under `topic`, or so much that some of it was missed.
    pub async fn heard(changes: &mut broadcast::Receiver<Arc<str>>, topic: &str) {
        loop {
            match changes.recv().await {
                Ok(heard) if &*heard != topic => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// Runs `work` on one snapshot of the database, which it can't change.
    ///
    /// # Errors
    /// Those of `work`, or the database fails.
    pub async fn read<T, F>(&self, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&Tx) -> Result<T>,
    {
        let snapshot = self.snapshot().await?;
        let embedded = matches!(self.engine, Engine::Sqlite(_));
        let answer = {
            let mut work = pin!(work(snapshot.tx()?));
            let polled = poll_fn(|context| match work.as_mut().poll(context) {
                Poll::Pending if embedded => Poll::Ready(Err(waited())),
                polled => polled,
            });
            polled.await
        };
        snapshot.end("COMMIT").await?;
        answer
    }

    /// As [`read`](Self::read), for work that may take long: it must not hold up the small requests, so it
    /// runs on a worker's thread.
    ///
    /// # Errors
    /// Those of `work`, or the database fails.
    pub async fn read_heavy<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&Tx) -> Result<T> + Send + 'static,
    {
        job::answer(self.run(job::once(work), Mode::Read).await?)
    }

    /// Runs `work` in a transaction. It is durable when this returns `Ok`, and rolled back on `Err`.
    /// `work` may run more than once. It goes on when the caller is gone: a request that is dropped half-way
    /// leaves its work whole or undone, like any other.
    ///
    /// # Errors
    /// Those of `work`, or the database fails.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFn(&Tx) -> Result<T> + Send + Sync + 'static,
    {
        job::answer(self.run(job::repeatable(work), Mode::Write).await?)
    }

    /// Boxed, so that the engines are compiled once and not for each caller.
    fn snapshot(&self) -> BoxFuture<'_, Result<Open>> {
        match &self.engine {
            Engine::Sqlite(engine) => Box::pin(ready(engine.snapshot(&self.source))),
            Engine::Postgres(engine) => Box::pin(engine.snapshot(&self.source)),
        }
    }

    fn run(&self, job: Box<dyn Job>, mode: Mode) -> BoxFuture<'_, Result<Answer>> {
        match (&self.engine, mode) {
            (Engine::Sqlite(engine), Mode::Write) => Box::pin(engine.write(job)),
            (Engine::Sqlite(engine), Mode::Read) => Box::pin(engine.read_heavy(&self.source, job)),
            (Engine::Postgres(engine), mode) => Box::pin(engine.run(job, mode)),
        }
    }

    /// Finds out whether the database takes a write, by a row of its own that it writes as it is.
    ///
    /// # Errors
    /// It can't be reached, its disk is full, or it only reads.
    pub async fn probe(&self) -> Result<()> {
        let touch = crate::sql!("UPDATE schema_migrations SET applied_at = applied_at WHERE version = 1");
        self.write(async move |tx| tx.exec(touch, &[]).await.map(drop)).await
    }

    /// The tables and views as the engine knows them: `table.column type null`, for the parity test.
    #[doc(hidden)]
    pub async fn describe(&self) -> Result<Vec<String>> {
        match &self.engine {
            Engine::Sqlite(engine) => engine.describe(),
            Engine::Postgres(engine) => engine.describe().await,
        }
    }

    /// Ends the writer after the work that it already has and waits for it; or ends the connections.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(engine) => engine.close().await,
            Engine::Postgres(engine) => engine.close(),
        }
    }
}
