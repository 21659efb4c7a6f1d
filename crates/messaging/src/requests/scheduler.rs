//! The daily summaries: one email each morning to people who chose that, if anything is unread or overdue for them.

use std::{sync::Arc, time::Duration};

use jiff::{
    civil::{Date, time},
    tz::TimeZone,
};
use tokio::sync::watch;

use crate::requests::{counted_since, mail, store};
use kernel::{clock::Time, error::Result, id::AccountId, links::Site};
use platform::{Services, jobs::enqueue_all};
use storage::{Db, Tx};

const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Sends the daily summaries.
pub struct Scheduler {
    pub services: Arc<Services>,
}

impl Scheduler {
    /// Runs until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            if let Err(error) = digests_due(&self.services.db, &self.services.site).await {
                tracing::error!(?error, "daily request summaries failed; retrying");
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                _ = stop.changed() => {}
            }
        }
    }
}

/// The last seven o'clock in the morning before `now`, as clocks in this zone show it.
fn last_morning(now: Time, zone: &str) -> Time {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let here = now.timestamp().to_zoned(zone.clone());
    let seven = |date: Date| date.to_datetime(time(7, 0, 0, 0)).to_zoned(zone.clone());
    let today = seven(here.date());
    let morning = match today {
        Ok(morning) if morning > here => here.date().yesterday().and_then(seven),
        morning => morning,
    };
    morning.map_or(now, |morning| morning.timestamp().into())
}

/// Sends every summary that is due now. Claimed and queued in one transaction per account, so that several processes
/// never send one twice. Returns the number of emails.
///
/// # Errors
/// The list of subscribers can't be read. One account's failure doesn't stop the others: it is logged and retried.
pub async fn digests_due(db: &Db, site: &Site) -> Result<usize> {
    let now = db.clock().now();
    let mut sent = 0;
    for subscriber in db.read(async |tx| store::subscribers(tx).await).await? {
        let morning = last_morning(now, &subscriber.time_zone);
        if subscriber.oldest >= morning {
            continue;
        }
        let (site, account) = (site.clone(), subscriber.account);
        match db.write(async move |tx| summarize(tx, &site, account, morning).await).await {
            Ok(letters) => sent += letters,
            Err(error) => tracing::error!(?error, "request summaries of one account failed; retrying"),
        }
    }
    Ok(sent)
}

async fn summarize(tx: &Tx, site: &Site, account: AccountId, morning: Time) -> Result<usize> {
    let people = store::claim_digests(tx, account, morning).await?;
    let waiting = store::waiting(tx, account, &people, counted_since(tx.now())).await?;
    let letters = waiting
        .into_iter()
        .map(|one| mail::digest(site, account, one.email, one.unread, one.overdue))
        .collect::<Vec<_>>();
    enqueue_all(tx, &letters).await?;
    Ok(letters.len())
}

#[cfg(test)]
mod tests {
    use super::last_morning;
    use kernel::clock::Time;

    #[test]
    fn mornings_are_those_of_the_accounts_zone_on_days_with_23_hours_too() {
        let at = |text: &str| Time::read(text, &jiff::tz::TimeZone::UTC).unwrap();
        let morning = |now: &str, zone: &str| last_morning(at(now), zone).to_string();
        assert_eq!(morning("2026-03-02T06:59:59Z", "UTC"), "2026-03-01T07:00:00Z");
        assert_eq!(morning("2026-03-02T07:00:00Z", "UTC"), "2026-03-02T07:00:00Z");
        assert_eq!(morning("2026-03-02T12:00:00Z", "America/Chicago"), "2026-03-01T13:00:00Z");
        assert_eq!(morning("2026-03-08T12:30:00Z", "America/Chicago"), "2026-03-08T12:00:00Z");
        assert_eq!(morning("2026-03-02T12:00:00Z", "Nowhere/Land"), "2026-03-02T07:00:00Z");
    }
}
