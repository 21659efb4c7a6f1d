//! The access log: who opened which record, first and last and how often, in a row per person, record and quarter of
//! an hour.
//!
//! The first opening in a quarter of an hour is on the disk before its answer leaves. Those after it are only counted
//! in memory and written down later ([`AccessLog::flush`]): what a crash can lose of them is a count and a last
//! moment, never that someone opened a record. Who may open it is proved for every request as ever; nothing here
//! is asked for that.

mod store;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

use kernel::{
    clock::{MINUTE, Time},
    error::Result,
    id::{
        AccountId, CaseId, ClientGroupId, ClientId, FileId, GroupId, GroupNoteId, Id, NoteId, OpenedId,
        RequestId, UserId,
    },
};
use storage::{Db, Tx};

/// The length of a row's time.
const WINDOW: i64 = 15 * MINUTE;
/// How often counts are written down.
const FLUSH_EVERY: Duration = Duration::from_secs(30);
/// How many openings are remembered. Beyond that, each is written.
const REMEMBERED: usize = 100_000;

storage::word! {
    /// What can be opened.
    pub enum Record as RecordKind {
        /// A client: who they are, their animals, what belongs to them.
        Client = "client",
        /// A client's chart.
        Chart = "chart",
        /// An entry in a chart.
        Note = "note",
        /// A case with its notes.
        Case = "case",
        /// A file of a case.
        File = "file",
        /// A client group, with the names of its clients.
        ClientGroup = "client_group",
        /// A group note, with what it says of each client.
        GroupNote = "group_note",
        /// A request, with what it shows of clients and a case, and its files.
        Request = "request",
        /// All clients of a group, as a file.
        ClientExport = "client_export",
        /// All cases of a group, as a file.
        CaseExport = "case_export",
    }
}

impl Record {
    /// The id as people see it, of what is stored without its prefix.
    pub fn id(self, object: OpenedId) -> String {
        let id = object.uuid();
        match self {
            Self::Client | Self::Chart => ClientId::from_uuid(id).to_string(),
            Self::Note => NoteId::from_uuid(id).to_string(),
            Self::Case => CaseId::from_uuid(id).to_string(),
            Self::File => FileId::from_uuid(id).to_string(),
            Self::ClientGroup => ClientGroupId::from_uuid(id).to_string(),
            Self::GroupNote => GroupNoteId::from_uuid(id).to_string(),
            Self::Request => RequestId::from_uuid(id).to_string(),
            Self::ClientExport | Self::CaseExport => GroupId::from_uuid(id).to_string(),
        }
    }
}

/// That someone opens a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opened {
    /// In which account.
    pub account: AccountId,
    /// Who.
    pub user: UserId,
    /// What kind of record.
    pub record: Record,
    /// Which one.
    pub object: OpenedId,
}

impl Opened {
    /// That this person opens this record.
    pub fn new<T>(account: AccountId, user: UserId, record: Record, object: Id<T>) -> Self {
        Self { account, user, record, object: OpenedId::from_uuid(object.uuid()) }
    }
}

/// The quarter of an hour that a moment is in, by its first moment.
fn window(at: Time) -> Time {
    Time::from_micros(at.micros().div_euclid(WINDOW) * WINDOW)
}

/// Writes down an opening in the caller's transaction.
///
/// # Errors
/// The database fails.
pub async fn record(tx: &Tx, opened: &Opened) -> Result<()> {
    store::note(tx, opened, window(tx.now())).await
}

type Key = (AccountId, UserId, Record, OpenedId);

/// How often a row's record was opened since the row was written, and when last.
#[derive(Clone, Copy)]
struct More {
    times: i64,
    last: Time,
}

/// What was opened lately, and is on the disk.
#[derive(Default)]
struct Recent {
    window: Option<Time>,
    seen: HashMap<Key, More>,
    /// Counts of quarters of an hour that are over.
    late: Vec<(Key, Time, More)>,
}

impl Recent {
    /// Begins another quarter of an hour, if `window` is one.
    fn turn(&mut self, window: Time) {
        if self.window == Some(window) {
            return;
        }
        let before = self.window.replace(window).unwrap_or(window);
        let over = self.seen.drain().filter(|(_, more)| more.times > 0);
        self.late.extend(over.map(|(key, more)| (key, before, more)));
    }

    /// Takes all counts.
    fn take(&mut self) -> Vec<(Key, Time, More)> {
        let mut taken = std::mem::take(&mut self.late);
        if let Some(window) = self.window {
            for (key, more) in self.seen.iter_mut().filter(|(_, more)| more.times > 0) {
                taken.push((*key, window, *more));
                more.times = 0;
            }
        }
        taken
    }
}

/// The log of one server process.
#[derive(Default)]
pub struct AccessLog {
    recent: Mutex<Recent>,
}

impl AccessLog {
    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an opening: durable when this returns, by its own row or, where there is one already, by that.
    ///
    /// # Errors
    /// The database fails: what is not noted must not be shown.
    pub async fn note(&self, db: &Db, opened: Opened) -> Result<()> {
        let now = db.clock().now();
        let key = (opened.account, opened.user, opened.record, opened.object);
        {
            let mut recent = self.recent();
            recent.turn(window(now));
            if let Some(more) = recent.seen.get_mut(&key) {
                *more = More { times: more.times + 1, last: now };
                return Ok(());
            }
        }
        let written = db.write(async move |tx| {
            record(tx, &opened).await?;
            Ok(window(tx.now()))
        });
        let written = written.await?;
        let mut recent = self.recent();
        if recent.window == Some(written) && recent.seen.len() < REMEMBERED {
            recent.seen.entry(key).or_insert(More { times: 0, last: now });
        }
        Ok(())
    }

    /// Writes down what was only counted.
    ///
    /// # Errors
    /// The database fails; the counts are lost then, the rows are not.
    pub async fn flush(&self, db: &Db) -> Result<()> {
        let counts = self.recent().take();
        if counts.is_empty() {
            return Ok(());
        }
        db.write(async move |tx| {
            for ((account, user, record, object), window, more) in &counts {
                let opened = Opened { account: *account, user: *user, record: *record, object: *object };
                store::count(tx, &opened, *window, more.times, more.last).await?;
            }
            Ok(())
        })
        .await
    }

    /// Writes counts down from time to time, until it is told to stop.
    pub async fn run(self: Arc<Self>, db: Db, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            tokio::select! {
                () = tokio::time::sleep(FLUSH_EVERY) => {}
                _ = stop.changed() => return,
            }
            if let Err(error) = self.flush(&db).await {
                tracing::error!(?error, "counts of the access log were lost");
            }
        }
    }
}

/// Copies the log of an account's clients, cases and notes into the account that takes them over. Requests stay.
///
/// # Errors
/// The database fails.
pub async fn copy_all(tx: &Tx, from: AccountId, to: AccountId) -> Result<()> {
    store::copy_all(tx, from, to).await
}
