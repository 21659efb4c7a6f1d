//! Payments: each try to move money, toward us or back.
//!
//! What is owed is reckoned here; a provider only moves money. A charge takes three steps, each durable before
//! the next: the intention is committed here ([`start`]); it is written down at the provider, whose id of it is
//! kept here; then it is confirmed there ([`provider`]). If an answer is lost, we look at that one intent and
//! confirm it only if it still waits: so nothing is charged twice. What comes of a payment ([`settle`]) is taken
//! up once, no matter who reports it first, and how often.
//!
//! Who owes doesn't confirm: an administrator *reports* a payment that was made outside, the operator *confirms* it,
//! and only then it is in the ledger. So credit and refunds come from confirmed money alone.
//!
//! While a charge is under way, no other can begin and the subscription is not changed. A retry that still
//! waits for its day holds nothing up, and never charges more than is owed by then.

mod actions;
pub mod api;
mod mail;
pub mod pages;
mod provider;
mod refunds;
mod settle;
mod start;
mod store;

pub use actions::{confirm, pay_now, record_all, record_by_operator, record_payout, reject, report_payment};
pub(crate) use provider::{ask_about_due, charge_now};
pub(crate) use refunds::match_request;
pub(crate) use start::{cancel_retry_or_refuse, charge_for_quote, charge_what_is_owed, refund_credit};
pub use store::{PaymentRow, RefundRow, Reported, reported};
pub(crate) use store::{payment, pending_charge, refunds};

use kernel::clock::MINUTE;
use storage::word;

/// What is announced when there is something to be asked of the provider.
pub(crate) const TOPIC: &str = "payments";
/// How long the process that claimed a payment asks the provider before another may: longer than an answer is waited
/// for.
const LEASE: i64 = MINUTE;

word! {
    /// Which way a payment goes.
    pub enum PaymentKind {
        /// Toward us.
        Charge = "charge",
        /// Back.
        Refund = "refund",
    }
}

word! {
    /// The state of a payment.
    pub enum PaymentState {
        /// The account says that it paid; the operator has yet to confirm it, and nothing is credited before.
        Reported = "reported",
        /// A refund that the operator has yet to pay out.
        Requested = "requested",
        /// The provider is asked, or will be again.
        Pending = "pending",
        /// It happened.
        Succeeded = "succeeded",
        /// It did not happen.
        Failed = "failed",
    }
}
