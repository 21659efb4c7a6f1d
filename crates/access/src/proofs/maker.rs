//! Who may add a group to an account.

use crate::{
    Access, Credential, PathParams, Proof, Role,
    proofs::{account::AccountMember, manager::Manager},
    store,
};
use kernel::{
    error::Result,
    id::{AccountId, GroupId, UserId},
};
use storage::Tx;

/// Someone who may add a group: who manages the account, or, where its settings allow it, who administers one of its
/// groups.
#[derive(Clone, Debug)]
pub struct GroupMaker(AccountMember);

const NOT_MAKER: &str = "Only the owner and administrators of the account can add groups. Ask one of them.";

impl GroupMaker {
    /// The manager of the group that they have just made: they may give roles in that group, and nothing else unless
    /// they manage the account.
    pub fn of_made(&self, group: GroupId) -> Manager {
        let AccountMember { account, user, role } = self.0;
        Manager { account, user, role, group: (!role.manages()).then_some(group) }
    }
}

impl std::ops::Deref for GroupMaker {
    type Target = AccountMember;
    fn deref(&self) -> &AccountMember {
        &self.0
    }
}

impl Proof for GroupMaker {
    const ACCESS: Access = Access::GroupMaker;

    async fn prove(tx: &Tx, who: &Credential, path: &PathParams) -> Result<Self> {
        let member = AccountMember::prove(tx, who, path).await?;
        match may_add_groups(tx, member.account, member.user, member.role).await? {
            true => Ok(Self(member)),
            false => Err(member.refuse(Self::ACCESS, "not_administrator", NOT_MAKER)),
        }
    }

    fn actor(&self) -> Option<UserId> {
        Some(self.0.user)
    }

    fn tenant(&self) -> Option<AccountId> {
        Some(self.0.account)
    }
}

/// Whether a member may add groups to their account: pages ask before they offer it.
///
/// # Errors
/// None but the database's.
pub async fn may_add_groups(tx: &Tx, account: AccountId, user: UserId, role: Role) -> Result<bool> {
    Ok(role.manages() || store::lets_add_groups(tx, user, account).await?)
}
