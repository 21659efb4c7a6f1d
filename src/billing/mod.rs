//! Who pays: quotes and purchases, renewals, invoices, the ledger.
//!
//! A quote fixes a price for a quarter of an hour; a purchase charges exactly that, once, however often
//! it is asked for. What costs more begins at once and is charged for the rest of the period; what
//! costs less begins with the renewal. Amounts come from [`crate::money`] and [`crate::prices`], to the
//! cent. Every amount is a line on an invoice or a credit note, and an entry of a ledger that only
//! grows: its sum is what the account owes.
//!
//! Money is moved by a payment provider outside of our transactions: first the intention is committed,
//! then the provider is asked, then what came of it is committed. Whatever breaks in between, the
//! keeper asks again under the same id.

pub mod actions;
pub mod api;
pub mod books;
pub mod charts;
pub mod introduce;
pub mod invoice;
mod keeper;
mod mail;
pub mod pages;
mod quote;
mod renewal;
mod settlement;
mod store;

/// The admin dashboard.
pub mod dashboard {
    pub mod pages;
}

pub use keeper::{Keeper, tick};
pub use quote::{Line, Offer, Wish, reckon};
pub use store::{
    Details, EntryRow, Introduction, InvoiceRow, LineRow, PaymentRow, Quote, Recipient, balance,
};

use crate::{
    clock::{DAY, MINUTE},
    config::Config,
    prices::PriceList,
    word,
};

/// How long a quote holds.
pub const QUOTE_HOLDS: i64 = 15 * MINUTE;

word! {
    /// When a change begins.
    pub enum Effect {
        /// At once.
        Now = "now",
        /// When the running period ends.
        Renewal = "renewal",
    }
}

word! {
    /// Where a quote is.
    pub enum QuoteState {
        /// It can be bought, while it holds.
        Open = "open",
        /// It was bought, and the card is being charged.
        Confirming = "confirming",
        /// It was bought.
        Used = "used",
    }
}

word! {
    /// What a document is.
    pub enum InvoiceKind {
        /// Something is owed to us.
        Invoice = "invoice",
        /// Something is given back.
        CreditNote = "credit_note",
    }
}

word! {
    /// Which way a payment goes.
    pub enum PaymentKind {
        /// Towards us.
        Charge = "charge",
        /// Back.
        Refund = "refund",
    }
}

word! {
    /// Where a payment is.
    pub enum PaymentState {
        /// The provider is asked, or will be again.
        Pending = "pending",
        /// It happened.
        Succeeded = "succeeded",
        /// It did not happen.
        Failed = "failed",
    }
}

word! {
    /// What an entry of the ledger stands for.
    pub enum EntryKind {
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

/// What selling needs of the configuration.
#[derive(Clone, Debug)]
pub struct Shop {
    /// The prices.
    pub prices: PriceList,
    /// The fewest licenses of a group account.
    pub least: i64,
    /// The most licenses by self-service.
    pub most: i64,
    /// Microseconds in which an invoice is to be paid.
    pub payment_time: i64,
    /// Microseconds from then until the account is read-only.
    pub grace: i64,
    /// The version of the terms of use.
    pub terms: String,
    /// Who issues the invoices.
    pub seller: String,
    /// Whether money moves by itself.
    pub by_card: bool,
}

impl Shop {
    /// What of this configuration selling needs.
    pub fn of(config: &Config) -> Self {
        Self {
            prices: config.prices.clone(),
            least: config.licenses_least.into(),
            most: config.licenses_most.into(),
            payment_time: i64::from(config.payment_days) * DAY,
            grace: i64::from(config.grace_days) * DAY,
            terms: config.terms_version.clone(),
            seller: config.seller.clone(),
            by_card: config.payments == crate::config::Payments::Stripe,
        }
    }
}
