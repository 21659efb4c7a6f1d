//! The shared engine: any number of processes on one PostgreSQL.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio::{
    sync::{broadcast, mpsc, oneshot},
    task::{AbortHandle, LocalSet},
};
use tokio_postgres::AsyncMessage;

use crate::{
    Failure, Tx,
    dial::Dialer,
    job::{Answer, Job, Mode},
    migrate,
    statements::postgres::{exec, failed, unreachable},
    stopping,
    turns::{Lines, Turns},
    tx::{Conn, Open, Source},
};
use kernel::error::{Error, Result};

/// Threads that jobs run on. They wait for the database most of the time.
const WORKERS: usize = 2;
/// Connections per process.
const POOL: usize = 32;
/// How often a write is tried again when another transaction came between.
const ATTEMPTS: u32 = 40;
/// The channel that carries announcements between processes.
const CHANNEL: &str = "covey_changes";

/// How many jobs wait at each worker before callers are held back.
const QUEUE: usize = 1024;

#[derive(Clone)]
pub(super) struct Postgres(Arc<Inner>);

struct Inner {
    pool: Pool,
    workers: Vec<mpsc::Sender<Waiting>>,
    next: AtomicUsize,
    listener: AbortHandle,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// A job and who waits for it.
struct Waiting {
    job: Box<dyn Job>,
    mode: Mode,
    caller: oneshot::Sender<Result<Answer>>,
}

impl Postgres {
    pub(super) async fn connect(
        url: &str,
        allow_unsafe: bool,
        source: &Source,
        changes: &broadcast::Sender<Arc<str>>,
    ) -> Result<Self> {
        let unusable = |why: String| Error::unavailable(why, "the database's URL can't be used");
        let dialer = Dialer::new(url.parse().map_err(unusable)?).map_err(unusable)?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(dialer.config().clone(), dialer.clone(), recycling);
        let pool = Pool::builder(manager).max_size(POOL).build().map_err(Error::internal)?;
        let first = pool.get().await;
        let mut client = first.map_err(|error| Error::unavailable(dialer.explain_pool(&error), error))?;
        if !allow_unsafe {
            refuse_unbound(&client).await?;
            refuse_forgetful(&client).await?;
        }
        migrate::postgres(&mut client, &source.clock).await?;
        let runner = Runner { pool: pool.clone(), source: source.clone(), lines: Lines::default() };
        let workers = (0..WORKERS).map(|_| worker(runner.clone())).collect::<Result<_>>()?;
        let listener = tokio::spawn(listen(dialer, changes.clone())).abort_handle();
        Ok(Self(Arc::new(Inner { pool, workers, next: AtomicUsize::new(0), listener })))
    }

    /// Ends every connection.
    pub(super) fn close(&self) {
        self.0.listener.abort();
        self.0.pool.close();
    }

    pub(super) async fn snapshot(&self, source: &Source) -> Result<Open> {
        begin(&self.0.pool, source, Mode::Read, None).await
    }

    /// Hands a job to a worker. There it runs to its end, whether or not the caller still waits.
    pub(super) async fn run(&self, job: Box<dyn Job>, mode: Mode) -> Result<Answer> {
        let (caller, answered) = oneshot::channel();
        let turn = self.0.next.fetch_add(1, Ordering::Relaxed) % self.0.workers.len();
        self.0.workers[turn].send(Waiting { job, mode, caller }).await.map_err(|_| stopping())?;
        answered.await.map_err(|_| Error::internal("a transaction panicked, or the server stops"))?
    }

    pub(super) async fn describe(&self) -> Result<Vec<String>> {
        let client = self.0.pool.get().await.map_err(unreachable)?;
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

/// Begins a transaction. The guard exists before `BEGIN` is sent: a caller dropped in between closes the
/// connection, and nobody else gets it in the middle of a transaction.
async fn begin(pool: &Pool, source: &Source, mode: Mode, turns: Option<Arc<Turns>>) -> Result<Open> {
    let conn = Conn::Postgres(pool.get().await.map_err(unreachable)?);
    let tx = match turns {
        Some(turns) => Tx::in_turn(conn, source, turns),
        None => Tx::new(conn, source),
    };
    let open = Open::new(tx, None);
    let how = match mode {
        Mode::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL covey.account = '*'",
        Mode::Write => "BEGIN ISOLATION LEVEL SERIALIZABLE; SET LOCAL covey.account = '*'",
    };
    open.tx()?.client()?.batch_execute(how).await.map_err(failed)?;
    Ok(open)
}

/// A thread on which jobs run side by side. Their futures stay there, so they need not be `Send`; their
/// connections are the runtime's, like all others.
fn worker(runner: Runner) -> Result<mpsc::Sender<Waiting>> {
    let (jobs, mut queue) = mpsc::channel::<Waiting>(QUEUE);
    let runtime = tokio::runtime::Handle::current();
    let work = move || {
        let local = LocalSet::new();
        runtime.block_on(local.run_until(async move {
            while let Some(mut waiting) = queue.recv().await {
                let runner = runner.clone();
                tokio::task::spawn_local(async move {
                    let outcome = runner.run(waiting.job.as_mut(), waiting.mode).await;
                    let _ = waiting.caller.send(outcome);
                });
            }
        }));
    };
    thread::Builder::new().name("postgres-worker".to_owned()).spawn(work).map_err(Error::internal)?;
    Ok(jobs)
}

/// What runs jobs.
#[derive(Clone)]
struct Runner {
    pool: Pool,
    source: Source,
    lines: Lines,
}

impl Runner {
    /// Runs a job; a write again while others come between, and after those who write in the same account.
    async fn run(&self, job: &mut dyn Job, mode: Mode) -> Result<Answer> {
        let (mut attempts, mut accounts) = (0, BTreeSet::new());
        loop {
            let turns = Arc::new(self.lines.wait(&accounts).await);
            let outcome = self.attempt(job, mode, turns.clone()).await;
            match outcome.as_ref().err().and_then(Error::cause::<Failure>) {
                Some(Failure::Turn(account)) => {
                    accounts.insert(*account);
                }
                Some(Failure::Retry) if mode == Mode::Write && attempts < ATTEMPTS => {
                    attempts += 1;
                    accounts.extend(turns.keys());
                    drop(turns);
                    self.pause(attempts).await;
                }
                _ => return outcome,
            }
        }
    }

    /// Full jitter: a random wait, so that those who collided don't collide again.
    async fn pause(&self, attempts: u32) {
        let wait = self.source.random.below(u64::from(2_000 * attempts.min(25)));
        tokio::time::sleep(Duration::from_micros(wait)).await;
    }

    async fn attempt(&self, job: &mut dyn Job, mode: Mode, turns: Arc<Turns>) -> Result<Answer> {
        let turns = (mode == Mode::Write).then_some(turns);
        let open = begin(&self.pool, &self.source, mode, turns).await?;
        let tx = open.tx()?;
        let outcome = job.begin(tx).await;
        if outcome.is_ok() {
            for topic in tx.announced() {
                exec(tx.client()?, crate::sql!("SELECT pg_notify('covey_changes', $1)"), &[&topic]).await?;
            }
        }
        open.end(if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
        outcome
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

/// Refuses a role that row-level security doesn't bind.
async fn refuse_unbound(client: &Object) -> Result<()> {
    let asked = "SELECT rolname::TEXT, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
    let row = client.query_one(asked, &[]).await.map_err(failed)?;
    if row.get::<_, bool>(1) {
        let role: String = row.get(0);
        return Err(Error::unavailable(
            format!(
                "PostgreSQL's role {role} is a superuser or has BYPASSRLS, so the database would not keep accounts \
                 apart. Connect as a role that owns the database and nothing more: CREATE ROLE covey LOGIN; \
                 CREATE DATABASE covey OWNER covey;"
            ),
            "unsafe role",
        ));
    }
    Ok(())
}

/// Passes on what all processes announce. A lost connection is made again; listeners re-read
/// its state at each announcement, so a missed one costs a delay and nothing else.
async fn listen(dialer: Dialer, changes: broadcast::Sender<Arc<str>>) {
    loop {
        if let Ok((client, mut connection)) = dialer.dial().await {
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
