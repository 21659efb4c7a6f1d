//! Who is in an account, with which role, since when and until when.
//!
//! A change of role ends one spell and begins another, so the past stays readable. Exactly one owner
//! holds an account at any time: ownership is offered by the owner and accepted by the receiver, in
//! one transaction, and never given, taken or dropped in any other way. A partial unique index stands
//! behind that rule.

pub mod actions;
pub mod api;
mod mail;
pub mod pages;
mod store;
pub mod table;

pub use store::{Filter, MemberRow, State, TransferRow, current_role, list, pending_transfer};

use crate::{
    access::Role,
    db::Tx,
    error::Result,
    id::{AccountId, InvitationId, UserId},
    licenses, user_groups,
};

/// Makes somebody a member, with the place that their role needs; says whether they were none yet.
///
/// # Errors
/// No place is free.
pub async fn join(tx: &Tx, account: AccountId, user: UserId, role: Role) -> Result<bool> {
    let joined = store::join(tx, account, user, role).await?;
    if joined {
        licenses::take(tx, account, user, role).await?;
        welcome(tx, account, user, role).await?;
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
            welcome(tx, account, user, role).await?;
        }
        false => licenses::release(tx, account, invitation).await?,
    }
    Ok(joined)
}

/// Whoever begins to work in an account joins its default user group.
async fn welcome(tx: &Tx, account: AccountId, user: UserId, role: Role) -> Result<()> {
    match role.works() {
        true => user_groups::welcome(tx, account, user).await,
        false => Ok(()),
    }
}

/// The topic of an account's people, for live counts.
pub fn topic(account: AccountId) -> String {
    format!("people:{account}")
}

/// Ends every group membership of someone in an account: their role allows none, or they left.
///
/// # Errors
/// The database fails.
pub async fn leave_groups(tx: &Tx, account: AccountId, user: UserId) -> Result<u64> {
    store::end_group_spells(tx, account, user).await
}
