//! Invoices and credit notes: issued, shown, printed, and which of them are paid.
//!
//! Their numbers run without gaps. Each knows what is still open of it: money that comes in pays the oldest
//! invoice first; a credit note takes back what was charged last, so that an old debt keeps its age. What no
//! invoice needs is the account's credit, and pays the next one.

mod actions;
pub mod api;
mod document;
mod issue;
mod mail;
pub mod pages;
mod store;

pub use actions::{Shown, show};
pub(crate) use issue::{Draft, enter_payment, issue, settle};
pub(crate) use pages::{badge, invoice_page};
pub use store::{InvoiceRow, LineRow};
pub(crate) use store::{by_number, invoice, list, open};

use serde::{Deserialize, Serialize};

use storage::word;

word! {
    /// What a document is.
    pub enum InvoiceKind {
        /// Something is owed to us.
        Invoice = "invoice",
        /// Something is given back.
        CreditNote = "credit_note",
    }
}

/// One line of a sum.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Line {
    /// What for.
    pub text: String,
    /// How it comes about: `2 × $29.00 × 15 of 30 days`.
    pub sum: String,
    /// How much, in minor units.
    pub amount: i64,
}
