//! Who manages people: of an account or of one group.

use crate::Role;
use crate::proofs::{account::AccountAdmin, group::GroupAdmin};
use kernel::id::{AccountId, GroupId, UserId};

/// A person who manages people here: of the whole account, or of one group. What they may give depends
/// on which, so actions that serve both ask this.
#[derive(Clone, Copy, Debug)]
pub struct Manager {
    pub(super) account: AccountId,
    pub(super) user: UserId,
    pub(super) role: Role,
    pub(super) group: Option<GroupId>,
}

impl Manager {
    /// The account.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// Who it is.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The only group that they manage; none where they manage the account.
    pub fn only_group(&self) -> Option<GroupId> {
        self.group
    }

    /// Whether they may give this account role. Who manages a group alone gives plain membership.
    pub fn may_give(&self, role: Role) -> bool {
        match self.group {
            None => self.role.may_give(role),
            Some(_) => role == Role::Member,
        }
    }

    /// Whether they may give a role in this group.
    pub fn may_give_in(&self, group: GroupId) -> bool {
        self.group.is_none_or(|only| only == group)
    }
}

impl From<&AccountAdmin> for Manager {
    fn from(admin: &AccountAdmin) -> Self {
        Self { account: admin.account, user: admin.user, role: admin.role, group: None }
    }
}

impl From<&GroupAdmin> for Manager {
    fn from(admin: &GroupAdmin) -> Self {
        let scope = &admin.0;
        let group = (!scope.standing.role.manages()).then_some(scope.group);
        Self { account: scope.account, user: scope.user, role: scope.standing.role, group }
    }
}
