//! What someone may do by privilege, and why.

use crate::user_groups::store::{self, Giver};
use access::{AccountAdmin, AccountWorker, GroupRole, Privilege, Source, policy::by_role};
use kernel::{
    error::Result,
    id::{GroupId, UserGroupId},
};
use storage::Tx;

/// Why someone has a privilege.
#[derive(Clone, Debug)]
pub(super) struct Reason {
    /// As a clause: "you are in Insurance Verification".
    pub(super) why: String,
    /// The user group that gives it.
    pub(super) user_group: Option<UserGroupId>,
    /// The only group where it holds.
    pub(super) group: Option<GroupId>,
}

/// A privilege, and why someone has it or could get it.
#[derive(Clone, Debug)]
pub(super) struct Right {
    /// The privilege.
    pub(super) privilege: Privilege,
    /// Every place that it comes from; empty for who does not have it.
    pub(super) reasons: Vec<Reason>,
    /// The user groups that give it.
    pub(super) givers: Vec<(UserGroupId, String)>,
    /// They may send requests, and there is no user group that receives any.
    pub(super) nobody_to_ask: bool,
}

impl Right {
    /// Whether it holds everywhere in the account.
    pub(super) fn held(&self) -> bool {
        self.reasons.iter().any(|reason| reason.group.is_none())
    }
}

/// What someone may in the account by privilege, and why.
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
            why: format!("you administer {name}, and there alone"),
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

/// Which user groups give which privilege.
pub(super) async fn who_may_what(
    tx: &Tx,
    by: &AccountAdmin,
) -> Result<Vec<(Privilege, Vec<(UserGroupId, String)>)>> {
    let givers = store::givers(tx, by).await?;
    Ok(Privilege::ALL.iter().map(|privilege| (*privilege, giving(&givers, *privilege))).collect())
}
