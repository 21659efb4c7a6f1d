//! The ledger: one entry per document and per movement of money. The database refuses to change or delete
//! any. Its sum is what the account owes; below zero, what it is owed.
//!
//! What no invoice needs of that is the account's credit, and pays the next purchase. Credit that is on its
//! way back to a card is none any more.

pub mod api;
mod store;

pub use store::{EntryRow, balance};
pub(crate) use store::{credit, enter, moved};

use storage::word;

word! {
    /// What an entry of the ledger stands for.
    pub enum EntryKind as LedgerEntryKind {
        /// An invoice: the account owes more.
        Invoice = "invoice",
        /// A credit note: it owes less.
        CreditNote = "credit_note",
        /// It paid.
        Payment = "payment",
        /// It was paid back.
        Refund = "refund",
    }
}
