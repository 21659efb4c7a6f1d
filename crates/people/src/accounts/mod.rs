//! The tenant: its name and settings, its list of protocols, and what a person belongs to.

pub mod actions;
pub mod api;
pub mod pages;
mod store;
mod zones;

pub use store::{
    AccountRow, Belonging, Letterhead, Protocol, account_name, admit, await_admission, become_group,
    belongings, close, closed_one, copy_protocols, is_admitted, letterhead, others_belong, own_accounts,
    owned, protocols, set_time_zone,
};
pub use zones::zones;

use kernel::{
    error::{Error, Result},
    id::AccountId,
};
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

/// What an account that isn't admitted yet reads where it would write to people outside.
pub const NOT_ADMITTED: &str = "Until your practice is confirmed (by its first payment, or by the operator of \
                                this server), you can invite only a \
     few people a day, and you can't email your own texts to people outside the practice.";

/// Refuses texts of an account's own in emails to outsiders, until it is admitted: so that a server where anyone may
/// sign up sends no advertisements.
///
/// # Errors
/// It is not admitted yet.
pub async fn must_be_admitted(tx: &Tx, id: AccountId) -> Result<()> {
    match is_admitted(tx, id).await? {
        true => Ok(()),
        false => Err(Error::conflict("practice_unconfirmed", NOT_ADMITTED)),
    }
}

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
