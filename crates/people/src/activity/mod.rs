//! The audit trail as an account's managers read it: in words on the page, as CSV, and in JSON with the check of
//! its chain of hashes.

pub mod api;
pub mod pages;
mod trail;
