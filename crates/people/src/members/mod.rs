//! Who is in an account, with which role, since when and until when.
//!
//! A change of role ends one period and begins another, so the past stays readable. Exactly one owner
//! holds an account at any time: ownership is offered by the owner and accepted by the receiver, in
//! one transaction, and never given, taken or dropped in any other way. A partial unique index stands
//! behind that rule.

pub mod actions;
pub mod api;
mod mail;
pub mod pages;
mod store;

pub use store::{
    Filter, MemberRow, Members, State, TransferRow, current_role, list, managers, pending_transfer,
    people_who_manage, these,
};

use crate::{licenses, withdrawals};
use access::{AccountMember, Role};
use kernel::{
    error::{Error, Result},
    id::{AccountId, InvitationId, UserId},
};
use storage::Tx;

/// Makes someone a member, with the place that their role needs; says whether they were none yet.
///
/// # Errors
/// No place is free.
pub async fn join(tx: &Tx, account: AccountId, user: UserId, role: Role) -> Result<bool> {
    let joined = store::join(tx, account, user, role).await?;
    if joined {
        licenses::take(tx, account, user, role).await?;
    }
    Ok(joined)
}

/// As [`join`], with the place that was kept for their invitation. That is given up in any case.
///
/// # Errors
/// It was kept no longer, and none is free.
pub async fn join_by(
    tx: &Tx,
    account: AccountId,
    user: UserId,
    role: Role,
    invitation: InvitationId,
) -> Result<bool> {
    let joined = store::join(tx, account, user, role).await?;
    match joined {
        true => {
            licenses::accept(tx, account, invitation, user, role).await?;
        }
        false => licenses::release(tx, account, invitation).await?,
    }
    Ok(joined)
}

/// The topic of an account's people, for live counts.
pub fn topic(account: AccountId) -> String {
    format!("people:{account}")
}

/// Ends every group membership of someone in an account: their role allows none, or they left.
///
/// # Errors
/// None but the database's.
pub async fn leave_groups(tx: &Tx, account: AccountId, user: UserId) -> Result<u64> {
    store::end_group_periods(tx, account, user).await
}

/// Gives a member another role, with the license that it needs. Invitations that they may no longer give are
/// withdrawn.
///
/// # Errors
/// Someone changed it meanwhile, or no license is available.
pub async fn replace_role(
    tx: &Tx,
    account: AccountId,
    user: UserId,
    from: Role,
    to: Role,
    by: UserId,
) -> Result<()> {
    if !store::end_period(tx, account, user, from).await? || !store::join(tx, account, user, to).await? {
        return Err(Error::stale());
    }
    licenses::change(tx, account, user, from, to).await?;
    withdrawals::withdraw(tx, account, by).await
}

/// Ends a membership: the license is free, offers of ownership to them are void, they are in no group any more, and
/// invitations that nobody else may give are withdrawn. Says how many groups they were in.
///
/// # Errors
/// Someone changed it meanwhile.
pub async fn end(tx: &Tx, account: AccountId, user: UserId, role: Role, by: UserId) -> Result<u64> {
    if !store::end_period(tx, account, user, role).await? {
        return Err(Error::stale());
    }
    licenses::free(tx, account, user, role).await?;
    store::void_transfers_to(tx, account, user).await?;
    let groups = leave_groups(tx, account, user).await?;
    withdrawals::withdraw(tx, account, by).await?;
    Ok(groups)
}

/// Offers of the ownership to someone who can no longer take it are void.
///
/// # Errors
/// None but the database's.
pub async fn void_transfers_to(tx: &Tx, account: AccountId, user: UserId) -> Result<()> {
    store::void_transfers_to(tx, account, user).await
}

/// The present role of a member of the caller's account.
///
/// # Errors
/// There is no such member.
pub async fn role_of(tx: &Tx, by: &AccountMember, user: UserId) -> Result<Role> {
    current_role(tx, by.account(), user).await?.ok_or_else(Error::not_found)
}
