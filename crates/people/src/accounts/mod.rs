//! The tenant: its name and settings, its list of protocols, and what a person belongs to.

pub mod actions;
pub mod api;
pub mod pages;
mod store;

pub use store::{
    AccountRow, Belonging, Letterhead, Protocol, account_name, become_group, belongings, copy_protocols,
    letterhead, own_accounts, protocols,
};

use kernel::{error::Result, id::AccountId};
use storage::{Tx, word};

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

/// Makes an account with its first protocols, in the caller's transaction. It has nobody in it yet.
///
/// # Errors
/// None but the database's.
pub async fn create(tx: &Tx, id: AccountId, kind: Kind, name: &str) -> Result<()> {
    store::insert(tx, id, kind, name).await?;
    for protocol in FIRST_PROTOCOLS {
        store::insert_protocol(tx, id, tx.id(), protocol).await?;
    }
    Ok(())
}
