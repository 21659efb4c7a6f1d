//! Who can see a case, and why, now or at a moment in the past: read out of the dated memberships.

use crate::{
    access::{CaseScope, GroupRole, Role, store},
    clock::Time,
    db::Tx,
    error::Result,
    id::UserId,
    row,
};

row! {
    /// A person's memberships at the moment in question.
    #[derive(Clone, Debug)]
    pub struct Spell {
        /// Who.
        pub user: UserId,
        /// Their name.
        pub name: String,
        /// Their address.
        pub email: String,
        /// Their role in the account then.
        pub role: Role,
        /// Their role in the group then, if they were in it.
        pub group_role: Option<GroupRole>,
        /// Since when they had that role in the group.
        pub group_since: Option<Time>,
        /// Since when they had that role in the account.
        pub since: Time,
    }
}

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

/// Everybody who could see the case at `at`, members of its group first.
///
/// # Errors
/// The database fails.
pub async fn who_can_see(tx: &Tx, case: &CaseScope, at: Time) -> Result<Vec<Spell>> {
    store::sight(tx, case.account(), case.group(), at).await
}
