//! Deleting a user group, and previewing what that does.

use serde_json::json;

use crate::{requests, user_groups::store};
use access::{Privilege, UserGroupAdmin, policy::by_role};
use kernel::{
    error::{Error, Result},
    id::{AccountId, UserGroupId},
    text::counted,
};
use platform::audit::{self, Action, Event};
use storage::{ExpectedVersion, Tx};

/// A privilege that people only have from this user group.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
#[schema(as = PrivilegeLoss)]
pub struct Loss {
    pub privilege: Privilege,
    /// The number of people who lose it.
    pub people: i64,
}

/// What deleting a user group does.
#[derive(Clone, Debug)]
pub(super) struct Deletion {
    pub(super) people: i64,
    /// The privileges they have neither from another user group nor by their role.
    pub(super) losses: Vec<Loss>,
    pub(super) open_requests: i64,
    /// The user groups that could get its open requests.
    pub(super) receivers: Vec<(UserGroupId, String)>,
}

/// What deleting a user group would do.
///
/// # Errors
/// It was deleted.
pub(super) async fn deletion(tx: &Tx, by: &UserGroupAdmin) -> Result<Deletion> {
    let (account, id) = (by.account(), by.user_group());
    let row = store::show(tx, account, id).await?;
    let alone = store::given_alone(tx, account, id).await?;
    let lose = |privilege: &Privilege| {
        let hit = alone.iter().filter(|each| each.privilege == *privilege);
        let people = hit.filter(|each| !by_role(each.role, None, *privilege)).map(|each| each.people).sum();
        Some(Loss { privilege: *privilege, people }).filter(|loss| loss.people > 0)
    };
    Ok(Deletion {
        people: row.count,
        losses: Privilege::ALL.iter().filter_map(lose).collect(),
        open_requests: store::open_requests(tx, account, id).await?,
        receivers: store::receivers(tx, account, id).await?,
    })
}

#[derive(Clone, Debug)]
pub(super) struct Deleted {
    pub(super) name: String,
    /// The number of open requests that went to another user group.
    pub(super) requests: usize,
}

/// Deletes a user group: its privileges end, its name is free, and its open requests go to another.
///
/// # Errors
/// Someone changed it meanwhile, or it has open requests and no user group was given that can receive them.
pub(super) async fn delete(
    tx: &Tx,
    by: &UserGroupAdmin,
    requests_to: Option<UserGroupId>,
    seen: ExpectedVersion,
) -> Result<Deleted> {
    let (account, id) = (by.account(), by.user_group());
    let row = store::show(tx, account, id).await?;
    seen.check(row.version)?;
    let open = store::open_requests(tx, account, id).await?;
    let heir = match (open, requests_to) {
        (0, _) => None,
        (_, Some(to)) => Some(heir(tx, account, id, to).await?),
        (_, None) => return Err(has_open_requests(open)),
    };
    let detail = json!({ "name": row.name, "people": row.count, "taken": row.gives(), "requests": open,
                         "requests_to": heir.as_ref().map(|(id, _)| id) });
    audit::record(tx, Event::new(account, by.user(), Action::UserGroupDeleted, id).with(detail)).await?;
    let requests = match heir {
        Some((to, name)) => requests::forward_all(tx, account, by.user(), id, (to, &name)).await?,
        None => 0,
    };
    match store::delete(tx, account, id, row.version).await? {
        true => Ok(Deleted { name: row.name, requests }),
        false => Err(Error::stale()),
    }
}

fn has_open_requests(open: i64) -> Error {
    let requests = counted(open, "open request is", "open requests are");
    let them = if open == 1 { "it" } else { "them" };
    let why = format!("{requests} addressed to this user group. Choose a user group to reassign {them} to.");
    Error::conflict("has_open_requests", why)
}

/// The user group that gets the open requests, if it can.
async fn heir(
    tx: &Tx,
    account: AccountId,
    id: UserGroupId,
    to: UserGroupId,
) -> Result<(UserGroupId, String)> {
    let receivers = store::receivers(tx, account, id).await?;
    let why = "Choose another active user group that can receive requests.";
    let heir = receivers.into_iter().find(|(receiver, _)| *receiver == to);
    heir.ok_or_else(|| Error::field("requests_to", why))
}
