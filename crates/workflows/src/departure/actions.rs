//! The verbs of leaving and of roles that end something.

use serde_json::json;

use access::{AccountAdmin, AccountMember, Role};
use care::handouts;
use kernel::{
    error::{Error, Result},
    id::UserId,
    links::Site,
};
use messaging::{requests, user_groups};
use people::{accounts, members, plans, users};
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue,
};
use storage::Tx;

use crate::departure::mail;

fn owner_stays() -> Error {
    Error::conflict(
        "owner_stays",
        "The owner can't be removed or given another role. Ownership is transferred: the owner offers it to a \
         member, who accepts it.",
    )
}

/// Gives a member another role, and the place that it needs. Support staff belong to no groups, so that
/// role ends those memberships.
///
/// # Errors
/// They are not a member or the owner, the giver may not give that role, no place is free, or the account
/// is read-only and the role gives more.
pub async fn change_role(tx: &Tx, by: &AccountAdmin, user: UserId, role: Role) -> Result<()> {
    let present = members::role_of(tx, by, user).await?;
    if present == role {
        return Ok(());
    }
    if present == Role::Owner {
        return Err(owner_stays());
    }
    if !by.role().may_give(role) {
        return Err(Error::field("role", "Ownership is transferred, not given."));
    }
    if role.manages() {
        plans::must_be_open(tx, by.account()).await?;
    }
    members::replace_role(tx, by.account(), user, present, role, by.user()).await?;
    let (mut groups_left, mut user_groups_left) = (0, 0);
    if !role.works() {
        groups_left = members::leave_groups(tx, by.account(), user).await?;
        user_groups_left = user_groups::leave_all(tx, by.account(), user).await?;
        members::void_transfers_to(tx, by.account(), user).await?;
        requests::let_go(tx, by.account(), user).await?;
    } else if !present.works() {
        user_groups::join_default_groups(tx, by.account(), user).await?;
    }
    let name = users::user(tx, user).await?.name;
    let detail = json!({ "name": name, "from": present, "to": role, "groups_left": groups_left,
                         "user_groups_left": user_groups_left });
    audit::record(tx, Event::new(by.account(), by.user(), Action::MemberRoleChanged, user).with(detail)).await
}

/// Removes a member: their access ends with this transaction, and they are told by mail. Members may
/// remove themselves, which is leaving.
///
/// # Errors
/// They are not a member, or are the owner.
pub async fn remove(tx: &Tx, by: &AccountMember, user: UserId, site: &Site) -> Result<()> {
    let itself = by.user() == user;
    if !itself && !by.role().manages() {
        return Err(Error::forbidden(
            "not_administrator",
            "Only the owner and the administrators of the account can remove others.",
        ));
    }
    let present = members::role_of(tx, by, user).await?;
    if present == Role::Owner {
        return Err(owner_stays());
    }
    let groups = members::end(tx, by.account(), user, present, by.user()).await?;
    handouts::revoke_all_of(tx, by.account(), user).await?;
    let user_groups = user_groups::leave_all(tx, by.account(), user).await?;
    requests::let_go(tx, by.account(), user).await?;
    let account = accounts::actions::show(tx, by).await?.name;
    let person = users::user(tx, user).await?;
    if !itself {
        let sold = plans::subscription(tx, by.account()).await?.state != plans::State::Unbilled;
        enqueue(tx, &mail::removed(by.account(), &account, &person, &site.page("/sign-in"), sold)).await?;
    }
    let action = if itself { Action::MemberLeft } else { Action::MemberRemoved };
    let detail = json!({ "name": person.name, "email": person.email, "role": present, "groups": groups,
                         "user_groups": user_groups });
    audit::record(tx, Event::new(by.account(), by.user(), action, user).with(detail)).await
}
