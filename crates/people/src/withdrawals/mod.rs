//! Invitations end with their giver's right: whenever someone loses a role, the pending invitations that nobody may
//! give any more are *withdrawn*. They stay listed, their licenses are free, and anyone who may give them can send them again.
//!
//! A slice of its own, below members and groups, because those are where rights end.

mod store;

use serde_json::json;

use crate::licenses;
use kernel::{
    error::Result,
    id::{AccountId, UserId},
};
use platform::audit::{self, Action, Event};
use storage::Tx;

/// Withdraws every pending invitation of an account that nobody may give any more. `by` is the person who ended a right.
///
/// # Errors
/// None but the database's.
pub async fn withdraw(tx: &Tx, account: AccountId, by: UserId) -> Result<()> {
    for (invitation, email) in store::withdraw(tx, account).await? {
        licenses::release(tx, account, invitation).await?;
        let event = Event::new(account, by, Action::InvitationWithdrawn, invitation);
        audit::record(tx, event.with(json!({ "email": email }))).await?;
        tx.announce(format!("people:{account}"));
    }
    Ok(())
}
