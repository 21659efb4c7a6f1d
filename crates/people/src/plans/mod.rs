//! An account's subscription: its plan, period and price, and whether the account may be worked in.
//!
//! Every account has exactly one. It begins as a trial; `billing` sells, renews and ends it. Once money
//! has been owed for longer than the grace, the account is read-only: nothing is lost, people can
//! still be removed and invoices paid, and a payment opens it again at once.

mod store;

pub use store::{
    Subscription, adopt, any_to_adopt, save, save_method, subscription, to_align, to_renew, to_tell,
};

use crate::licenses::{self, Seat};
use kernel::{
    clock::{DAY, Time},
    error::{Error, Result},
    id::AccountId,
    prices::{Plan, Trial, UNLIMITED},
};
use storage::{Tx, word};

word! {
    /// The state of a subscription.
    pub enum State as SubscriptionState {
        /// Nothing is sold on this server: the account has its licenses for good.
        Unbilled = "unbilled",
        /// It has not been paid for yet.
        Trial = "trial",
        /// It runs, and renews itself.
        Active = "active",
        /// It was canceled, or went up in another account's.
        Ended = "ended",
    }
}

word! {
    /// What an account may do.
    pub enum Standing as AccountStanding {
        /// It tries Covey out.
        Trial = "trial",
        /// Everything is paid, or not yet due.
        Good = "good",
        /// Money is owed, and everything still works.
        Grace = "grace",
        /// Money has been owed for too long, or the subscription has ended: only reading is possible.
        ReadOnly = "read_only",
    }
}

impl Standing {
    /// What an account may do at a moment, from where its subscription is, since when money is owed, and
    /// from when it is read-only.
    pub fn at(state: State, due_at: Option<Time>, read_only_from: Option<Time>, now: Time) -> Self {
        match (read_only_from, due_at) {
            (Some(from), _) if from <= now => Self::ReadOnly,
            (_, Some(due)) if due <= now => Self::Grace,
            _ if state == State::Trial => Self::Trial,
            _ => Self::Good,
        }
    }
}

impl Subscription {
    /// What the account may do at a moment.
    pub fn standing(&self, now: Time) -> Standing {
        Standing::at(self.state, self.due_at, self.read_only_from, now)
    }
}

/// The error of a change in a read-only account.
pub fn read_only() -> Error {
    Error::conflict("account_read_only", access::READ_ONLY)
}

/// Refuses where an account is read-only.
///
/// # Errors
/// It is.
pub async fn must_be_open(tx: &Tx, account: AccountId) -> Result<()> {
    if is_read_only(tx, account).await? { Err(read_only()) } else { Ok(()) }
}

/// Whether an account is read-only.
///
/// # Errors
/// The database fails.
pub async fn is_read_only(tx: &Tx, account: AccountId) -> Result<bool> {
    Ok(store::read_only_from(tx, account).await?.is_some_and(|from| from <= tx.now()))
}

/// Begins the trial of a new account, on the Pro plan; or, where nothing is sold, gives it its licenses for good.
///
/// # Errors
/// The database fails.
pub async fn begin(tx: &Tx, account: AccountId, trial: Trial, licenses: i64) -> Result<()> {
    if !trial.sold {
        store::insert_unbilled(tx, account, trial.currency).await?;
        return licenses::open(tx, account, licenses, UNLIMITED).await;
    }
    let until = tx.now().plus(trial.days * DAY);
    store::insert_trial(tx, account, trial.currency, until, until.plus(trial.grace_days * DAY)).await?;
    licenses::open(tx, account, licenses, Plan::Pro.support_staff()).await
}

/// Brings an account in line with whether anything is sold here: from the moment when billing is switched on, it has a
/// trial; from the moment when it is switched off, it owes nothing and has its licenses for good. Nobody loses theirs.
///
/// # Errors
/// The database fails.
pub async fn align(tx: &Tx, account: AccountId, trial: Trial) -> Result<()> {
    licenses::sweep(tx, account).await?;
    let places = licenses::seats_of(tx, account).await?;
    let taken = |kind| {
        let of = places.iter().find(|seats| seats.kind == kind);
        of.map_or(0, |seats| seats.used + seats.reserved)
    };
    let licenses = trial.licenses.max(taken(Seat::License));
    let support = if trial.sold { Plan::Pro.support_staff() } else { UNLIMITED };
    licenses::resize(tx, account, licenses, support.max(taken(Seat::SupportStaff))).await?;
    let mut has = subscription(tx, account).await?;
    if trial.sold {
        let until = tx.now().plus(trial.days * DAY);
        (has.state, has.anchor_at, has.period_start, has.period_end) =
            (State::Trial, tx.now(), tx.now(), until);
        (has.due_at, has.read_only_from) = (Some(until), Some(until.plus(trial.grace_days * DAY)));
    } else {
        (has.state, has.due_at, has.read_only_from) = (State::Unbilled, None, None);
    }
    (has.next_plan, has.next_billed, has.next_licenses, has.ends_at_renewal) = (None, None, None, false);
    save(tx, &has).await
}
