//! User groups: named sets of an account's members, with privileges, that can send and receive requests.
//!
//! While a user group is active, its members have its privileges. Both are dated periods, so a privilege ends with the
//! transaction that removes it, and the past stays known. At most one user group of an account is its *default*: people
//! who join the account join it, and a new request is addressed to it. Support staff are in none. The name of a deleted
//! user group is free again; old requests still name it, and open ones go to another user group in the same transaction.

pub mod actions;
pub mod api;
mod delete;
pub mod pages;
mod rights;
mod store;

pub use delete::Loss;
pub use store::{Person, UserGroupRow, UserGroups};

use kernel::{
    error::Result,
    id::{AccountId, UserId},
};
use platform::audit::{self, Action, Event};
use storage::Tx;

/// The most user groups in an account.
pub const LIMIT: i64 = 200;
/// The most people in a user group.
pub const PEOPLE_LIMIT: i64 = 30_000;

/// Adds a person who just joined an account, or just became able to work in it, to its default user group.
pub async fn join_default_groups(tx: &Tx, account: AccountId, user: UserId) -> Result<()> {
    let Some((id, name)) = store::default_of(tx, account).await? else { return Ok(()) };
    if store::join(tx, account, id, user).await? {
        let detail = serde_json::json!({ "name": name });
        audit::record(tx, Event::new(account, user, Action::UserGroupJoined, id).with(detail)).await?;
    }
    Ok(())
}

/// Removes a person from every user group of an account, because they left it or no longer work in it. Returns from how
/// many.
pub async fn leave_all(tx: &Tx, account: AccountId, user: UserId) -> Result<u64> {
    store::leave_all(tx, account, user).await
}
