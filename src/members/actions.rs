//! The verbs of membership.

use serde_json::json;

use crate::{
    access::{AccountAdmin, AccountMember, AccountOwner, Role, TransferParty},
    accounts,
    audit::{self, Event},
    db::Tx,
    error::{Error, Result},
    id::{TransferId, UserId},
    jobs::enqueue,
    licenses,
    members::{leave_groups, mail, store},
    plans, requests, sign_in, user_groups,
    web::Site,
};

fn owner_stays() -> Error {
    Error::conflict(
        "owner_stays",
        "The owner can't be removed or given another role. Ownership is transferred: the owner offers it to a \
         member, who accepts it.",
    )
}

async fn role_of(tx: &Tx, by: &AccountMember, user: UserId) -> Result<Role> {
    store::current_role(tx, by.account(), user).await?.ok_or_else(Error::not_found)
}

/// Gives a member another role, and the place that it needs. Support staff belong to no groups, so that
/// role ends those memberships.
///
/// # Errors
/// They are not a member or the owner, the giver may not give that role, no place is free, or the account
/// is read-only and the role gives more.
pub async fn change_role(tx: &Tx, by: &AccountAdmin, user: UserId, role: Role) -> Result<()> {
    let present = role_of(tx, by, user).await?;
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
    if !store::end_spell(tx, by.account(), user, present).await?
        || !store::join(tx, by.account(), user, role).await?
    {
        return Err(Error::stale());
    }
    licenses::change(tx, by.account(), user, present, role).await?;
    let (mut groups_left, mut user_groups_left) = (0, 0);
    if !role.works() {
        groups_left = leave_groups(tx, by.account(), user).await?;
        user_groups_left = user_groups::leave_all(tx, by.account(), user).await?;
        store::void_transfers_to(tx, by.account(), user).await?;
        requests::let_go(tx, by.account(), user).await?;
    } else if !present.works() {
        user_groups::welcome(tx, by.account(), user).await?;
    }
    let name = sign_in::user(tx, user).await?.name;
    let detail = json!({ "name": name, "from": present, "to": role, "groups_left": groups_left,
                         "user_groups_left": user_groups_left });
    audit::record(tx, Event::new(by.account(), by.id(), "member.role_changed", user).with(detail)).await
}

/// Removes a member: their access ends with this transaction, and they are told by mail. Members may
/// remove themselves, which is leaving.
///
/// # Errors
/// They are not a member, or are the owner.
pub async fn remove(tx: &Tx, by: &AccountMember, user: UserId, site: &Site) -> Result<()> {
    let itself = by.id() == user;
    if !itself && !by.role().manages() {
        return Err(Error::forbidden(
            "not_administrator",
            "Only the owner and the administrators of the account can remove others.",
        ));
    }
    let present = role_of(tx, by, user).await?;
    if present == Role::Owner {
        return Err(owner_stays());
    }
    if !store::end_spell(tx, by.account(), user, present).await? {
        return Err(Error::stale());
    }
    licenses::free(tx, by.account(), user, present).await?;
    let groups = leave_groups(tx, by.account(), user).await?;
    let user_groups = user_groups::leave_all(tx, by.account(), user).await?;
    store::void_transfers_to(tx, by.account(), user).await?;
    requests::let_go(tx, by.account(), user).await?;
    let account = accounts::actions::show(tx, by).await?.name;
    let person = sign_in::user(tx, user).await?;
    if !itself {
        enqueue(tx, &mail::removed(by.account(), &account, &person, &site.page("/sign-in"))).await?;
    }
    let action = if itself { "member.left" } else { "member.removed" };
    let detail = json!({ "name": person.name, "email": person.email, "role": present, "groups": groups,
                         "user_groups": user_groups });
    audit::record(tx, Event::new(by.account(), by.id(), action, user).with(detail)).await
}

/// Sends a member the link to choose a new password.
///
/// # Errors
/// They are not a member.
pub async fn send_password_reset(tx: &Tx, by: &AccountAdmin, user: UserId, site: &Site) -> Result<()> {
    role_of(tx, by, user).await?;
    let sender = sign_in::user(tx, by.id()).await?;
    sign_in::send_reset(tx, site, user, Some(&sender.name)).await?;
    audit::record(tx, Event::new(by.account(), by.id(), "member.reset_sent", user)).await
}

/// Offers the ownership of the account to another member.
///
/// # Errors
/// They are not a member, are support staff or the owner, or another offer is pending.
pub async fn offer_ownership(tx: &Tx, by: &AccountOwner, to: UserId, site: &Site) -> Result<TransferId> {
    if role_of(tx, by, to).await.is_ok_and(|role| !role.works()) || to == by.id() {
        return Err(Error::field(
            "to",
            "Choose a member or administrator of the account other than yourself.",
        ));
    }
    role_of(tx, by, to).await.map_err(|_| Error::field("to", "This person is not in the account."))?;
    let id = tx.id();
    if !store::insert_transfer(tx, by.account(), id, by.id(), to).await? {
        return Err(Error::conflict(
            "transfer_pending",
            "The ownership is offered to somebody already. Withdraw that offer first.",
        ));
    }
    let account = accounts::actions::show(tx, by).await?.name;
    let (from, receiver) = (sign_in::user(tx, by.id()).await?, sign_in::user(tx, to).await?);
    let link = site.page(&format!("/transfers/{id}"));
    enqueue(tx, &mail::transfer_offered(by.account(), &account, &receiver, &from, &link)).await?;
    let detail = json!({ "to": to });
    audit::record(tx, Event::new(by.account(), by.id(), "ownership.offered", id).with(detail)).await?;
    Ok(id)
}

/// Accepts the ownership: the old owner becomes an administrator, at the same moment.
///
/// # Errors
/// The caller is not the one to whom it is offered, or the offer is no longer good.
pub async fn accept_ownership(tx: &Tx, by: &TransferParty) -> Result<()> {
    if by.id() != by.to() {
        return Err(Error::forbidden("not_receiver", "Only the person to whom it is offered can accept it."));
    }
    let account = by.account();
    let gone =
        || Error::conflict("transfer_gone", "This offer is no longer good: something changed meanwhile.");
    let role =
        store::current_role(tx, account, by.to()).await?.filter(|role| role.works()).ok_or_else(gone)?;
    let changed = store::settle_transfer(tx, by, "accepted").await?
        && store::end_spell(tx, account, by.from(), Role::Owner).await?
        && store::end_spell(tx, account, by.to(), role).await?
        && store::join(tx, account, by.to(), Role::Owner).await?
        && store::join(tx, account, by.from(), Role::Administrator).await?;
    if !changed {
        return Err(gone());
    }
    let (from, to) = (sign_in::user(tx, by.from()).await?, sign_in::user(tx, by.to()).await?);
    let name = accounts::account_name(tx, account).await?;
    enqueue(tx, &mail::transfer_accepted(account, &name, &from, &to)).await?;
    let detail = json!({ "from": by.from(), "to": by.to() });
    audit::record(tx, Event::new(account, by.id(), "ownership.transferred", by.transfer()).with(detail)).await
}

/// Withdraws or declines an offer of ownership.
///
/// # Errors
/// It is settled already.
pub async fn drop_offer(tx: &Tx, by: &TransferParty) -> Result<()> {
    let (state, action) = match by.id() == by.to() {
        true => ("declined", "ownership.declined"),
        false => ("withdrawn", "ownership.withdrawn"),
    };
    if !store::settle_transfer(tx, by, state).await? {
        return Err(Error::not_found());
    }
    audit::record(tx, Event::new(by.account(), by.id(), action, by.transfer())).await
}
