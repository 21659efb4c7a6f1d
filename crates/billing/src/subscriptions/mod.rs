//! The life of a subscription: shown, renewed, canceled, ended.
//!
//! A running period keeps the tiers that it was sold at; a renewal takes up what was planned for it, as far as
//! the people who are there allow: nobody is shut out without someone's word. Only the owner ends a
//! subscription, and only the owner takes that back. One that ends within its period gives back what was paid
//! and not used.

mod actions;
pub mod api;
mod close;
mod mail;
pub mod pages;
mod renew;

pub(crate) use actions::remind;
pub use actions::{arrange_limit, cancel, end_own, given_back_at, keep, owes};
pub use api::SubscriptionView;
pub(crate) use renew::renew;
