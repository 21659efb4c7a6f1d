//! What happens to money without anyone asking: renewals, reminders, and payments whose outcome is not known
//! yet.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use crate::{charges, shop::Shop, subscriptions};
use kernel::{error::Result, id::AccountId};
use people::plans;
use platform::Services;
use storage::{Db, Tx};

/// How often the scheduler looks without being woken.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many accounts are taken at a time.
const BATCH: i64 = 50;

/// Does what is due until it is told to stop.
pub struct Scheduler {
    /// What it works with.
    pub services: Arc<Services>,
}

impl Scheduler {
    /// Runs until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut changes = self.services.db.changes();
        // Once: every account that is opened from now on begins as the configuration says.
        let mut adopted = false;
        while !*stop.borrow() {
            let done = if adopted { round(&self.services).await } else { tick(&self.services).await };
            adopted |= done.is_ok();
            if let Err(error) = done {
                tracing::error!(?error, "billing failed and is tried again");
            }
            tokio::select! {
                () = Db::heard(&mut changes, charges::TOPIC) => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }
}

/// Gives accounts from before there were subscriptions their trial, brings all in line with whether anything is sold here,
/// and does all that is due now.
pub async fn tick(services: &Services) -> Result<()> {
    let trial = services.config.trial();
    if services.db.read(async |tx| plans::any_to_adopt(tx).await).await? {
        services.db.write(async move |tx| plans::adopt(tx, trial).await).await?;
    }
    for account in services.db.read(async move |tx| plans::to_align(tx, trial).await).await? {
        services.db.write(async move |tx| plans::align(tx, account, trial).await).await?;
    }
    round(services).await
}

/// Does all that is due now.
async fn round(services: &Services) -> Result<()> {
    for account in due(services, plans::to_renew).await? {
        let (shop, site) = (Shop::of(&services.config), services.site.clone());
        let renew = async move |tx: &Tx| subscriptions::renew(tx, &shop, &site, account).await;
        log_failure(services.db.write(renew).await);
    }
    for account in due(services, plans::to_tell).await? {
        let site = services.site.clone();
        let remind = async move |tx: &Tx| subscriptions::remind(tx, &site, account).await;
        log_failure(services.db.write(remind).await);
    }
    charges::ask_about_due(services).await
}

async fn due(
    services: &Services,
    list: impl AsyncFn(&Tx, i64) -> Result<Vec<AccountId>>,
) -> Result<Vec<AccountId>> {
    services.db.read(async |tx| list(tx, BATCH).await).await
}

/// One account's trouble is not the others': it is told to the operator, and tried again at the next look.
fn log_failure(done: Result<()>) {
    if let Err(error) = done {
        tracing::error!(?error, "billing of one account failed and is tried again");
    }
}
