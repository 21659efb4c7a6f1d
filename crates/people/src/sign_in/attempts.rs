//! How often and from where someone may try: what is counted, how long one waits, and whose turn it is.

use crate::sign_in::store;
use kernel::{
    clock::{DAY, HOUR, MINUTE, SECOND},
    error::{Error, Result},
    id::UserId,
    net,
    random::Token,
    turns::Flow,
};
use storage::Tx;

/// How many wrong passwords in a row are free, from one place or one browser.
pub(super) const FREE_FAILURES: i64 = 5;
/// How many are free over all places from which nobody signed in lately.
const FREE_FAILURES_ANYWHERE: i64 = 20;
/// How many wrong passwords in a row are checked in all (NIST SP 800-63B-4, 3.2.2). Then the password is locked
/// until it is reset by mail; and a browser that guessed so often is no longer a known one.
pub(super) const MOST_WRONG: i64 = 100;
/// How many a place may have within an hour, over all addresses; and as many more for each person who signed in
/// there lately, up to [`MOST_NEIGHBORS`].
pub(super) const FREE_FAILURES_OF_PLACE: i64 = 100;
/// How many people make a place a known one at most.
const MOST_NEIGHBORS: i64 = 20;
/// How long ago is lately.
const LATELY: i64 = 30 * DAY;
/// How many emails and sign-ups a place may ask for within an hour without signing in.
const FREE_ANONYMOUS: i64 = 30;
/// The longest wait between two tries.
const LONGEST_WAIT: i64 = 15 * MINUTE;

/// Where a sign-in comes from.
#[derive(Clone)]
pub struct From {
    /// The network address.
    pub address: String,
    /// What the browser says it is.
    pub device: String,
    /// What marks the browser as one that someone signed in from.
    pub token: Option<Token>,
}

impl From {
    /// For whom passwords are hashed: a known browser is a place of its own.
    pub(super) fn flow(&self, account: &str, known_browser: bool) -> Flow {
        let place = match &self.token {
            Some(browser) if known_browser => device_name(browser),
            _ => place(&self.address),
        };
        Flow { account: account.to_owned(), place }
    }
}

/// For whom a password is hashed that is being chosen.
pub fn flow(from: &From, account: &str) -> Flow {
    from.flow(account, false)
}

/// The name of the place that an address counts for.
pub(super) fn place(address: &str) -> String {
    match address.parse() {
        Ok(address) => format!("place:{}", net::place(address)),
        Err(_) => format!("place:{address}"),
    }
}

/// Seconds to wait after so many failures: 1, 2, 4 … up to [`LONGEST_WAIT`].
fn wait(failures: i64, free: i64) -> i64 {
    match failures - free {
        ..0 => 0,
        over => (SECOND << over.min(20)).min(LONGEST_WAIT),
    }
}

async fn check_throttle(tx: &Tx, name: &str, free: i64) -> Result<()> {
    let Some(throttle) = store::throttle(tx, name).await? else { return Ok(()) };
    let left = wait(throttle.failures, free).saturating_sub(tx.now().waited(throttle.last_at));
    if left > 0 {
        // Of a flood, a line each is enough: an event each would make the trail its victim.
        let what = name.split(':').next().unwrap_or_default();
        tracing::info!(what, failures = throttle.failures, "an attempt has to wait");
        return Err(Error::throttled(u32::try_from(left / SECOND + 1).unwrap_or(u32::MAX)));
    }
    Ok(())
}

/// Takes a try: refuses while a wait runs, and counts it as failed until it succeeds, so that tries made
/// at the same time can't overtake the count.
pub(super) async fn take_try(tx: &Tx, name: &str, free: i64) -> Result<()> {
    check_throttle(tx, name, free).await?;
    store::count(tx, name, HOUR).await
}

/// Takes a try of something that anyone may do without signing in.
pub(super) async fn take_anonymous_try(tx: &Tx, from: &From) -> Result<()> {
    take_try(tx, &format!("anonymous:{}", place(&from.address)), FREE_ANONYMOUS).await
}

/// The counts that an attempt to sign in takes part in.
///
/// A browser that the person signed in from before has a count of its own, so that strangers can't shut it out.
/// Everyone else counts under the address at their own place, so that nobody elsewhere waits for it; under the
/// place; and, where nobody signed in lately, under the address everywhere. None of it depends on whether the
/// address is known.
#[derive(Clone)]
pub(super) struct Tries {
    pub(super) key: String,
    pub(super) place: String,
    pub(super) from: From,
}

/// What an attempt is checked against.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) user: Option<UserId>,
    pub(super) hash: Option<String>,
    pub(super) known_browser: bool,
    /// Too many wrong passwords came before: this one doesn't count, right or wrong.
    pub(super) locked: bool,
    /// If this one is wrong, the password is locked.
    pub(super) last: bool,
}

impl Tries {
    fn here(&self) -> String {
        format!("address:{}@{}", self.key, self.place)
    }

    fn anywhere(&self) -> String {
        format!("address:{}", self.key)
    }

    pub(super) async fn take(&self, tx: &Tx) -> Result<Seen> {
        let (browser, lately) = (self.from.token.as_ref(), tx.now().plus(-LATELY));
        let found = store::attempt(tx, &self.key, browser, &self.place, lately, MOST_WRONG).await?;
        let user = found.user.unwrap_or(UserId::nil());
        let wrong = found.wrong.unwrap_or_default();
        let (locked, last) = if let Some(browser) = browser.filter(|_| found.known_browser) {
            take_try(tx, &device_name(browser), FREE_FAILURES).await?;
            store::count_wrong_of_browser(tx, user, browser).await?;
            (false, false)
        } else {
            let neighbors = found.known_people.min(MOST_NEIGHBORS);
            take_try(tx, &self.place, FREE_FAILURES_OF_PLACE * (1 + neighbors)).await?;
            take_try(tx, &self.here(), FREE_FAILURES).await?;
            if neighbors == 0 {
                take_try(tx, &self.anywhere(), FREE_FAILURES_ANYWHERE).await?;
            }
            store::count_wrong(tx, user).await?;
            (wrong >= MOST_WRONG, wrong + 1 == MOST_WRONG)
        };
        Ok(Seen { user: found.user, hash: found.hash, known_browser: found.known_browser, locked, last })
    }

    pub(super) async fn succeed(&self, tx: &Tx, user: UserId, known_browser: bool) -> Result<()> {
        store::forget(tx, &self.here()).await?;
        store::forget(tx, &self.anywhere()).await?;
        // This attempt was counted ahead, unless it was a known browser's.
        store::forget_wrong(tx, user, MOST_WRONG - i64::from(known_browser)).await?;
        if let Some(device) = &self.from.token {
            store::forget(tx, &device_name(device)).await?;
        }
        store::count_back(tx, &self.place).await
    }
}

pub(super) fn device_name(device: &Token) -> String {
    format!("device:{}", data_encoding::HEXLOWER.encode(&device.digest()))
}
