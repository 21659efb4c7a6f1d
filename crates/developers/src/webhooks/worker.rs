//! The loop that delivers: many endpoints side by side, each in order.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::watch, task::JoinSet};

use crate::webhooks::{
    Sender, TOPIC, Targets, line,
    store::{self, Lane},
};
use kernel::{clock::HOUR, error::Result, id::AccountId};
use platform::Services;
use storage::Db;

/// How often the worker looks for new events and for waits that are over.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many requests are under way at most.
const AT_ONCE: usize = 64;
/// How many of these are one account's, so that its slow receivers hold up no one else.
const AT_ONCE_EACH: usize = 4;
/// How many deliveries of a lane are sent before others have their turn.
const IN_A_ROW: usize = 50;

/// Delivers to webhooks until it is told to stop.
pub struct Worker {
    services: Arc<Services>,
    sender: Sender,
}

impl Worker {
    /// To what the configuration allows.
    ///
    /// # Errors
    /// No client can be made.
    pub fn new(services: Arc<Services>) -> Result<Self> {
        let sender = Sender::new(Targets::of(&services.config))?;
        Ok(Self { services, sender })
    }

    /// Runs until `stop` turns true. What is under way then is given back, to be sent after the next start.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let (services, mut changes) = (&self.services, self.services.db.changes());
        let mut tidied = services.db.clock().now().plus(-HOUR);
        let (mut under_way, mut tasks) = (UnderWay::default(), JoinSet::new());
        while !*stop.borrow() {
            if services.db.clock().now().waited(tidied) >= HOUR {
                tidied = services.db.clock().now();
                report(tidy(&services.db).await);
            }
            let due = services.db.read(async |tx| store::due(tx).await).await;
            for lane in report(due).unwrap_or_default() {
                if under_way.admit(lane) {
                    tasks.spawn(drain(services.clone(), self.sender.clone(), lane, stop.clone()));
                }
            }
            tokio::select! {
                Some(done) = tasks.join_next() => under_way.done(done.ok()),
                () = Db::heard(&mut changes, TOPIC) => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
        while tasks.join_next().await.is_some() {}
    }
}

/// Which lanes this process is sending.
#[derive(Default)]
struct UnderWay {
    lanes: HashSet<Lane>,
    accounts: HashMap<AccountId, usize>,
}

impl UnderWay {
    /// Takes a lane on, if it is not and there is room.
    fn admit(&mut self, lane: Lane) -> bool {
        let own = self.accounts.get(&lane.0).copied().unwrap_or_default();
        let room = self.lanes.len() < AT_ONCE && own < AT_ONCE_EACH;
        if !room || !self.lanes.insert(lane) {
            return false;
        }
        self.accounts.insert(lane.0, own + 1);
        true
    }

    /// A lane has come to its end. One whose task broke is not known by its end: it is left alone until the start of
    /// the next process, which is better than a loop.
    fn done(&mut self, lane: Option<Lane>) {
        let Some(lane) = lane.filter(|lane| self.lanes.remove(lane)) else { return };
        let left = self.accounts.get(&lane.0).copied().unwrap_or_default().saturating_sub(1);
        match left {
            0 => self.accounts.remove(&lane.0),
            left => self.accounts.insert(lane.0, left),
        };
    }
}

fn report<T>(outcome: Result<T>) -> Option<T> {
    outcome.inspect_err(|error| tracing::error!(?error, "webhooks failed and are tried again")).ok()
}

/// Sends what is due in a lane, one after the other, until one is not taken.
async fn drain(services: Arc<Services>, sender: Sender, lane: Lane, mut stop: watch::Receiver<bool>) -> Lane {
    for _ in 0..IN_A_ROW {
        if *stop.borrow() {
            break;
        }
        match report(one(&services, &sender, lane, &mut stop).await) {
            Some(true) => {}
            Some(false) => break,
            // The database fails. It is not asked again at once.
            None => {
                tokio::time::sleep(LOOK_EVERY).await;
                break;
            }
        }
    }
    lane
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Sends the next delivery of a lane; says whether there was one and it was taken.
async fn one(
    services: &Services,
    sender: &Sender,
    lane: Lane,
    stop: &mut watch::Receiver<bool>,
) -> Result<bool> {
    let db = &services.db;
    let Some(held) = db.write(async move |tx| line::claim(tx, lane).await).await? else { return Ok(false) };
    let outcome = tokio::select! {
        outcome = sender.send(db.clock(), &held.message) => outcome,
        () = stopped(stop) => {
            db.write(async move |tx| line::release(tx, &held).await).await?;
            return Ok(false);
        }
    };
    let (site, taken) = (services.site.clone(), outcome.error.is_none());
    db.write(async move |tx| line::settle(tx, &site, &held, &outcome).await).await?;
    Ok(taken)
}

/// Delivers all that is due now, one after the other: for tests. Says how many lanes there were.
///
/// # Errors
/// The database fails.
pub async fn deliver_due(services: &Services, sender: &Sender) -> Result<usize> {
    let (never, mut stop) = watch::channel(false);
    let mut lanes = 0;
    loop {
        let due = services.db.read(async |tx| store::due(tx).await).await?;
        if due.is_empty() {
            drop(never);
            return Ok(lanes);
        }
        lanes += due.len();
        for lane in due {
            while one(services, sender, lane, &mut stop).await? {}
        }
    }
}

/// Forgets deliveries that have had their time.
///
/// # Errors
/// The database fails.
pub async fn tidy(db: &Db) -> Result<()> {
    while db.write(async |tx| store::tidy(tx).await).await? > 0 {}
    Ok(())
}
