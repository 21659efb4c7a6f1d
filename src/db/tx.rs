//! A transaction, and the statements in it.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    clock::{Clock, Time},
    db::{
        FromRow, Param, Row, Sql,
        statements::{postgres, sqlite},
        value::One,
    },
    error::{Error, Result},
    id::Id,
    random::{Random, Token},
};

/// One transaction. All of it happens at one moment, [`now`](Self::now).
pub struct Tx {
    conn: Conn,
    now: Time,
    random: Random,
    announced: Mutex<Vec<String>>,
    statements: Arc<AtomicU64>,
}

/// What every transaction of a database draws on: time, randomness, and the count of statements.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) statements: Arc<AtomicU64>,
}

/// The connection that a transaction runs on. The mutex is never contended: it lets the `Tx` be
/// shared with a future that may be sent between threads, which only PostgreSQL's ever are.
pub(super) enum Conn {
    Sqlite(Arc<Mutex<rusqlite::Connection>>),
    Postgres(deadpool_postgres::Object),
}

impl Tx {
    pub(super) fn new(conn: Conn, source: &Source) -> Self {
        let (now, random, statements) =
            (source.clock.now(), source.random.clone(), source.statements.clone());
        Self { conn, now, random, announced: Mutex::default(), statements }
    }

    /// PostgreSQL's connection.
    pub(super) fn client(&self) -> Result<&deadpool_postgres::Object> {
        match &self.conn {
            Conn::Postgres(client) => Ok(client),
            Conn::Sqlite(_) => Err(Error::internal("this transaction is SQLite's")),
        }
    }

    pub(super) fn into_conn(self) -> Conn {
        self.conn
    }

    /// The moment of this transaction.
    pub fn now(&self) -> Time {
        self.now
    }

    /// A new id.
    pub fn id<T>(&self) -> Id<T> {
        Id::at(self.now, self.random.bytes())
    }

    /// A new secret for a link or a session.
    pub fn token(&self) -> Token {
        Token::new(&self.random)
    }

    /// Random bytes, such as a salt.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        self.random.bytes()
    }

    /// Tells everyone who listens, on every node and after the commit, that `topic` changed.
    pub fn announce(&self, topic: impl Into<String>) {
        let topic = topic.into();
        let mut announced = self.announced.lock().unwrap_or_else(PoisonError::into_inner);
        if !announced.contains(&topic) {
            announced.push(topic);
        }
    }

    pub(super) fn announced(&self) -> Vec<String> {
        self.announced.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn rows<R: FromRow>(&self, sql: Sql, params: &[&dyn Param], limit: usize) -> Result<Vec<R>> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &self.conn {
            Conn::Sqlite(conn) => {
                let conn = conn.lock().unwrap_or_else(PoisonError::into_inner);
                sqlite::rows(&conn, sql, params, limit, |row| R::from_row(Row::Sqlite(row)))
            }
            Conn::Postgres(conn) => {
                let rows = postgres::rows(conn, sql, params).await?;
                rows.iter().take(limit).map(|row| R::from_row(Row::Postgres(row))).collect()
            }
        }
    }

    /// Every row.
    ///
    /// # Errors
    /// The statement fails.
    pub async fn all<R: FromRow>(&self, sql: Sql, params: &[&dyn Param]) -> Result<Vec<R>> {
        self.rows(sql, params, usize::MAX).await
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// The statement fails.
    pub async fn maybe<R: FromRow>(&self, sql: Sql, params: &[&dyn Param]) -> Result<Option<R>> {
        Ok(self.rows(sql, params, 1).await?.pop())
    }

    /// The first row; absent is [`Error::not_found`].
    ///
    /// # Errors
    /// The statement fails or finds nothing.
    pub async fn one<R: FromRow>(&self, sql: Sql, params: &[&dyn Param]) -> Result<R> {
        self.maybe(sql, params).await?.ok_or_else(Error::not_found)
    }

    /// The only column of the first row.
    ///
    /// # Errors
    /// The statement fails or finds nothing.
    pub async fn value<T: super::Column>(&self, sql: Sql, params: &[&dyn Param]) -> Result<T> {
        Ok(self.one::<One<T>>(sql, params).await?.0)
    }

    /// Runs a statement and says how many rows it changed.
    ///
    /// # Errors
    /// The statement fails.
    pub async fn exec(&self, sql: Sql, params: &[&dyn Param]) -> Result<u64> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &self.conn {
            Conn::Sqlite(conn) => {
                let conn = conn.lock().unwrap_or_else(PoisonError::into_inner);
                sqlite::exec(&conn, sql, params)
            }
            Conn::Postgres(conn) => postgres::exec(conn, sql, params).await,
        }
    }
}
