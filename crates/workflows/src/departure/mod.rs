//! Leaving an account, being removed from it, and roles that end what went with another: the license, groups,
//! user groups, open requests, offers of ownership. All of it in one transaction.

pub mod actions;
pub mod api;
mod mail;
pub mod pages;
