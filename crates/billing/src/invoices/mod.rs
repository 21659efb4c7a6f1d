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
mod year;

pub use actions::{Shown, show};
pub(crate) use issue::{Draft, enter_payment, issue, settle};
pub(crate) use pages::{badge, invoice_page};
pub use store::{InvoiceRow, Invoices, LineRow};
pub(crate) use store::{by_number, invoice, list, open};
pub(crate) use year::years;

use serde::{Deserialize, Serialize};

use kernel::money::Money;
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

/// What the end of a subscription gives back. What was never paid is canceled; only what was paid is credited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GivenBack {
    /// What is no longer owed.
    pub canceled: Money,
    /// What is owed to the account.
    pub credited: Money,
}

impl GivenBack {
    /// How an amount divides, where this much is still open.
    pub(crate) fn of(amount: Money, open: i64) -> Self {
        let canceled = amount.amount.min(open);
        let money = |part| Money::new(part, amount.currency);
        Self { canceled: money(canceled), credited: money(amount.amount - canceled) }
    }

    /// What it says to people; nothing where there is nothing.
    pub fn sentence(&self) -> String {
        match (self.canceled.amount, self.credited.amount) {
            (0, 0) => String::new(),
            (_, 0) => format!("The unpaid {} is canceled.", self.canceled),
            (0, _) => format!("{} for unused time is credited to you.", self.credited),
            _ => format!(
                "The unpaid {} is canceled, and {} for unused time is credited to you.",
                self.canceled, self.credited
            ),
        }
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
