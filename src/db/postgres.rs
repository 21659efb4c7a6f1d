//! The shared engine: any number of processes on one PostgreSQL.

use std::{sync::Arc, time::Duration};

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio::{sync::broadcast, task::AbortHandle};
use tokio_postgres::{AsyncMessage, NoTls};

use crate::{
    clock::Clock,
    db::{
        Failure, Tx, migrate,
        statements::postgres::{exec, failed, unreachable},
        tx::{Conn, Source},
    },
    error::{Error, Result},
};

/// Connections per process.
const POOL: usize = 32;
/// How often a write is tried again when another transaction came between.
const TRIES: u32 = 40;
/// The channel that carries announcements between processes.
const CHANNEL: &str = "covey_changes";

#[derive(Clone)]
pub(super) struct Postgres {
    pool: Pool,
    listener: Arc<Listener>,
}

/// The task that hears announcements; it ends with the last handle of its database.
struct Listener(AbortHandle);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Postgres {
    pub(super) async fn connect(
        url: &str,
        allow_unsafe: bool,
        clock: &Clock,
        changes: &broadcast::Sender<Arc<str>>,
    ) -> Result<Self> {
        let config: tokio_postgres::Config = url.parse().map_err(unreachable)?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config.clone(), NoTls, recycling);
        let pool = Pool::builder(manager).max_size(POOL).build().map_err(Error::internal)?;
        let mut client = pool.get().await.map_err(unreachable)?;
        if !allow_unsafe {
            refuse_forgetful(&client).await?;
        }
        migrate::postgres(&mut client, clock).await?;
        let listener = tokio::spawn(listen(config, changes.clone())).abort_handle();
        Ok(Self { pool, listener: Arc::new(Listener(listener)) })
    }

    /// Ends every connection.
    pub(super) fn close(&self) {
        self.listener.0.abort();
        self.pool.close();
    }

    async fn client(&self) -> Result<Object> {
        self.pool.get().await.map_err(unreachable)
    }

    pub(super) async fn read<T, F>(&self, source: &Source, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&Tx) -> Result<T>,
    {
        let client = self.client().await?;
        client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.map_err(failed)?;
        let tx = Tx::new(Conn::Postgres(client), source);
        let open = Open(Some(tx));
        let answer = work(open.tx()?).await;
        open.finish("COMMIT").await?;
        answer
    }

    pub(super) async fn write<T, F>(&self, source: &Source, work: F) -> Result<T>
    where
        F: AsyncFn(&Tx) -> Result<T>,
    {
        let mut tries = 0;
        loop {
            let outcome = self.attempt(source, &work).await;
            let retry = outcome.as_ref().err().and_then(Error::cause::<Failure>);
            if !matches!(retry, Some(Failure::Retry)) || tries >= TRIES {
                return outcome;
            }
            tries += 1;
            // Full jitter: a random wait, so that those who collided don't collide again.
            let wait = source.random.below(u64::from(2_000 * tries.min(25)));
            tokio::time::sleep(Duration::from_micros(wait)).await;
        }
    }

    async fn attempt<T, F>(&self, source: &Source, work: &F) -> Result<T>
    where
        F: AsyncFn(&Tx) -> Result<T>,
    {
        let client = self.client().await?;
        client.batch_execute("BEGIN ISOLATION LEVEL SERIALIZABLE").await.map_err(failed)?;
        let open = Open(Some(Tx::new(Conn::Postgres(client), source)));
        let tx = open.tx()?;
        let outcome = work(tx).await;
        if outcome.is_ok() {
            for topic in tx.announced() {
                exec(tx.client()?, crate::sql!("SELECT pg_notify('covey_changes', $1)"), &[&topic]).await?;
            }
        }
        open.finish(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
        outcome
    }

    pub(super) async fn describe(&self) -> Result<Vec<String>> {
        let client = self.client().await?;
        let rows = client
            .query(
                "SELECT table_name || '.' || column_name || ' ' || data_type || \
                        CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END \
                 FROM information_schema.columns WHERE table_schema = current_schema() \
                 ORDER BY (table_name || '.' || column_name) COLLATE \"C\"",
                &[],
            )
            .await
            .map_err(failed)?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }
}

/// An open transaction. If its future is dropped half-way (the caller hung up), the connection is
/// closed rather than given back to the pool in the middle of somebody's work.
struct Open(Option<Tx>);

impl Open {
    fn tx(&self) -> Result<&Tx> {
        self.0.as_ref().ok_or_else(|| Error::internal("the transaction has ended"))
    }

    async fn finish(mut self, how: &'static str) -> Result<()> {
        let ended = self.tx()?.client()?.batch_execute(how).await.map_err(failed);
        if ended.is_ok() {
            drop(self.0.take());
        }
        ended
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(Conn::Postgres(client)) = self.0.take().map(Tx::into_conn) {
            drop(Object::take(client));
        }
    }
}

/// Refuses a server that could lose a write that it acknowledged.
async fn refuse_forgetful(client: &Object) -> Result<()> {
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let row = client.query_one("SELECT current_setting($1)", &[&setting]).await.map_err(failed)?;
        if row.get::<_, String>(0) == "off" {
            return Err(Error::unavailable(
                format!(
                    "PostgreSQL has {setting}=off: a crash could lose writes that people were told are saved. \
                     Set it on."
                ),
                "unsafe setting",
            ));
        }
    }
    Ok(())
}

/// Passes on what all processes announce. A lost connection is made again; whoever listens re-reads
/// its state at each announcement, so a missed one costs a delay and nothing else.
async fn listen(config: tokio_postgres::Config, changes: broadcast::Sender<Arc<str>>) {
    loop {
        if let Ok((client, mut connection)) = config.connect(NoTls).await {
            let (heard, mut topics) = tokio::sync::mpsc::unbounded_channel();
            let driver = tokio::spawn(async move {
                while let Some(Ok(message)) = std::future::poll_fn(|cx| connection.poll_message(cx)).await {
                    if let AsyncMessage::Notification(note) = message {
                        let _ = heard.send(note);
                    }
                }
            });
            if client.batch_execute(&format!("LISTEN {CHANNEL}")).await.is_ok() {
                while let Some(note) = topics.recv().await {
                    let _ = changes.send(note.payload().into());
                }
            }
            driver.abort();
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
