//! The worker: takes what is due, hands it over, notes how that went.

use std::{sync::Arc, time::Duration};

use lettre::message::Mailbox;
use tokio::sync::watch;

use crate::jobs::{
    Delivery, Transport,
    store::{self, Failed, PAUSES, Queued},
};
use kernel::{
    clock::HOUR,
    error::{Error, Result},
};
use storage::Db;

/// How often the worker looks for emails whose pause is over.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Delivers emails and tidies, until it is told to stop.
pub struct Worker {
    /// The outbox.
    pub db: Db,
    /// The way out.
    pub transport: Arc<Transport>,
    /// Who the emails are from.
    pub from: Mailbox,
}

impl Worker {
    /// Runs until `stop` turns true, then finishes the emails in hand.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut changes = self.db.changes();
        let mut tidied = self.db.clock().now().plus(-HOUR);
        while !*stop.borrow() {
            if self.db.clock().now().waited(tidied) >= HOUR {
                tidied = self.db.clock().now();
                report("tidying", tidy(&self.db).await);
                report("tidying the mail folder", self.transport.tidy(tidied).map_err(Error::internal));
            }
            report("the outbox", deliver_due(&self.db, &self.transport, &self.from).await);
            tokio::select! {
                () = Db::heard(&mut changes, store::TOPIC) => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }
}

fn report<T>(what: &str, outcome: Result<T>) {
    if let Err(error) = outcome {
        tracing::error!(?error, "{what} failed and is tried again");
    }
}

/// Delivers every email that is due now. Says how many were handed over.
///
/// # Errors
/// The database fails; a delivery that fails is noted with its email instead.
pub async fn deliver_due(db: &Db, transport: &Transport, from: &Mailbox) -> Result<usize> {
    let mut handed_over = 0;
    loop {
        let batch = db.write(async |tx| store::claim(tx).await).await?;
        if batch.is_empty() {
            return Ok(handed_over);
        }
        let outcomes =
            futures_util::future::join_all(batch.iter().map(|mail| one(db, transport, from, mail)));
        for outcome in outcomes.await {
            handed_over += usize::from(outcome?);
        }
    }
}

async fn one(db: &Db, transport: &Transport, from: &Mailbox, mail: &Queued) -> Result<bool> {
    let now = db.clock().now();
    let (to, subject, text, html) = (&mail.recipient, &mail.subject, &mail.text, &mail.html);
    let delivery = Delivery { id: mail.id, to, reply_to: mail.reply_to.as_deref(), subject, text, html, now };
    let id = mail.id;
    let Err(failure) = transport.deliver(from, &delivery).await else {
        db.write(async move |tx| store::sent(tx, id).await).await?;
        return Ok(true);
    };
    let pause = usize::try_from(mail.attempts - 1).ok().and_then(|tries| PAUSES.get(tries));
    let next = pause.map(|pause| now.plus(*pause));
    let why = reasons(failure.as_ref());
    tracing::warn!(mail = %id, attempts = mail.attempts, given_up = next.is_none(), "mail not taken: {why}");
    let failed = Failed { next, why, unreachable: unanswered(failure.as_ref()) };
    db.write(async move |tx| store::failed(tx, id, &failed).await).await?;
    Ok(false)
}

/// Whether no answer came: a refusal is one, and says nothing of other letters.
fn unanswered(failure: &(dyn std::error::Error + 'static)) -> bool {
    let smtp = failure.downcast_ref::<lettre::transport::smtp::Error>();
    smtp.is_none_or(|error| error.status().is_none())
}

/// An error with what caused it, cut to a length that fits a table.
fn reasons(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    let mut words = chain.map(ToString::to_string).collect::<Vec<_>>();
    words.dedup();
    words.join(": ").chars().take(400).collect()
}

/// Deletes what has had its time.
///
/// # Errors
/// The database fails.
pub async fn tidy(db: &Db) -> Result<()> {
    db.write(async |tx| store::tidy(tx).await).await
}
