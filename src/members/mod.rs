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

pub use store::{Filter, MemberRow, State, TransferRow, current_role, join, list, pending_transfer};

use crate::{
    db::Tx,
    error::Result,
    id::{AccountId, UserId},
};

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
