//! The verbs of leaving, of roles that end something, and of closing an account.

use serde_json::json;

use access::{AccountAdmin, AccountMember, AccountOwner, Role};
use billing::Shop;
use care::handouts;
use kernel::{
    error::{Error, Result},
    id::UserId,
    links::Site,
};
use messaging::{requests, user_groups};
use people::{accounts, invitations, members, plans, users};
use platform::{
    audit::{self, Action, Event},
    jobs::{enqueue, enqueue_from},
};
use storage::Tx;

use crate::departure::mail;

fn owner_stays() -> Error {
    Error::conflict(
        "owner_stays",
        "You can't remove the owner or change their role. To transfer ownership, the owner offers it to a \
         member, who accepts it.",
    )
}

/// Gives a member another role, and the license or seat that it needs; the person is told by email. Support staff
/// belong to no groups, so that role ends those memberships.
///
/// # Errors
/// They are not a member or the owner, the giver may not give that role, no license is available, or the account is
/// read-only and the role gives more.
pub async fn change_role(tx: &Tx, by: &AccountAdmin, user: UserId, role: Role, site: &Site) -> Result<()> {
    let present = members::role_of(tx, by, user).await?;
    if present == role {
        return Ok(());
    }
    if present == Role::Owner {
        return Err(owner_stays());
    }
    if !by.role().may_give(role) {
        return Err(Error::field(
            "role",
            "You can't make someone the owner. The owner can transfer ownership \
                                         to a member.",
        ));
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
    let person = users::user(tx, user).await?;
    if user != by.user() {
        let (account, giver) =
            (accounts::actions::show(tx, by).await?.name, users::user(tx, by.user()).await?);
        let given =
            mail::Given { account: by.account(), account_name: &account, by: &giver.name, role, groups_left };
        let letter = mail::role_changed(&person, &given, &site.page("/"));
        enqueue_from(tx, &letter, &giver.email).await?;
    }
    let detail = json!({ "name": person.name, "from": present, "to": role, "groups_left": groups_left,
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
            "Only the owner and administrators of the account can remove people.",
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
        let remover = users::user(tx, by.user()).await?;
        let gone = mail::Gone { account: by.account(), account_name: &account, by: &remover.name, sold };
        let letter = mail::removed(&person, &gone, &site.page("/sign-in"));
        enqueue_from(tx, &letter, &remover.email).await?;
    }
    let action = if itself { Action::MemberLeft } else { Action::MemberRemoved };
    let detail = json!({ "name": person.name, "email": person.email, "role": present, "groups": groups,
                         "user_groups": user_groups });
    audit::record(tx, Event::new(by.account(), by.user(), action, user).with(detail)).await
}

/// Closes an individual account for good: its subscription ends with a prorated refund, shared links and invitations
/// end, and its owner leaves it, so it is nobody's and appears nowhere. Its records are kept.
///
/// # Errors
/// It is a practice's, others belong to it, an invoice is not paid, or a payment is under way.
pub async fn close_account(tx: &Tx, by: &AccountOwner, shop: &Shop, site: &Site) -> Result<()> {
    let (account, user) = (by.account(), by.user());
    let row = accounts::actions::show(tx, by).await?;
    may_close(tx, by, row.kind).await?;
    billing::subscriptions::end_own(tx, shop, site, account, user, tx.now()).await?;
    invitations::actions::cancel_all(tx, account).await?;
    handouts::revoke_all_of(tx, account, user).await?;
    user_groups::leave_all(tx, account, user).await?;
    requests::let_go(tx, account, user).await?;
    let event = Event::new(account, user, Action::AccountClosed, account);
    audit::record(tx, event.with(json!({ "name": row.name }))).await?;
    members::end(tx, account, user, Role::Owner, user).await?;
    if !accounts::close(tx, account).await? {
        return Err(Error::stale());
    }
    let person = users::user(tx, user).await?;
    enqueue(tx, &mail::closed(account, &row.name, &person, &site.page("/"))).await?;
    Ok(())
}

async fn may_close(tx: &Tx, by: &AccountOwner, kind: accounts::Kind) -> Result<()> {
    if kind != accounts::Kind::Individual {
        return Err(Error::conflict(
            "not_individual",
            "You can close only an individual account here. To leave a practice, transfer ownership first.",
        ));
    }
    if accounts::others_belong(tx, by.account(), by.user()).await? {
        return Err(Error::conflict(
            "others_belong",
            "Other people belong to this account. Remove them first, or transfer ownership.",
        ));
    }
    let ended = plans::subscription(tx, by.account()).await?.state == plans::State::Ended;
    if ended && billing::subscriptions::owes(tx, by.account()).await? {
        return Err(Error::conflict(
            "invoice_open",
            "An invoice isn’t paid yet. Pay it first, or contact the operator of this server.",
        ));
    }
    Ok(())
}
