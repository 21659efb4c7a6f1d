//! A person's privileges, and where each comes from.

use crate::user_groups::store::{self, Giver};
use access::{AccountAdmin, AccountWorker, GroupRole, Privilege, Source, policy::by_role};
use kernel::{
    error::Result,
    id::{GroupId, UserGroupId},
};
use storage::Tx;

/// Why a person has a privilege.
#[derive(Clone, Debug)]
pub(super) struct Reason {
    /// As a clause: "you are in Insurance Verification".
    pub(super) why: String,
    /// The user group it comes from.
    pub(super) user_group: Option<UserGroupId>,
    /// The only group it is limited to.
    pub(super) group: Option<GroupId>,
}

/// A privilege, why a person has it, and how they could get it.
#[derive(Clone, Debug)]
pub(super) struct Right {
    pub(super) privilege: Privilege,
    /// Everywhere it comes from; empty if they don't have it.
    pub(super) reasons: Vec<Reason>,
    /// The user groups that have it.
    pub(super) givers: Vec<(UserGroupId, String)>,
    /// They can send requests, and no user group can receive any.
    pub(super) nobody_to_ask: bool,
}

impl Right {
    /// Whether they have it in the whole account.
    pub(super) fn held(&self) -> bool {
        self.reasons.iter().any(|reason| reason.group.is_none())
    }
}

/// The caller's privileges in the account, and where each comes from.
pub(super) async fn rights(tx: &Tx, by: &AccountWorker) -> Result<Vec<Right>> {
    let held = access::held(tx, by).await?;
    let administered = store::administered(tx, by).await?;
    let givers = store::givers(tx, by).await?;
    let right = |privilege: &Privilege| {
        let own = held.iter().filter(|(each, _)| each == privilege).map(|(_, source)| Reason {
            why: source.reason(),
            user_group: match source {
                Source::UserGroup(id, _) => Some(*id),
                Source::Role(_) => None,
            },
            group: None,
        });
        let here = by_role(by.role(), Some(GroupRole::Administrator), *privilege) && !by.role().manages();
        let in_groups = administered.iter().filter(|_| here).map(|(group, name)| Reason {
            why: format!("you administer {name}, for that group only"),
            user_group: None,
            group: Some(*group),
        });
        let reasons = own.chain(in_groups).collect::<Vec<_>>();
        Right {
            privilege: *privilege,
            givers: giving(&givers, *privilege),
            nobody_to_ask: *privilege == Privilege::RequestsSend
                && !reasons.is_empty()
                && givers.iter().all(|giver| giver.privilege != Privilege::RequestsReceive),
            reasons,
        }
    };
    Ok(Privilege::ALL.iter().map(right).collect())
}

fn giving(givers: &[Giver], privilege: Privilege) -> Vec<(UserGroupId, String)> {
    let these = givers.iter().filter(|giver| giver.privilege == privilege);
    these.map(|giver| (giver.id, giver.name.clone())).collect()
}

/// The user groups that have each privilege.
pub(super) async fn who_can_do_what(
    tx: &Tx,
    by: &AccountAdmin,
) -> Result<Vec<(Privilege, Vec<(UserGroupId, String)>)>> {
    let givers = store::givers(tx, by).await?;
    Ok(Privilege::ALL.iter().map(|privilege| (*privilege, giving(&givers, *privilege))).collect())
}
