//! A transaction, and the statements in it.

use std::{
    future::{Future, ready},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use deadpool_postgres::Object;

use crate::{
    BoxFuture, Failure, FromRow, Param, Row, Sql,
    sqlite::Sqlite,
    statements::{postgres, sqlite},
    turns::Turns,
    value::One,
};
use kernel::{
    clock::{Clock, Time},
    error::{Error, Result},
    id::{AccountId, Id},
    random::{Random, Token},
};

/// One transaction. All of it happens at one moment, [`now`](Self::now).
pub struct Tx {
    conn: Conn,
    now: Time,
    random: Random,
    announced: Mutex<Vec<String>>,
    statements: Arc<AtomicU64>,
    turns: Option<Arc<Turns>>,
    secret: Arc<OnceLock<[u8; 32]>>,
    account: Mutex<Option<AccountId>>,
}

/// An open transaction. It exists before anything is sent: if its future is dropped half-way, the connection is
/// closed, so that nobody else gets it in the middle of this work.
pub(super) struct Open {
    tx: Option<Tx>,
    /// The embedded engine, to which its connection goes back. PostgreSQL's pool takes its own back by itself.
    embedded: Option<Sqlite>,
}

impl Open {
    pub(super) fn new(tx: Tx, embedded: Option<Sqlite>) -> Self {
        Self { tx: Some(tx), embedded }
    }

    pub(super) fn tx(&self) -> Result<&Tx> {
        self.tx.as_ref().ok_or_else(|| Error::internal("the transaction has ended"))
    }

    /// Ends it: `COMMIT` or `ROLLBACK`. Boxed: compiled once.
    pub(super) fn end(mut self, how: &'static str) -> BoxFuture<'static, Result<()>> {
        match self.tx() {
            Ok(Tx { conn: Conn::Postgres(_), .. }) => Box::pin(async move {
                self.tx()?.client()?.batch_execute(how).await.map_err(postgres::failed)?;
                drop(self.tx.take());
                Ok(())
            }),
            _ => Box::pin(ready(self.end_now())),
        }
    }

    /// As [`end`](Self::end), on the embedded engine.
    pub(super) fn end_now(mut self) -> Result<()> {
        match (self.tx.take().map(Tx::into_conn), &self.embedded) {
            (Some(Conn::Sqlite(conn)), Some(engine)) => engine.give_back(conn),
            _ => Err(Error::internal("this transaction is not SQLite's")),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(Conn::Postgres(client)) = self.tx.take().map(Tx::into_conn) {
            drop(Object::take(client));
        }
    }
}

/// What every transaction of a database draws on: time, randomness, the count of statements, the server's secret.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) statements: Arc<AtomicU64>,
    pub(super) secret: Arc<OnceLock<[u8; 32]>>,
}

/// The connection that a transaction runs on. The mutex is never contended: it lets the `Tx` be
/// shared with a future that may be sent between threads, which only PostgreSQL's ever are.
pub(super) enum Conn {
    Sqlite(Arc<Mutex<rusqlite::Connection>>),
    Postgres(Object),
}

impl Tx {
    pub(super) fn new(conn: Conn, source: &Source) -> Self {
        let (now, random, statements) =
            (source.clock.now(), source.random.clone(), source.statements.clone());
        let secret = source.secret.clone();
        let (announced, account) = (Mutex::default(), Mutex::default());
        Self { conn, now, random, announced, statements, turns: None, secret, account }
    }

    /// As [`new`](Self::new), for one that waits for its turn among those who write in an account.
    pub(super) fn in_turn(conn: Conn, source: &Source, turns: Arc<Turns>) -> Self {
        Self { turns: Some(turns), ..Self::new(conn, source) }
    }

    /// PostgreSQL's connection.
    pub(super) fn client(&self) -> Result<&Object> {
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

    /// Puts this transaction in line with the others that write in the account. They would meet at the end of its
    /// audit trail anyway, and all but one fail there.
    ///
    /// # Errors
    /// It is the turn of someone else: the work is begun again when they are done. Pass the error on.
    pub fn in_line(&self, account: AccountId) -> Result<()> {
        let key = *account.as_bytes();
        match &self.turns {
            Some(turns) if !turns.take(key) => Err(crate::busy(Failure::Turn(key))),
            _ => Ok(()),
        }
    }

    /// From here on this transaction sees and writes rows of this account alone, whatever its statements' own filters
    /// say. PostgreSQL holds it to that by row-level security; the embedded engine has no such thing.
    pub fn confine(&self, account: AccountId) {
        *self.account.lock().unwrap_or_else(PoisonError::into_inner) = Some(account);
        self.set_account(&account.uuid().to_string());
    }

    /// Reads beyond the account to which this transaction is confined: what a person has in all their accounts.
    ///
    /// # Errors
    /// Those of `work`.
    pub async fn beyond<T, F>(&self, work: F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let confined = *self.account.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(account) = confined else { return work.await };
        self.set_account("*");
        let outcome = work.await?;
        self.set_account(&account.uuid().to_string());
        Ok(outcome)
    }

    fn set_account(&self, account: &str) {
        if let Conn::Postgres(client) = &self.conn {
            postgres::send(client, &format!("SET LOCAL covey.account = '{account}'"));
        }
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

    /// The server's secret, which the database never holds: see [`Db::entrust`](crate::Db::entrust).
    ///
    /// # Errors
    /// It was not given: a mistake of ours.
    pub fn secret(&self) -> Result<&[u8; 32]> {
        self.secret
            .get()
            .ok_or_else(|| Error::internal("the database was opened without the server's secret"))
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

    /// Hands each row to `take`: not generic, so that the engines' work is compiled once.
    async fn each(
        &self,
        sql: Sql,
        params: &[&dyn Param],
        limit: usize,
        take: &mut (dyn FnMut(Row<'_>) -> Result<()> + Send),
    ) -> Result<()> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &self.conn {
            Conn::Sqlite(conn) => {
                let conn = conn.lock().unwrap_or_else(PoisonError::into_inner);
                sqlite::each(&conn, sql, params, limit, take)
            }
            Conn::Postgres(conn) => {
                let rows = postgres::rows(conn, sql, params).await?;
                rows.iter().take(limit).try_for_each(|row| take(Row::Postgres(row)))
            }
        }
    }

    async fn rows<R: FromRow + Send>(&self, sql: Sql, params: &[&dyn Param], limit: usize) -> Result<Vec<R>> {
        let mut found = Vec::new();
        let mut take = |row: Row<'_>| {
            found.push(R::from_row(row)?);
            Ok(())
        };
        self.each(sql, params, limit, &mut take).await?;
        Ok(found)
    }

    /// Every row.
    ///
    /// # Errors
    /// The statement fails.
    pub async fn all<R: FromRow + Send>(&self, sql: Sql, params: &[&dyn Param]) -> Result<Vec<R>> {
        self.rows(sql, params, usize::MAX).await
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// The statement fails.
    pub async fn maybe<R: FromRow + Send>(&self, sql: Sql, params: &[&dyn Param]) -> Result<Option<R>> {
        Ok(self.rows(sql, params, 1).await?.pop())
    }

    /// The first row; absent is [`Error::not_found`].
    ///
    /// # Errors
    /// The statement fails or finds nothing.
    pub async fn one<R: FromRow + Send>(&self, sql: Sql, params: &[&dyn Param]) -> Result<R> {
        self.maybe(sql, params).await?.ok_or_else(Error::not_found)
    }

    /// The only column of the first row.
    ///
    /// # Errors
    /// The statement fails or finds nothing.
    pub async fn value<T: super::Column + Send>(&self, sql: Sql, params: &[&dyn Param]) -> Result<T> {
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
