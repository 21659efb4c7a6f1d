//! The audit trail as an account's managers read it: in words on the page, as CSV, and in JSON with the check of
//! its chain of hashes. Receipts of the trail are given here, and go out daily.

pub mod api;
mod mail;
pub mod pages;
mod scheduler;
mod store;
mod trail;

pub use scheduler::{Scheduler, receipts_due};
pub use store::{Owner, owner};
