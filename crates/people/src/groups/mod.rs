//! Groups: a practice's clients or departments, each with its own people, locations and cases.

pub mod actions;
pub mod api;
pub(crate) mod mail;
pub mod pages;
mod store;

pub use store::{
    FoundPerson, GroupMemberRow, GroupRow, Groups, People, Sort, add, copy_into, copy_periods, create,
    find_everywhere, forget_all, list, names, open_names, page, people, show, these,
};

use kernel::{
    error::Result,
    id::{AccountId, GroupId},
};
use storage::Tx;

/// The topic of a group's people, for live counts.
pub fn topic(group: GroupId) -> String {
    format!("people:{group}")
}

/// Which of these groups of an account can still be joined, with their names.
///
/// # Errors
/// The database fails.
pub async fn joinable(tx: &Tx, account: AccountId, groups: &[GroupId]) -> Result<Vec<(GroupId, String)>> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let open = store::open_names(tx, account).await?;
    Ok(open.into_iter().filter(|(group, _)| groups.contains(group)).collect())
}
