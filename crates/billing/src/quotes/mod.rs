//! Quotes: what a change costs, fixed for a quarter of an hour.
//!
//! A quote is for one version of the subscription: whatever changes that in between voids it, so two
//! administrators who buy at once can't both be right. What costs more begins at once and is charged for the
//! rest of the period; what costs less begins with the renewal.
//!
//! [`reckon`] computes what a change costs; the page of the slider, the API and the quote all ask it. `sum.rs`
//! writes it out for pages; while the slider moves, the page fetches it anew. `renewal.rs` says what the renewal
//! brings. `apply.rs` makes the change once it is bought.

mod actions;
pub mod api;
mod apply;
mod offer;
pub mod pages;
mod renewal;
mod store;
mod sum;

pub(crate) use actions::must_not_be_ending;
pub use actions::{make, price, show};
pub(crate) use apply::apply;
pub use offer::{Offer, PlanChange, reckon};
pub(crate) use offer::{dates, fractions, share, whole_period};
pub(crate) use pages::quote_page;
pub use renewal::Renewal;
pub use store::Quote;
pub(crate) use store::{agree, change_state, quote};
pub(crate) use sum::period;

use kernel::clock::MINUTE;
use storage::word;

/// How long a quote holds.
pub const QUOTE_HOLDS: i64 = 15 * MINUTE;

word! {
    /// When a change begins.
    pub enum Effect as ChangeTiming {
        /// At once.
        Now = "now",
        /// When the running period ends.
        Renewal = "renewal",
    }
}

word! {
    /// The state of a quote.
    pub enum QuoteState {
        /// It can be bought, while it holds.
        Open = "open",
        /// It was bought, and the card is being charged.
        Confirming = "confirming",
        /// It was bought.
        Used = "used",
    }
}
