//! Who pays: quotes and purchases, renewals, invoices, the ledger.
//!
//! A quote fixes a price for a quarter of an hour; a purchase charges exactly that, once, however often
//! it is asked for. What costs more begins at once and is charged for the rest of the period; what
//! costs less begins with the renewal. Amounts come from [`kernel::money`] and [`kernel::prices`], to the
//! cent. Every amount is a line on an invoice or a credit note, and an entry of a ledger that only
//! grows: its sum is what the account owes.
//!
//! Money is moved by a payment provider outside of our transactions: first the intention is committed,
//! then the provider is asked, then what came of it is committed. Whatever breaks in between, the
//! scheduler asks again under the same id.
//!
//! The slices, each of which imports only those before it:
//!
//! | slice | verbs |
//! | --- | --- |
//! | [`ledger`] | enter, balance, credit |
//! | [`details`] | to whom invoices go: show, change |
//! | [`invoices`] | issue, show, print, settle |
//! | [`quotes`] | price a change, make a quote, apply one that was bought |
//! | [`charges`] | charge, refund, record a payment, take up what the provider says |
//! | [`cards`] | enter a card, pay with it |
//! | [`subscriptions`] | show, renew, cancel, keep, close, remind |
//! | [`checkout`] | purchase |
//! | [`Scheduler`] | what happens without anyone asking |

pub mod cards;
pub mod charges;
pub mod checkout;
pub mod details;
pub mod invoices;
pub mod ledger;
mod mail;
mod paths;
mod periods;
pub mod quotes;
mod routes;
mod scheduler;
mod shop;
pub mod subscriptions;

pub use routes::{routes, unsold};
pub use scheduler::{Scheduler, tick};
pub use shop::Shop;
