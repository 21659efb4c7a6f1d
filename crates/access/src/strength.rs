//! How well a caller has proved who they are: whether a second factor is missing, and whether the proof is fresh.
//!
//! The proofs say what someone may; this says whether it is surely them. It is asked once for every request, after its
//! proof, so that those to whom something is hidden learn nothing of an account's rules.

use crate::{Credential, store};
use kernel::{
    clock::{MINUTE, Time},
    error::{Error, Result},
    id::AccountId,
};
use storage::Tx;

/// How long a proof is fresh: for that long nobody is asked again.
pub const FRESH_FOR: i64 = 10 * MINUTE;

/// What a route asks of the strength of its caller's proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Strength {
    /// That they proved within [`FRESH_FOR`] who they are.
    pub fresh: bool,
    /// Nothing: it leads to a second factor, or tells a person of themselves alone.
    pub any: bool,
}

/// Refuses who has not proved enough for a route: in an account, or over all of the person's accounts where it is none.
/// API keys are no persons, and who is not signed in is asked nothing.
///
/// # Errors
/// A second factor is missing ([`Error::wants_second_factor`]), or the proof is too old ([`Error::wants_password`]).
pub async fn strong_enough(
    tx: &Tx,
    who: &Credential,
    account: Option<AccountId>,
    asks: Strength,
) -> Result<()> {
    let Some(session) = who.session.get() else { return Ok(()) };
    if !asks.any && lacks_second_factor(tx, who, account).await? {
        return Err(Error::second_factor_needed());
    }
    match asks.fresh && !is_fresh(session.proved_at, tx.now()) {
        true => Err(Error::password_needed()),
        false => Ok(()),
    }
}

/// Whether the caller's session lacks a second factor that an account requires by now: this one, or any of theirs.
///
/// # Errors
/// The database fails.
pub async fn lacks_second_factor(tx: &Tx, who: &Credential, account: Option<AccountId>) -> Result<bool> {
    match who.session.get() {
        Some(session) if session.limited => Ok(true),
        Some(session) if !session.enough => store::second_factor_required(tx, session.user, account).await,
        _ => Ok(false),
    }
}

/// Whether a proof of that time is still fresh. One of a time that has not come yet, since the clock was set back, is
/// not.
pub fn is_fresh(proved_at: Time, now: Time) -> bool {
    (0..=FRESH_FOR).contains(&now.since(proved_at))
}
