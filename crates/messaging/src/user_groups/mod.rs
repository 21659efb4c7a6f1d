//! User groups: named sets of an account's members, with privileges, that can send and receive requests.
//!
//! A user group gives its privileges while it is active, and to who is in it at that moment; both are dated
//! periods, so a privilege ends with the transaction that takes it, and the past stays known. At most one user
//! group of an account is its *default*: whoever joins the account joins it, and a new request is addressed
//! to it. Support staff are in none. A user group that is deleted frees its name and stays as what old
//! requests name; open ones are handed to another user group in the same transaction.

pub mod actions;
pub mod api;
mod delete;
pub mod pages;
mod rights;
mod store;

pub use delete::Loss;
pub use store::{Person, UserGroupRow};

use kernel::{
    error::Result,
    id::{AccountId, UserId},
};
use platform::audit::{self, Action, Event};
use storage::Tx;

/// How many user groups an account has at most.
pub const LIMIT: i64 = 200;
/// How many people are in a user group at most.
pub const PEOPLE_LIMIT: i64 = 30_000;

/// Takes someone who has just joined an account, or may work there from now on, into its default user group.
pub async fn join_default_groups(tx: &Tx, account: AccountId, user: UserId) -> Result<()> {
    let Some((id, name)) = store::default_of(tx, account).await? else { return Ok(()) };
    if store::join(tx, account, id, user).await? {
        let detail = serde_json::json!({ "name": name });
        audit::record(tx, Event::new(account, user, Action::UserGroupJoined, id).with(detail)).await?;
    }
    Ok(())
}

/// Takes someone out of every user group of an account: they left it, or work there no more. Says out of
/// how many.
pub async fn leave_all(tx: &Tx, account: AccountId, user: UserId) -> Result<u64> {
    store::leave_all(tx, account, user).await
}
