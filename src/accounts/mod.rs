//! The tenant: its name and settings, its list of protocols, and what a person belongs to.

pub mod actions;
pub mod api;
mod frame;
pub mod pages;
mod store;
mod trail;

pub use frame::{Here, frame};
pub use store::{
    AccountRow, Belonging, Letterhead, Protocol, account_name, become_group, belongings, lend_protocols,
    letterhead, own_accounts, protocols,
};

use crate::{
    access::Role,
    audit::{self, Event},
    db::Tx,
    error::Result,
    id::{AccountId, UserId},
    members, plans,
    prices::Trial,
    word,
};

word! {
    /// What an account is.
    pub enum Kind {
        /// One person's.
        Individual = "individual",
        /// A practice's.
        Group = "group",
    }
}

/// The protocols that a new account begins with. They are its own from then on.
const FIRST_PROTOCOLS: [&str; 8] = [
    "Wellness examination",
    "Diagnostic work-up",
    "Respiratory",
    "Lameness",
    "Reproduction",
    "Nutrition",
    "Surgery",
    "Follow-up",
];

/// Makes an account with its owner, its trial and first protocols, in the caller's transaction.
///
/// # Errors
/// The database fails.
pub async fn open(tx: &Tx, id: AccountId, kind: Kind, name: &str, owner: UserId, trial: Trial) -> Result<()> {
    store::insert(tx, id, kind, name).await?;
    let licenses = if kind == Kind::Individual { 1 } else { trial.licenses };
    plans::begin(tx, id, trial, licenses).await?;
    members::join(tx, id, owner, Role::Owner).await?;
    for protocol in FIRST_PROTOCOLS {
        store::insert_protocol(tx, id, tx.id(), protocol).await?;
    }
    let detail = serde_json::json!({ "name": name });
    audit::record(tx, Event::new(id, owner, "account.opened", id).with(detail)).await
}
