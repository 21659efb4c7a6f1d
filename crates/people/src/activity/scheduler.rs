//! The daily receipts of the audit trail: a file in the data folder with every account's, and an email to the owner
//! of each account where something happened.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

use crate::activity::{mail, store};
use kernel::{
    clock::{DAY, Time},
    error::{Error, Result},
    id::AccountId,
    links::Site,
};
use platform::{Services, audit, blobs, config::ReceiptMail, jobs::enqueue};
use storage::Tx;

/// How often the scheduler looks.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Writes and mails receipts until it is told to stop.
pub struct Scheduler {
    /// What it works with.
    pub services: Arc<Services>,
}

impl Scheduler {
    /// Runs until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = receipts_due(&self.services).await {
                tracing::error!(?error, "the receipts of the audit trail failed and are tried again");
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }
}

/// Writes the day's file unless it is there, and mails the receipts that are due. Days are those of UTC. Of several
/// servers each keeps a file, and one mails. Says how many emails there were.
///
/// # Errors
/// The database or the disk fails.
pub async fn receipts_due(services: &Services) -> Result<usize> {
    let now = services.db.clock().now();
    keep_file(services, now).await?;
    if services.config.receipt_mail == ReceiptMail::Off {
        return Ok(0);
    }
    let midnight = Time::from_micros(now.micros().div_euclid(DAY) * DAY);
    let mut sent = 0;
    for account in services.db.read(async |tx| audit::due(tx, midnight).await).await? {
        let site = services.site.clone();
        let mailed = services.db.write(async move |tx| mail_receipt(tx, &site, account, midnight).await);
        sent += usize::from(mailed.await?);
    }
    Ok(sent)
}

async fn mail_receipt(tx: &Tx, site: &Site, account: AccountId, midnight: Time) -> Result<bool> {
    let (Some(owner), Some(receipt)) =
        (store::owner(tx, account).await?, audit::claim(tx, account, midnight).await?)
    else {
        return Ok(false);
    };
    enqueue(tx, &mail::receipt(site, account, &owner, &receipt)?).await?;
    Ok(true)
}

/// One receipt a line, every chain's.
async fn keep_file(services: &Services, now: Time) -> Result<()> {
    let day = now.to_string();
    let path = services.config.data.join("receipts").join(format!("{}.jsonl", &day[..10]));
    if path.exists() {
        return Ok(());
    }
    let receipts = services.db.read_heavy(async |tx| audit::receipts(tx).await).await?;
    let mut text = String::new();
    for receipt in &receipts {
        text.push_str(&receipt.line()?);
        text.push('\n');
    }
    let written = tokio::task::spawn_blocking(move || blobs::write(&path, text.as_bytes()));
    written.await.map_err(Error::internal)?.map_err(|error| {
        Error::unavailable("Covey can't write the audit trail's receipts to the data folder.", error)
    })
}
