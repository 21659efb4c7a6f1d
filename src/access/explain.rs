//! Who can see what lies in a group, a case or a client, and why, now or at a moment in the past: read out of the dated memberships.

pub use store::Spell;

use crate::{
    access::{GroupRole, GroupScope, store},
    clock::Time,
    db::Tx,
    error::Result,
};

impl Spell {
    /// Whether they could only read, from the parent account.
    pub fn from_parent(&self) -> bool {
        self.group_role.is_none()
    }

    /// The reason, as a clause without its date: "member of Riverside".
    pub fn reason(&self, group: &str) -> String {
        match self.group_role {
            Some(GroupRole::Administrator) => format!("administrator of {group}"),
            Some(GroupRole::Member) => format!("member of {group}"),
            None => {
                format!("{} of the account; reads from the parent account", self.role.label().to_lowercase())
            }
        }
    }

    /// Since when the reason holds.
    pub fn reason_since(&self) -> Time {
        self.group_since.unwrap_or(self.since)
    }
}

/// Everybody who could see what lies in the group at `at`, its members first.
///
/// # Errors
/// The database fails.
pub async fn who_can_see(tx: &Tx, scope: &GroupScope, at: Time) -> Result<Vec<Spell>> {
    store::sight(tx, scope.account(), scope.group(), at).await
}
