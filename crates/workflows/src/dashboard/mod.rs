//! The admin dashboard: an account's people, who takes each license, and how that has changed.
//!
//! It shows what several slices know and decides nothing: what its forms do are verbs of accounts, members and
//! invitations.

mod charts;
mod pages;
mod routes;
mod store;

#[cfg(debug_assertions)]
pub(crate) use charts::{Bars, Steps};
pub(crate) use routes::routes;
