//! An account's subscription: its plan, period and price, and whether the account may be worked in.
//!
//! Every account has exactly one. It begins as a trial; `billing` sells, renews and ends it. Once money
//! has been owed for longer than the grace, the account is read-only: nothing is lost, people can
//! still be removed and invoices paid, and a payment opens it again at once.

mod store;

pub use store::{Subscription, adopt, any_to_adopt, save, save_method, subscription, to_renew, to_tell};

use crate::licenses;
use kernel::{
    clock::{DAY, Time},
    error::{Error, Result},
    id::AccountId,
    prices::{Plan, Trial},
};
use storage::{Tx, word};

word! {
    /// Where a subscription is in its life.
    pub enum State {
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
    pub enum Standing {
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

/// The error of whoever would change something in a read-only account.
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

/// Begins the trial of a new account, on the Pro plan.
///
/// # Errors
/// The database fails.
pub async fn begin(tx: &Tx, account: AccountId, trial: Trial, licenses: i64) -> Result<()> {
    let until = tx.now().plus(trial.days * DAY);
    store::insert_trial(tx, account, trial.currency, until, until.plus(trial.grace_days * DAY)).await?;
    licenses::open(tx, account, licenses, Plan::Pro.support_staff()).await
}
