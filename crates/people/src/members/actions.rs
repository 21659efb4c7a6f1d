//! The verbs of membership.

use serde_json::json;

use crate::{
    accounts,
    members::{self, mail, store},
    sign_in, users,
};
use access::{AccountAdmin, AccountOwner, Role, TransferParty};
use kernel::{
    error::{Error, Result},
    id::{TransferId, UserId},
    links::Site,
};
use platform::{
    audit::{self, Action, Event},
    jobs::enqueue_from,
};
use storage::Tx;

/// Sends a member the link to choose a new password.
///
/// # Errors
/// They are not a member.
pub async fn send_password_reset(tx: &Tx, by: &AccountAdmin, user: UserId, site: &Site) -> Result<()> {
    members::role_of(tx, by, user).await?;
    let sender = users::user(tx, by.user()).await?;
    sign_in::send_reset(tx, site, user, &sender).await?;
    audit::record(tx, Event::new(by.account(), by.user(), Action::MemberResetSent, user)).await
}

/// Offers the ownership of the account to another member.
///
/// # Errors
/// They are not a member, are support staff or the owner, or another offer is pending.
pub async fn offer_ownership(tx: &Tx, by: &AccountOwner, to: UserId, site: &Site) -> Result<TransferId> {
    if members::role_of(tx, by, to).await.is_ok_and(|role| !role.works()) || to == by.user() {
        return Err(Error::field("to", "Choose another member or administrator of the account."));
    }
    members::role_of(tx, by, to).await.map_err(|_| Error::field("to", "Choose a person in the account."))?;
    let id = tx.id();
    if !store::insert_transfer(tx, by.account(), id, by.user(), to).await? {
        return Err(Error::conflict(
            "transfer_pending",
            "Ownership is already offered to someone. Withdraw that offer first.",
        ));
    }
    let account = accounts::actions::show(tx, by).await?.name;
    let (from, receiver) = (users::user(tx, by.user()).await?, users::user(tx, to).await?);
    let link = site.page(&format!("/transfers/{id}"));
    let letter = mail::transfer_offered(by.account(), &account, &receiver, &from, &link);
    enqueue_from(tx, &letter, &from.email).await?;
    let detail = json!({ "to": to });
    audit::record(tx, Event::new(by.account(), by.user(), Action::OwnershipOffered, id).with(detail)).await?;
    Ok(id)
}

/// Accepts the ownership: the old owner becomes an administrator, at the same moment.
///
/// # Errors
/// The caller is not the one to whom it is offered, or the offer is no longer good.
pub async fn accept_ownership(tx: &Tx, by: &TransferParty) -> Result<()> {
    if by.user() != by.to() {
        return Err(Error::forbidden(
            "not_receiver",
            "Only the person you offered ownership to can accept it.",
        ));
    }
    let account = by.account();
    let gone = || {
        Error::conflict(
            "transfer_gone",
            "This offer is no longer valid, because roles have changed since. \
            Ask for a new offer.",
        )
    };
    let role =
        store::current_role(tx, account, by.to()).await?.filter(|role| role.works()).ok_or_else(gone)?;
    let changed = store::settle_transfer(tx, by, "accepted").await?
        && store::end_period(tx, account, by.from(), Role::Owner).await?
        && store::end_period(tx, account, by.to(), role).await?
        && store::join(tx, account, by.to(), Role::Owner).await?
        && store::join(tx, account, by.from(), Role::Administrator).await?;
    if !changed {
        return Err(gone());
    }
    let (from, to) = (users::user(tx, by.from()).await?, users::user(tx, by.to()).await?);
    let name = accounts::account_name(tx, account).await?;
    enqueue_from(tx, &mail::transfer_accepted(account, &name, &from, &to), &to.email).await?;
    let detail = json!({ "from": by.from(), "to": by.to() });
    audit::record(
        tx,
        Event::new(account, by.user(), Action::OwnershipTransferred, by.transfer()).with(detail),
    )
    .await
}

/// Withdraws or declines an offer of ownership.
///
/// # Errors
/// It is settled already.
pub async fn drop_offer(tx: &Tx, by: &TransferParty) -> Result<()> {
    let (state, action) = match by.user() == by.to() {
        true => ("declined", Action::OwnershipDeclined),
        false => ("withdrawn", Action::OwnershipWithdrawn),
    };
    if !store::settle_transfer(tx, by, state).await? {
        return Err(Error::not_found());
    }
    audit::record(tx, Event::new(by.account(), by.user(), action, by.transfer())).await
}
