//! Client groups: named sets of the clients of one group, documented together.
//!
//! Everyone in the group makes and changes them; the parent account reads. Memberships are dated periods. At
//! most one client group of a group is its *default*: a new client of the group joins it, and a new group note
//! is written for it. Clients who are archived are in none to be seen, and are back once they are restored. A
//! client group that is deleted frees its name; its group notes stay readable. The trail names client groups
//! and clients by id alone.

pub mod actions;
pub mod api;
pub mod pages;
mod store;

pub use actions::of_client;
use store::Candidate;
pub use store::{ClientGroupRow, ClientGroups, Member, Sort, copy_all, forget_all, move_client};

use kernel::{
    error::Result,
    id::{AccountId, ClientId, GroupId},
};
use storage::Tx;

/// How many client groups a group has at most.
pub const LIMIT: i64 = 500;
/// How many clients are in a client group at most.
pub const CLIENT_LIMIT: i64 = 30_000;

/// Takes a new client of a group into its default client group.
pub async fn welcome(tx: &Tx, account: AccountId, group: GroupId, client: ClientId) -> Result<()> {
    welcome_all(tx, account, group, &[client]).await
}

/// As [`welcome`], for many clients at once: three statements, however many they are.
pub async fn welcome_all(tx: &Tx, account: AccountId, group: GroupId, clients: &[ClientId]) -> Result<()> {
    let Some(id) = store::default_of(tx, account, group).await? else { return Ok(()) };
    store::join(tx, account, group, id, clients).await
}
