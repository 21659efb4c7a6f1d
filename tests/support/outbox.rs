//! No mail goes unnoticed: a test that queues one looks at it, or says that the test is about something else.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use tempfile::TempDir;
use tokio_postgres::NoTls;

const QUEUED: &str = "SELECT recipient || ': ' || subject FROM outbox WHERE state = 'queued' ORDER BY id";

/// Where the database of a server is.
pub enum Place {
    /// A file in this folder, which is kept until the mail was asked for.
    Sqlite(Arc<TempDir>),
    Postgres(String),
}

/// The outbox of one server. When it goes, nothing is queued in it.
pub struct Outbox {
    place: Place,
    left: AtomicBool,
    left_to: Mutex<Vec<String>>,
}

impl Outbox {
    pub fn new(place: Place) -> Self {
        Self { place, left: AtomicBool::new(false), left_to: Mutex::default() }
    }

    /// From now on, mail may be left in it.
    pub fn leave(&self) {
        self.left.store(true, Ordering::Relaxed);
    }

    /// Where the server's PostgreSQL database is.
    pub fn url(&self) -> &str {
        match &self.place {
            Place::Postgres(url) => url,
            Place::Sqlite(_) => panic!("this server is on SQLite"),
        }
    }

    /// Mail to this address may be left in it.
    pub fn leave_to(&self, address: &str) {
        self.left_to.lock().unwrap().push(format!("{address}: "));
    }

    /// What is queued: address and subject of each, asked on a connection of its own, for the server may be gone.
    fn queued(&self) -> Vec<String> {
        match &self.place {
            Place::Sqlite(folder) => {
                let conn = rusqlite::Connection::open(folder.path().join("covey.db")).unwrap();
                let mut statement = conn.prepare(QUEUED).unwrap();
                statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
            }
            // A runtime of its own, on a thread of its own: this one may belong to a runtime.
            Place::Postgres(url) => std::thread::scope(|scope| {
                let ask = scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(queued_at(url))
                });
                ask.join().unwrap()
            }),
        }
    }
}

async fn queued_at(url: &str) -> Vec<String> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("SET covey.account = '*'").await.unwrap();
    client.query(QUEUED, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

impl Drop for Outbox {
    fn drop(&mut self) {
        if self.left.load(Ordering::Relaxed) || std::thread::panicking() {
            return;
        }
        let mut queued = self.queued();
        let left_to = self.left_to.lock().unwrap();
        queued.retain(|mail| !left_to.iter().any(|address| mail.starts_with(address)));
        assert!(
            queued.is_empty(),
            "nobody looked at this mail: read it with `mail()`, or say `leave_mail()` where the test is about \
             something else\n{}",
            queued.join("\n")
        );
    }
}
