//! The tenant: its name and settings, its list of protocols, and what a person belongs to.

pub mod actions;
pub mod api;
pub mod pages;
mod store;
mod zones;

pub use store::{
    AccountRow, Belonging, Letterhead, Protocol, Protocols, account_name, admit, await_admission,
    become_group, belongings, close, closed_one, copy_protocols, is_admitted, letterhead, others_belong,
    own_accounts, owned, practice_kind, protocols, set_time_zone,
};
pub use zones::zones;

use kernel::{
    error::{Error, Result},
    id::AccountId,
    practice::PracticeKind,
};
use storage::{Tx, word};

word! {
    /// What an account is.
    pub enum Kind as AccountKind {
        /// One person's.
        Individual = "individual",
        /// A practice's.
        Group = "group",
    }
}

/// The protocols that an account of this kind begins with. They are its own from then on.
const fn first_protocols(kind: PracticeKind) -> &'static [&'static str] {
    match kind {
        PracticeKind::Veterinary => &[
            "Wellness examination",
            "Diagnostic work-up",
            "Respiratory",
            "Lameness",
            "Reproduction",
            "Nutrition",
            "Surgery",
            "Follow-up",
        ],
        PracticeKind::BehavioralHealth => &[
            "Intake assessment",
            "Individual therapy",
            "Group therapy",
            "Family therapy",
            "Medication management",
            "Crisis intervention",
            "Discharge planning",
            "Follow-up",
        ],
        PracticeKind::Other => &["Initial visit", "Evaluation", "Treatment", "Follow-up"],
    }
}

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
pub async fn create(
    tx: &Tx,
    id: AccountId,
    kind: Kind,
    practice_kind: PracticeKind,
    name: &str,
) -> Result<()> {
    store::insert(tx, id, kind, practice_kind, name).await?;
    add_first_protocols(tx, id, practice_kind).await
}

/// Adds the protocols that practices of this kind begin with, where the account has none of the name.
async fn add_first_protocols(tx: &Tx, id: AccountId, kind: PracticeKind) -> Result<()> {
    for protocol in first_protocols(kind) {
        store::insert_protocol(tx, id, tx.id(), protocol).await?;
    }
    Ok(())
}

/// Brings the list of protocols from one kind of practice to another: what practices of the new kind begin with is
/// offered, and what came with the old kind is archived, if no case ever followed it. Nothing is deleted.
async fn exchange_protocols(tx: &Tx, id: AccountId, from: PracticeKind, to: PracticeKind) -> Result<()> {
    for protocol in first_protocols(from).iter().filter(|name| !first_protocols(to).contains(name)) {
        store::archive_unused_protocol(tx, id, protocol).await?;
    }
    for protocol in first_protocols(to) {
        store::offer_protocol(tx, id, protocol).await?;
    }
    add_first_protocols(tx, id, to).await
}
