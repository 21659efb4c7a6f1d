//! Whether the server can do its work: the database takes a write, and the data folder takes a file. Found out by
//! doing both, at most once in a few seconds however often a probe asks.

use std::time::Duration;

use kernel::{
    clock::{SECOND, Time},
    error::{Error, Result},
};
use storage::Db;
use tokio::sync::Mutex;

use crate::blobs::Blobs;

/// How long a finding holds, in microseconds.
const HOLDS: i64 = 5 * SECOND;
/// How long the database may take for a small write.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why the server isn't ready, in a sentence for the operator; none where it is.
pub type Trouble = Option<&'static str>;

/// What was found last. Probes that come together share one finding.
#[derive(Default)]
pub struct Readiness(Mutex<Option<(Time, Trouble)>>);

impl Readiness {
    /// What keeps the server from its work, if anything does.
    pub async fn trouble(&self, db: &Db, blobs: &Blobs) -> Trouble {
        let mut last = self.0.lock().await;
        let now = db.clock().now();
        if let Some((at, trouble)) = *last
            && (0..HOLDS).contains(&now.since(at))
        {
            return trouble;
        }
        let trouble = look(db, blobs).await.err();
        *last = Some((now, trouble));
        trouble
    }
}

async fn look(db: &Db, blobs: &Blobs) -> Result<(), &'static str> {
    let noted = |error: Error, why| {
        tracing::warn!(?error, "{why}");
        why
    };
    match tokio::time::timeout(PATIENCE, db.probe()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(noted(error, "the database can't be reached or can't be written")),
        Err(_) => return Err("the database does not answer in time"),
    }
    blobs.probe().await.map_err(|error| noted(error, "the data folder can't be written, or its disk is full"))
}
